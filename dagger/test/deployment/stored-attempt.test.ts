import { readFile } from "node:fs/promises"
import { describe, expect, it } from "vitest"
import { beforeRelease, orphans, quarantine } from "../../lib/deployment/ledger.js"
import { readDeployments } from "../../lib/metrics/deployment-record.js"
import { GitHub } from "../../lib/providers/github/github.js"
import { GitHubLedger } from "../../lib/providers/github/ledger.js"
import { Verdict } from "../../src/exposed-types.js"
import { gitHub } from "../../stand-ins/github.js"
import { commit } from "../support/app.js"
import { fastClock } from "../support/fast-clock.js"
import { opening } from "../support/openings.js"

// What the code of commit 51dafcb wrote: a release of both components, one that was killed between them, a rollback by hand, and a
// deployment whose run was killed.
const record = (name: string) => readFile(new URL(`./records/${name}`, import.meta.url), "utf8")
const past = new Date("2026-11-01T00:00:00Z")
const places = ["backend", "frontend"].map((component) => ({ component, environment: "staging" }))

/** A repository whose deployments are those of the record, as GitHub was sent them. */
async function repository() {
  const server = await gitHub({ now: () => new Date("2026-11-24T12:00:00Z") })
  const github = new GitHub({ repository: "owner/book", token: "ghp_x", api: server.url }, fastClock())
  for (const letter of "abc") server.commit(`version ${letter}`, [], "main", commit(letter))
  const entries: { deployment: object; statuses: object[] }[] = JSON.parse(await record("github-deployments.json"))
  for (const { deployment, statuses } of entries) {
    const { text } = await github.ask("POST", "/deployments", { ...deployment, required_contexts: [] })
    for (const status of statuses) await github.ask("POST", `/deployments/${JSON.parse(text).id}/statuses`, status)
  }
  return { server, ledger: new GitHubLedger(github), [Symbol.asyncDispose]: () => server.close() }
}

describe("entries at GitHub with the earlier keys", () => {
  it("still name what was live before a release of both components", async () => {
    await using it = await repository()

    const [killed, ...released] = await it.ledger.list("backend", "staging")

    expect(killed).toMatchObject({ commit: commit("c"), verdict: undefined, bothComponents: true })
    expect(beforeRelease(released, commit("b"))?.commit).toBe(commit("a"))
  })

  it("still quarantine a version, and stay open when their run was killed", async () => {
    await using it = await repository()
    expect(quarantine(await it.ledger.list("frontend", "staging"), commit("b"))).toMatch(/: prices are wrong$/)
    expect(orphans(await it.ledger.list("backend", "staging"))).toHaveLength(1)
  })

  it("are all read, and closed with the keys that they have", async () => {
    await using it = await repository()
    const [killed] = await it.ledger.list("backend", "staging")

    await it.ledger.close(killed?.entry ?? "", { verdict: Verdict.Failed, id: "", reason: "killed", endedAt: "" })

    const { attempts, unreadable, foreign } = await it.ledger.history(places, past)
    expect(attempts.map(({ component, version, verdict }) => `${component} ${version} ${verdict}`)).toEqual([
      "backend c failed",
      "frontend a success",
      "frontend b success",
      "backend b success",
      "frontend a success",
      "backend a success",
    ])
    expect({ unreadable, foreign }).toEqual({ unreadable: 0, foreign: 0 })
  })

  it("are followed by entries with the keys of today", async () => {
    await using it = await repository()
    await it.ledger.open(opening("b", { bothComponents: true }))
    const written = await fetch(`${it.server.url}/repos/owner/book/deployments?per_page=1`)
    const [newest] = (await written.json()) as { payload: object }[]
    expect(newest?.payload).toMatchObject({ bothComponents: true })
    expect(newest?.payload).not.toHaveProperty("bothHalves")
  })
})

describe("an entry at GitHub", () => {
  it("keeps how much came from a cache; an older one says nothing of it", async () => {
    await using it = await repository()
    const cache = { steps: 7, cached: 4, unknown: 1 }
    const entry = await it.ledger.open(opening("b", { cache }))
    const attempts = await it.ledger.list("backend", "staging")
    expect(attempts.find((attempt) => attempt.entry === entry)?.cache).toEqual(cache)
    expect(attempts.filter((attempt) => attempt.cache !== undefined)).toHaveLength(1)
  })
})

describe("a deployments.json of schema 1", () => {
  it("is read whole, with the component of each attempt", async () => {
    const { history, committedAt } = readDeployments(await record("deployments-schema-1.json"))
    expect(history.attempts.map(({ component, bothComponents }) => [component, bothComponents])).toEqual([
      ["backend", true],
      ["frontend", false],
      ["frontend", false],
      ["backend", true],
      ["frontend", true],
      ["backend", true],
    ])
    expect(history.unreadable).toBe(0)
    expect(committedAt.get(commit("b"))).toBe("2026-11-24T11:00:00Z")
  })
})
