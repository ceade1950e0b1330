import { mkdtemp } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { type Attempt, beforeRelease, lastGood, orphans, Purpose, quarantine } from "../../lib/deployment/ledger.js"
import { Component, Verdict } from "../../src/exposed-types.js"
import { commit } from "../support/app.js"
import { LocalLedger } from "../support/local-ledger.js"
import { opening } from "../support/openings.js"
import { world } from "../support/world.js"

const attempt = (letter: string, verdict: Verdict | undefined, extra: Partial<Attempt> = {}): Attempt => ({
  ...opening(letter),
  entry: letter,
  endedAt: "2026-11-24T12:05:00.000Z",
  reason: "answered 500",
  verdict,
  ...extra,
})

describe("what the ledger shows", () => {
  const rolledBack = attempt("b", Verdict.RolledBack)

  it("quarantines a version that was rolled back", () => {
    expect(quarantine([rolledBack, attempt("a", Verdict.Success)], commit("b"))).toBe(
      "it was rolled back on 2026-11-24T12:05:00.000Z: answered 500",
    )
    expect(quarantine([rolledBack], commit("a"))).toBe("")
  })

  it("knows what was live before a release of both components, over all its runs", () => {
    const [bothComponents, a] = [true, { previousCommit: commit("a"), previousId: "id-a" }]
    const first = attempt("b", Verdict.Inconclusive, { bothComponents, ...a })
    const again = attempt("b", Verdict.Success, { bothComponents, previousCommit: commit("b"), previousId: "id-b" })
    const refused = attempt("c", Verdict.Refused)
    const before = { commit: commit("a"), id: "id-a" }
    expect(beforeRelease([first], commit("b"))).toEqual(before)
    expect(beforeRelease([refused, again, first, attempt("a", Verdict.Success)], commit("b"))).toEqual(before)
    expect(beforeRelease([attempt("b", Verdict.Success, a)], commit("b"))).toBeUndefined()
    expect(beforeRelease([attempt("c", Verdict.Success), first], commit("b"))).toBeUndefined()
    expect(beforeRelease([attempt("b", Verdict.Success, { bothComponents })], commit("b"))).toBeUndefined()
  })

  it("quarantines the version that a manual rollback replaced", () => {
    const byHand = attempt("a", Verdict.Success, {
      purpose: Purpose.Rollback,
      previousCommit: commit("b"),
      why: "prices are wrong",
    })
    expect(quarantine([byHand], commit("b"))).toBe(
      "it was rolled back by ana on 2026-11-24T12:05:00.000Z: prices are wrong",
    )
  })

  it("lifts the quarantine once the version went live again", () => {
    expect(quarantine([attempt("b", Verdict.Success), rolledBack], commit("b"))).toBe("")
  })

  it("does not quarantine a version that failed before it went live", () => {
    expect(quarantine([attempt("b", Verdict.Failed)], commit("b"))).toBe("")
  })

  it("rolls back to the newest good version, not to the newest one", () => {
    const history = [
      attempt("d", Verdict.Failed),
      attempt("c", Verdict.RolledBack),
      attempt("b", Verdict.Success),
      attempt("a", Verdict.Success),
    ]
    expect(lastGood(history, { commit: commit("e"), id: "" })?.commit).toBe(commit("b"))
    expect(lastGood(history, { commit: commit("b"), id: "" })?.commit).toBe(commit("a"))
    expect(lastGood(history, { commit: "", id: "id-b" })?.commit).toBe(commit("a"))
    expect(lastGood([], { commit: commit("b"), id: "" })).toBeUndefined()
  })
})

it("records when the call began, which is before the lock when it checked and built first", async () => {
  await using it = await world(Component.Frontend, await mkdtemp(join(tmpdir(), "ledger-")))
  const calledAt = new Date("2026-11-24T11:52:00.000Z")

  await it.deploy("b", { calledAt })
  await it.deploy("c")

  const [second, first] = await it.ledger.list("frontend", it.target.environment)
  expect(first?.calledAt).toBe("2026-11-24T11:52:00.000Z")
  expect(Date.parse(second?.calledAt ?? "")).toBeLessThanOrEqual(Date.parse(second?.startedAt ?? ""))
  expect(Date.parse(second?.calledAt ?? "")).toBeGreaterThan(Date.parse(first?.startedAt ?? ""))
})

it("records how much of a deployment came from a cache, in its entry and in its report, and nothing where nobody counted", async () => {
  await using it = await world(Component.Frontend, await mkdtemp(join(tmpdir(), "ledger-")))
  const cache = { steps: 4, cached: 3, unknown: 0 }

  const counted = await it.deploy("b", { cache })
  const uncounted = await it.deploy("c")

  const [second, first] = await it.ledger.list("frontend", it.target.environment)
  expect([counted.cache, first?.cache]).toEqual([cache, cache])
  expect([uncounted.cache, second?.cache]).toEqual([undefined, undefined])
})

describe("the local ledger", () => {
  it("keeps each attempt once, newest first, with its verdict", async () => {
    const ledger = new LocalLedger(await mkdtemp(join(tmpdir(), "ledger-")))
    const first = await ledger.open(opening("a"))
    await ledger.open(opening("b", { startedAt: "2026-11-24T13:00:00.000Z" }))
    await ledger.open(opening("c", { environment: "production" }))
    await ledger.close(first, { verdict: Verdict.Success, id: "id-a", reason: "", endedAt: "2026-11-24T12:01:00.000Z" })

    const attempts = await ledger.list("backend", "staging")

    expect(attempts.map(({ commit, verdict }) => [commit[0], verdict])).toEqual([
      ["b", undefined],
      ["a", Verdict.Success],
    ])
    expect(orphans(attempts)).toHaveLength(1)
  })

  it("is empty before its folder exists", async () => {
    expect(await new LocalLedger("/nowhere/at/all").list("backend", "staging")).toEqual([])
  })
})
