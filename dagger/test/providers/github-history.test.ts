import { describe, expect, it } from "vitest"
import { Purpose } from "../../lib/deployment/ledger.js"
import { GitHub } from "../../lib/providers/github/github.js"
import { GitHubLedger } from "../../lib/providers/github/ledger.js"
import { Verdict } from "../../src/exposed-types.js"
import { gitHub } from "../../stand-ins/github.js"
import { fastClock } from "../support/fast-clock.js"
import { opening } from "../support/openings.js"

const backend = { component: "backend", environment: "staging" }
const frontend = { component: "frontend", environment: "staging" }
const start = Date.parse("2026-11-01T00:00:00Z")
const minutes = (count: number) => new Date(start + count * 60_000)

/** A repository in whose ledger `count` attempts ended, one each minute. */
async function repository({ count = 0, component = "backend" } = {}) {
  const clock = fastClock()
  let made = 0
  const server = await gitHub({ token: "ghp_right", now: () => minutes(made) })
  const github = new GitHub({ repository: "owner/book", token: "ghp_right", api: server.url }, clock)
  const root = server.commit("root", [], "main")
  const ledger = new GitHubLedger(github)
  for (; made < count; made++) {
    const entry = await ledger.open(opening("a", { commit: root, component, version: `v${made}` }))
    await ledger.close(entry, { verdict: Verdict.Success, id: "id-a", reason: "", endedAt: "" })
  }
  server.log.length = 0
  return { server, clock, github, ledger, root, [Symbol.asyncDispose]: () => server.close() }
}

/** The most questions for an attempt's end at once; they are held until there are eight, and some turns longer. */
function atOnce(server: Awaited<ReturnType<typeof gitHub>>) {
  let [now, most] = [0, 0]
  const eight = Promise.withResolvers<void>()
  server.onRequest = async (when, request) => {
    if (!request.endsWith("/statuses")) return
    now += when === "before" ? 1 : -1
    most = Math.max(most, now)
    if (now === 8) for (let turn = 0; turn < 50; turn++) await new Promise((next) => setImmediate(next))
    if (now >= 8) eight.resolve()
    if (when === "before") await eight.promise
  }
  return () => most
}

describe("the history in the ledger", () => {
  it("reads all pages back to a time, and no further", async () => {
    await using it = await repository({ count: 230 })

    const { attempts, ...rest } = await it.ledger.history([backend], minutes(20))

    expect(attempts.map(({ version }) => version)).toEqual(Array.from({ length: 210 }, (_, n) => `v${229 - n}`))
    expect(attempts[0]).toMatchObject({ component: "backend", environment: "staging", verdict: Verdict.Success })
    expect(rest).toEqual({ since: minutes(20).toISOString(), cut: false, foreign: 0, unreadable: 0 })
    expect(it.server.log.filter(({ path }) => path.endsWith("/deployments"))).toHaveLength(3)
    expect(it.server.writes()).toEqual([])
  })

  it("leaves out what is older than the newest 450 of all places, and says from when it is whole", async () => {
    await using it = await repository({ count: 460 })
    const other = await it.ledger.open(opening("b", { commit: it.root, component: "frontend" }))
    it.server.log.length = 0

    const { attempts, since, cut } = await it.ledger.history([frontend, backend], new Date(0))

    expect(attempts).toHaveLength(450)
    expect(attempts[0]?.entry).toBe(other)
    expect([since, cut]).toEqual(["2026-11-01T00:11:00Z", true])
    expect(attempts.at(-1)?.version).toBe("v11")
    // With a commit for each, that is less than the 1000 requests that a workflow has in an hour.
    expect(it.server.log.length).toBeLessThan(500)
  })

  it("counts what others made and what it can't read, and passes over both", async () => {
    await using it = await repository({ count: 1 })
    const made = (payload: unknown) =>
      it.github.ask("POST", "/deployments", {
        ref: "main",
        task: "deploy-backend",
        environment: "staging",
        required_contexts: [],
        payload,
      })
    await made("by hand")
    await made({ mark: 7 })
    await made({ mark: "half written" })
    await made({ ...opening("b"), mark: "odd", purpose: "fun" })

    expect(await it.ledger.history([backend], new Date(0))).toMatchObject({
      attempts: [{ version: "v0" }],
      foreign: 2,
      unreadable: 2,
    })
  })

  it("keeps an attempt once when another is made while it turns the page", async () => {
    await using it = await repository({ count: 101 })
    let turned = false
    it.server.onRequest = async (when, request) => {
      if (when === "before" || turned || !/GET .*\/deployments$/.test(request)) return
      turned = true
      await it.ledger.open(opening("b", { commit: it.root, purpose: Purpose.Rollback }))
    }
    const { attempts } = await it.ledger.history([backend], new Date(0))
    expect(attempts.map(({ version }) => version)).toEqual(Array.from({ length: 101 }, (_, n) => `v${100 - n}`))
  })

  it("asks GitHub eight things at once, not one after the other and not all", async () => {
    await using it = await repository({ count: 40 })
    const most = atOnce(it.server)
    await it.ledger.history([backend], new Date(0))
    expect(most()).toBe(8)
  })

  it("reads the newest thirty for a rollback eight at once too", async () => {
    await using it = await repository({ count: 31 })
    const most = atOnce(it.server)
    expect((await it.ledger.list("backend", "staging")).map(({ version }) => version)).toEqual(
      Array.from({ length: 30 }, (_, n) => `v${30 - n}`),
    )
    expect(most()).toBe(8)
    expect(it.server.log).toHaveLength(31)
  })
})

describe("a history that can't be read", () => {
  const refusals: [name: string, status: number, headers: Record<string, string>, body: string, told: string][] = [
    [
      "an expired token",
      401,
      {},
      '{"message":"Bad credentials"}',
      `GitHub refused a request.
  why: GET /deployments was answered 401: Bad credentials
  next: the token is missing, wrong or expired: make a new one and store it where the call reads it`,
    ],
    [
      "a token that may not read deployments",
      403,
      {},
      '{"message":"Resource not accessible by integration"}',
      `GitHub refused a request.
  why: GET /deployments was answered 403: Resource not accessible by integration
  next: the token is valid but may not read this: give it the repository's deployments and contents, read-only is enough`,
    ],
    [
      "a rate limit that is used up",
      403,
      { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1795522800" },
      '{"message":"API rate limit exceeded"}',
      `GitHub refused a request.
  why: GET /deployments was answered 403: API rate limit exceeded
  next: the rate limit is used up: wait an hour, then run the same command again`,
    ],
    [
      "an outage that lasts",
      503,
      {},
      "<html>Unicorn!</html>",
      `GitHub refused a request.
  why: GET /deployments was answered 503: an HTML page
  next: run the same command again; it checks first and repeats nothing that is done`,
    ],
  ]
  it.each(refusals)("says what to do about %s", async (_, status, headers, body, told) => {
    await using it = await repository({ count: 1 })
    it.server.fail({ on: /GET .*\/deployments$/, kind: "status", status, headers, body, times: 9 })
    await expect(it.ledger.history([backend], new Date(0))).rejects.toThrow(expect.objectContaining({ message: told }))
  })

  it("waits out a short limit, and outages that pass", async () => {
    await using it = await repository({ count: 3 })
    it.server.fail({ on: /GET .*\/deployments$/, kind: "status", status: 429, headers: { "retry-after": "7" } })
    it.server.fail({ on: /statuses$/, kind: "status", status: 502 })
    it.server.fail({ on: /statuses$/, kind: "reset" })
    expect((await it.ledger.history([backend], new Date(0))).attempts).toHaveLength(3)
    expect(it.clock.slept).toBe(7000 + 1000 + 1000)
  })

  it("gives no part of it when one attempt's end can't be read", async () => {
    await using it = await repository({ count: 3 })
    it.server.fail({ on: /statuses$/, kind: "status", status: 500, after: 1, times: 99 })
    await expect(it.ledger.history([backend], new Date(0))).rejects.toThrow(/^GitHub refused a request\./)
  })
})

describe("the date of a commit", () => {
  it("is when it was committed, and empty for one that GitHub does not have", async () => {
    await using it = await repository()
    expect(await it.github.committedAt(it.root)).toBe("2026-11-01T00:00:00Z")
    expect(await it.github.committedAt("f".repeat(40))).toBe("")
  })

  it("is not guessed when GitHub fails", async () => {
    await using it = await repository()
    it.server.fail({ on: /git\/commits/, kind: "status", status: 403, body: '{"message":"Forbidden"}' })
    await expect(it.github.committedAt(it.root)).rejects.toThrow(/answered 403: Forbidden\n.*read-only is enough$/s)
  })
})
