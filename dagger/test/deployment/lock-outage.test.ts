import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { LeasedLock } from "../../lib/deployment/lock.js"
import { rollback } from "../../lib/deployment/rollback.js"
import { GitHub } from "../../lib/providers/github/github.js"
import { GitHubLocks } from "../../lib/providers/github/lock.js"
import { Component, Verdict } from "../../src/exposed-types.js"
import { gitHub, type LimitKind } from "../../stand-ins/github.js"
import { commit } from "../support/app.js"
import { fastClock } from "../support/fast-clock.js"
import { world } from "../support/world.js"

let scratch = ""
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "lock-outage-"))
})
afterAll(() => rm(scratch, { recursive: true, force: true }))

const always = 10_000
const lockRequests = /\/git\//

/** A site whose version "b" answers 500 at its live address; lock and ledger are at GitHub. */
async function badVersion() {
  const github = await gitHub()
  for (const letter of "abc") github.commit(letter, [], "", commit(letter))
  const it = await world(Component.Frontend, scratch, { github })
  const isBadLive = () => it.serving() === "b"
  it.front.fail({ on: /version/, kind: "status", status: 500, times: always, when: isBadLive })
  const close = async () => void (await Promise.all([github.close(), it[Symbol.asyncDispose]()]))
  return { ...it, github, isBadLive, [Symbol.asyncDispose]: close }
}

/** Somebody else who waits until the lock may be taken over, and takes it. */
const another = ({ github }: { github: { url: string } }) => {
  const clock = fastClock(new Date().toISOString())
  const store = new GitHubLocks(new GitHub({ repository: "owner/book", token: "ghp_x", api: github.url }, clock))
  return new LeasedLock(store, clock).take("staging", { owner: "ben", run: "", reason: "" })
}

describe("a bad version that is live", () => {
  it.each(["primary", "with retry-after", "429 with retry-after", "secondary without a header"] satisfies LimitKind[])(
    "is replaced by the one before while GitHub, which keeps the lock, answers with a limit: %s",
    async (kind) => {
      await using it = await badVersion()
      it.github.limit(kind, { on: lockRequests, times: always, when: it.isBadLive })

      const deployment = await it.deploy("b")

      expect([deployment.verdict, await it.live()]).toEqual([Verdict.RolledBack, "a"])
      expect(deployment.warnings).toEqual([
        expect.stringMatching(
          /^The way back went on without asking the lock: GitHub refused a request.*The lease of this run still lasts until 20/,
        ),
      ])
    },
  )

  it.each([
    ["drops connections", "reset", 0],
    ["answers 503", "status", 503],
  ] as const)("is replaced while GitHub %s", async (_, kind, status) => {
    await using it = await badVersion()
    it.github.fail({ on: lockRequests, kind, status, times: always, when: it.isBadLive })

    const deployment = await it.deploy("b")

    expect([deployment.verdict, await it.live()]).toEqual([Verdict.RolledBack, "a"])
    expect(deployment.warnings).toHaveLength(1)
  })

  it("is replaced although the lease ran out meanwhile, for the host still serves what this run put there", async () => {
    await using it = await badVersion()
    const { clock } = it.target
    it.github.fail({ on: lockRequests, kind: "reset", times: always, when: it.isBadLive })

    const slowProbe = async (url: string, wanted: string, id: string) => {
      if (it.isBadLive()) await clock.sleep(400_000)
      return it.target.probe(url, wanted, id)
    }
    const deployment = await it.deploy("b", { probe: slowProbe })

    expect([deployment.verdict, await it.live()]).toEqual([Verdict.RolledBack, "a"])
    expect(deployment.warnings?.[0]).toMatch(/lease of this run ran out at 20.*still serves what this run put there$/)
  })

  it("is left to whoever has the lock by now", async () => {
    await using it = await badVersion()
    let taken = false
    const paused = async (url: string, wanted: string, id: string) => {
      if (it.isBadLive() && !taken) {
        taken = true
        await another(it)
      }
      return it.target.probe(url, wanted, id)
    }

    const deployment = await it.deploy("b", { probe: paused })

    expect(deployment).toMatchObject({ verdict: Verdict.RollbackFailed, liveCommit: commit("b") })
    expect(deployment.reason).toContain("the lock went to ben")
    expect(deployment.warnings).toBeUndefined()
  })

  it("is left to whoever put another one live while the lease had run out and nobody could ask for the lock", async () => {
    await using it = await badVersion()
    const { clock } = it.target
    let over = false
    const overtaken = async (url: string, wanted: string, id: string) => {
      if (it.isBadLive() && !over) {
        over = true
        await it.deploy("c", { lock: undefined as never })
        await clock.sleep(400_000)
        it.github.fail({ on: lockRequests, kind: "reset", times: always })
        return { ...(await it.target.probe(url, wanted, id)), state: "unhealthy" as never, reason: "it answered 500" }
      }
      return it.target.probe(url, wanted, id)
    }

    const deployment = await it.deploy("b", { probe: overtaken })

    expect(await it.live()).toBe("c")
    expect(deployment).toMatchObject({ verdict: Verdict.RollbackFailed, liveCommit: commit("c") })
    expect(deployment.reason).toMatch(/the lease of this run ran out .* and the host serves something else by now/)
  })

  it("is left by a rollback by hand too while GitHub answers with a limit", async () => {
    await using it = await badVersion()
    await it.deploy("c")
    let held = false
    it.github.onRequest = (when, request) => {
      held ||= when === "after" && request.startsWith("POST") && request.endsWith("/deployments")
    }
    it.github.limit("secondary without a header", { on: lockRequests, times: always, when: () => held })

    const deployment = await rollback(it.target, { to: commit("a"), reason: "prices" })

    expect([deployment.verdict, await it.live()]).toEqual([Verdict.Success, "a"])
    expect(deployment.warnings?.[0]).toMatch(/^The way back went on without asking the lock: /)
  })
})
