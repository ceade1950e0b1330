import { describe, expect, it } from "vitest"
import { orphans } from "../../lib/deployment/ledger.js"
import { LeasedLock } from "../../lib/deployment/lock.js"
import { Merge } from "../../lib/deployment/promotion.js"
import { Order } from "../../lib/deployment/release.js"
import { GitHub } from "../../lib/providers/github/github.js"
import { GitHubLedger } from "../../lib/providers/github/ledger.js"
import { GitHubLocks } from "../../lib/providers/github/lock.js"
import { Verdict } from "../../src/exposed-types.js"
import { gitHub } from "../../stand-ins/github.js"
import { fastClock } from "../support/fast-clock.js"
import { opening } from "../support/openings.js"

async function repository() {
  const clock = fastClock()
  const server = await gitHub({ token: "ghp_right", now: clock.now })
  const github = new GitHub({ repository: "owner/book", token: "ghp_right", api: server.url }, clock)
  const root = server.commit("root", [], "main")
  return { server, clock, github, root, [Symbol.asyncDispose]: () => server.close() }
}
const who = (owner: string) => ({ owner, run: "https://runs.example/7", reason: "deploy" })

describe("the lock as a git ref", () => {
  it("goes to exactly one of eight that come at once", async () => {
    await using it = await repository()
    const impatient = () =>
      new LeasedLock(new GitHubLocks(it.github), fastClock(), { leaseSeconds: 180, waitSeconds: 0 })
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, (_, n) => impatient().take("staging", who(`run${n}`))),
    )
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1)
  })

  it("is held, given back, and taken over from a holder that died", async () => {
    await using it = await repository()
    const lock = () => new LeasedLock(new GitHubLocks(it.github), it.clock)
    const first = await lock().take("staging", who("ana"))
    await first.hold()
    await first.release()
    await lock().take("staging", who("ben"))
    const third = await lock().take("staging", who("eva"))

    expect(await new GitHubLocks(it.github).read("staging")).toMatchObject({ record: { owner: "eva", fence: 3 } })
    await third.release()
  })

  it("knows that it holds the lock although the answer was lost", async () => {
    await using it = await repository()
    it.server.fail({ on: /POST .*\/git\/refs$/, kind: "lost reply" })
    const lease = await new LeasedLock(new GitHubLocks(it.github), it.clock).take("staging", who("ana"))
    it.server.fail({ on: /PATCH .*\/git\/refs/, kind: "lost reply" })
    await lease.hold()
    expect((await new GitHubLocks(it.github).read("staging"))?.record).toMatchObject({ owner: "ana", fence: 1 })
  })
})

describe("the ledger as deployments", () => {
  it("keeps each attempt once, with how it ended", async () => {
    await using it = await repository()
    const ledger = new GitHubLedger(it.github)
    const first = await ledger.open(opening("a", { commit: it.root, version: "v1" }))
    await ledger.open(opening("b", { commit: it.root, version: "v2" }))
    await ledger.open(opening("c", { commit: it.root, component: "frontend" }))
    await ledger.close(first, { verdict: Verdict.RolledBack, id: "id-a", reason: "x".repeat(500), endedAt: "" })

    const attempts = await ledger.list("backend", "staging")

    expect(attempts.map(({ version, verdict, id }) => [version, verdict, id])).toEqual([
      ["v2", undefined, "id-b"],
      ["v1", Verdict.RolledBack, "id-a"],
    ])
    expect(attempts[1]?.reason).toMatch(/^x{100,}…$/)
    expect(orphans(attempts)).toHaveLength(1)
    expect(it.server.deployments().at(-1)).toMatchObject({
      task: "deploy-backend",
      environment: "staging",
      states: ["in_progress", "failure"],
    })
  })

  it("opens one entry although the answer is lost or GitHub fails", async () => {
    await using it = await repository()
    it.server.fail({ on: /POST .*\/deployments$/, kind: "lost reply" })
    const ledger = new GitHubLedger(it.github)
    await ledger.open(opening("a", { commit: it.root }))
    it.server.fail({ on: /POST .*\/deployments$/, kind: "status", status: 502 })
    await ledger.open(opening("b", { commit: it.root }))
    expect(it.server.deployments()).toHaveLength(2)
  })

  it("passes over deployments that somebody else made", async () => {
    await using it = await repository()
    await it.github.ask("POST", "/deployments", {
      ref: "main",
      task: "deploy-backend",
      environment: "staging",
      required_contexts: [],
      payload: "by hand",
    })
    expect(await new GitHubLedger(it.github).list("backend", "staging")).toEqual([])
  })
})

describe("the history", () => {
  it("tells older from newer from diverged", async () => {
    await using it = await repository()
    const next = it.server.commit("next", [it.root], "main")
    const side = it.server.commit("side", [it.root], "staging")
    expect(await it.github.order(next, it.root)).toBe(Order.Newer)
    expect(await it.github.order(it.root, next)).toBe(Order.Older)
    expect(await it.github.order(next, next)).toBe(Order.Same)
    expect(await it.github.order(side, next)).toBe(Order.Diverged)
    await expect(it.github.order("f".repeat(40), next)).rejects.toThrow(
      /^Whether fffffff is newer than what is live is unknown\.\n {2}why: GitHub does not know one of f{40} and /,
    )
  })

  it("knows a branch whose name an address has to quote", async () => {
    await using it = await repository()
    it.server.commit("next", [it.root], "fix/#1 100%")

    expect(await it.github.order(it.root, "fix/#1 100%")).toBe(Order.Older)
  })

  it("merges a commit once, and tells a conflict", async () => {
    await using it = await repository()
    const side = it.server.commit("side", [it.root], "staging")
    it.server.conflictNext()
    expect(await it.github.merge("main", side)).toEqual({ merge: Merge.Conflict, said: "Merge conflict" })
    expect(await it.github.merge("main", side)).toEqual({ merge: Merge.Merged, said: "" })
    expect(await it.github.merge("main", side)).toEqual({ merge: Merge.Nothing, said: "" })
    await expect(it.github.merge("nowhere", side)).rejects.toThrowErrorMatchingInlineSnapshot(`
      [PipelineError: GitHub refused a request.
        why: POST /merges was answered 404: Base does not exist
        next: check the name in the settings; a private one also answers 404 to a token that may not see it]
    `)
  })

  it.each([
    ["This branch must not contain merge commits.", [{ type: "required_linear_history" }]],
    ["Repository rule violations found Changes must be made through a pull request.", [{ type: "pull_request" }]],
  ])("tells a rule of the branch from a conflict, in GitHub's words: %s", async (said, rules) => {
    await using it = await repository()
    const side = it.server.commit("side", [it.root], "staging")
    it.server.rule("main", rules)

    expect(await it.github.merge("main", side)).toEqual({ merge: Merge.Forbidden, said })
  })

  it.each([
    ["primary", 40_000],
    ["with retry-after", 50_000],
    ["429 with retry-after", 50_000],
    ["secondary without a header", 60_000],
  ] as const)("waits for a limit, %s, and merges once", async (kind, milliseconds) => {
    await using it = await repository()
    const side = it.server.commit("side", [it.root], "staging")
    it.server.limit(kind, { on: /POST .*\/merges/ })

    expect(await it.github.merge("main", side)).toEqual({ merge: Merge.Merged, said: "" })
    expect(it.clock.slept).toBe(milliseconds)
  })

  it("waits until the time that a limit names", async () => {
    await using it = await repository()
    const side = it.server.commit("side", [it.root], "staging")
    const headers = { "retry-after": new Date(it.clock.now().getTime() + 25_000).toUTCString() }
    it.server.fail({ on: /POST .*\/merges/, kind: "status", status: 429, headers })

    expect(await it.github.merge("main", side)).toEqual({ merge: Merge.Merged, said: "" })
    expect(it.clock.slept).toBe(25_000)
  })

  it("waits a second after an outage, whatever is left of the hour's requests", async () => {
    await using it = await repository()
    it.server.fail({ on: /GET .*\/compare/, kind: "status", status: 502 })

    expect(await it.github.order(it.root, it.root)).toBe(Order.Same)
    expect(it.clock.slept).toBe(1000)
  })

  it("waits for no limit longer than there is time, and tells a limit from a token that may not", async () => {
    await using it = await repository()
    const side = it.server.commit("side", [it.root], "staging")
    const soon = it.github.by(it.clock.now().getTime() + 30_000)
    it.server.limit("secondary without a header", { on: /POST .*\/merges/ })
    await expect(soon.merge("main", side)).rejects.toThrowErrorMatchingInlineSnapshot(`
      [PipelineError: GitHub refused a request.
        why: POST /merges was answered 403: You have exceeded a secondary rate limit. Please wait a few minutes before you try again. If you reach out to GitHub Support for help, please include the request ID.
        next: the rate limit is used up: wait an hour, then run the same command again]
    `)
    it.server.fail({ on: /merges/, kind: "status", status: 403, body: '{"message":"Resource not accessible"}' })
    expect(await soon.merge("main", side)).toEqual({ merge: Merge.Forbidden, said: "Resource not accessible" })
    expect(it.clock.slept).toBe(0)
  })

  it("shows no token when it is refused", async () => {
    await using it = await repository()
    const github = new GitHub({ repository: "owner/book", token: "ghp_wrong", api: it.server.url }, it.clock)
    await expect(github.order(it.root, it.root)).rejects.toThrowErrorMatchingInlineSnapshot(`
      [PipelineError: GitHub refused a request.
        why: GET /compare/${it.root}...${it.root} was answered 401: Bad credentials
        next: the token is missing, wrong or expired: make a new one and store it where the call reads it]
    `)
  })
})
