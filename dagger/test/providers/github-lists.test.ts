import { describe, expect, it } from "vitest"
import { z } from "zod"
import type { Host } from "../../lib/deployment/host.js"
import { lastGood } from "../../lib/deployment/ledger.js"
import { releases } from "../../lib/deployment/rollback.js"
import type { Target } from "../../lib/deployment/target.js"
import { GitHub } from "../../lib/providers/github/github.js"
import { GitHubIssues } from "../../lib/providers/github/issues.js"
import { GitHubLedger } from "../../lib/providers/github/ledger.js"
import { BranchProtection } from "../../lib/providers/github/protection.js"
import { environmentOnGitHub, repositoryFacts, storedSecrets } from "../../lib/providers/github/repository-facts.js"
import { GitHubStatuses } from "../../lib/providers/github/statuses.js"
import { Component, StatusContext, StatusState, Verdict } from "../../src/exposed-types.js"
import { gitHub } from "../../stand-ins/github.js"
import { standIn } from "../../stand-ins/server.js"
import { fastClock } from "../support/fast-clock.js"
import { opening } from "../support/openings.js"
import { operation } from "../support/operations.js"

/** A repository whose lists come in pages of two. */
async function repository({ pageSize = 2 } = {}) {
  const clock = fastClock()
  const server = await gitHub({ token: "ghp_right", now: clock.now, pageSize })
  const github = new GitHub({ repository: "owner/book", token: "ghp_right", api: server.url }, clock)
  const root = server.commit("root", [], "main")
  return { server, clock, github, root, [Symbol.asyncDispose]: () => server.close() }
}
const until = Number.POSITIVE_INFINITY
const incident = (cause: string) => ({
  ...{ environment: "production", component: Component.Backend, cause, title: cause, body: "It is down." },
})

describe("a list of GitHub that comes in pages of two", () => {
  it("of deployments: the newest thirty are read", async () => {
    await using it = await repository()
    const ledger = new GitHubLedger(it.github)
    for (let n = 0; n < 33; n++) await ledger.open(opening("a", { commit: it.root, version: `v${n}` }))

    const versions = (await ledger.list("backend", "staging")).map(({ version }) => version)

    expect(versions).toEqual(Array.from({ length: 30 }, (_, n) => `v${32 - n}`))
  })

  it("of deployments: refusals that came one after the other hide none of the ten releases", async () => {
    await using it = await repository({ pageSize: 30 })
    const ledger = new GitHubLedger(it.github)
    const attempt = async (id: string, verdict: Verdict) => {
      const entry = await ledger.open(opening("a", { commit: it.root, id }))
      await ledger.close(entry, { verdict, id, reason: "", endedAt: "" })
    }
    for (let n = 0; n < 11; n++) await attempt(`id-${n}`, Verdict.Success)
    for (let n = 0; n < 45; n++) await attempt("id-x", Verdict.Refused)
    const host = { live: async () => undefined, has: async () => true } as unknown as Host<never>
    const target = { component: Component.Backend, environment: "staging", ledger, host, clock: it.clock }

    const listed = await releases(target as unknown as Target<never>)

    expect(listed.map(({ id }) => id)).toEqual(Array.from({ length: 10 }, (_, n) => `id-${10 - n}`))
    expect(lastGood(await ledger.list("backend", "staging"), { commit: "", id: "id-10" })?.id).toBe("id-9")
  })

  it("of a deployment's statuses: the verdict is found behind those of others", async () => {
    await using it = await repository()
    const ledger = new GitHubLedger(it.github)
    const entry = await ledger.open(opening("a", { commit: it.root }))
    await ledger.close(entry, { verdict: Verdict.Success, id: "id-a", reason: "", endedAt: "" })
    for (let n = 0; n < 12; n++)
      await it.github.ask("POST", `/deployments/${entry}/statuses`, { state: "inactive", description: "by GitHub" })

    expect(await ledger.list("backend", "staging")).toMatchObject([{ verdict: Verdict.Success, id: "id-a" }])
  })

  it("of issues: an incident is found behind newer ones, and not opened twice", async () => {
    await using it = await repository()
    const issues = new GitHubIssues(it.github)
    for (const cause of ["one", "two", "three", "four", "five"]) await issues.open(incident(cause))

    expect(await issues.open(incident("one"))).toBe("added to #1")
    expect(it.server.issues()).toHaveLength(5)
  })

  it("of environments and secrets: the last one is known", async () => {
    await using it = await repository()
    for (const name of ["a", "b", "c", "d", "production"]) it.server.environment(name, ["required_reviewers"])
    for (const name of ["A", "B", "C", "D", "HF_TOKEN"]) it.server.secret("production", name, "2026-01-01T00:00:00Z")

    expect(await environmentOnGitHub(it.github, "production")).toEqual({
      name: "production",
      rules: ["required_reviewers"],
    })
    expect((await storedSecrets(it.github, "production"))?.map(({ name }) => name)).toEqual([
      ...["A", "B", "C", "D", "HF_TOKEN"],
    ])
  })

  it("of a branch's rules: the last one counts", async () => {
    await using it = await repository()
    it.server.rule("main", [
      { type: "creation" },
      { type: "update" },
      { type: "required_linear_history" },
      { type: "deletion" },
      { type: "non_fast_forward" },
    ])

    expect(await new BranchProtection(it.github, "main").byRulesets()).toMatchObject({
      forcePushes: false,
      deletions: false,
    })
  })

  it("of commit statuses: a success behind those of others stands until something changes", async () => {
    await using it = await repository()
    const statuses = new GitHubStatuses(it.github)
    const live = { commit: it.root, context: StatusContext.DeployBackend, state: StatusState.Success, target: "" }
    await statuses.give([{ ...live, description: "production: live" }], until)
    for (let n = 0; n < 5; n++)
      await it.github.ask("POST", `/statuses/${it.root}`, { state: "success", context: `other-${n}` })

    await statuses.called(operation({ commit: it.root }), until)

    expect(it.server.commitStatuses(it.root).filter(({ context }) => context === "deploy-backend")).toHaveLength(1)
  })
})

it.each([
  ["more parameters before the one that counts", (next: string) => `<${next}>; title="more, and more"; rel="next"`],
  ["several relations at once", (next: string) => `<${next}>; rel="last next"`],
  ["no quotes, and capitals", (next: string) => `<https://other.example/x?page=7>; rel=prev, <${next}>; REL=next`],
  ["a cursor in place of a number", (next: string) => `<${next.replace("page=2", "after=Y3Vyc29y")}>; rel="next"`],
])("a list whose next page is linked with %s is read to its end", async (_, link) => {
  const asked: string[] = []
  await using server = await standIn(({ path, query }) => {
    asked.push(`${path}?${query}`)
    const isFirst = query.get("page") === null && query.get("after") === null
    const next = `${server.url}/repositories/1/issues?per_page=1&page=2`
    return { json: [isFirst ? "one" : "two"], ...(isFirst && { headers: { link: link(next) } }) }
  })
  const github = new GitHub({ repository: "owner/book", token: "ghp_x", api: server.url }, fastClock())

  expect(await github.all("/issues", new URLSearchParams({ per_page: "1" }), z.string())).toEqual(["one", "two"])
  // The token goes to no path that an answer names.
  expect(asked).toEqual([
    "/repos/owner/book/issues?per_page=1",
    expect.stringMatching(/^\/repos\/owner\/book\/issues\?per_page=1&(?:page=2|after=Y3Vyc29y)$/),
  ])
})

describe("a repository that was renamed", () => {
  it("is followed, also by what writes, and is named in a note", async () => {
    await using it = await repository({ pageSize: 100 })
    const ledger = new GitHubLedger(it.github)
    expect(await it.github.notes()).toEqual([])
    it.server.rename("owner/guide")

    const entry = await ledger.open(opening("a", { commit: it.root }))
    await ledger.close(entry, { verdict: Verdict.Success, id: "id-a", reason: "", endedAt: "" })

    expect(await ledger.list("backend", "staging")).toMatchObject([{ verdict: Verdict.Success, id: "id-a" }])
    expect(it.server.deployments()).toHaveLength(1)
    expect(await it.github.by(until).notes()).toEqual([
      "The repository owner/book is named owner/guide now: write the new name in project.source of the settings, for the old one may be given to another repository",
    ])
  })

  it("is still one to which a token may write", async () => {
    await using it = await repository()
    it.server.rename("owner/guide")
    expect(await repositoryFacts(it.github)).toMatchObject({ mayWrite: true, isArchived: false })
  })
})

describe("a private repository whose owner pays nothing", () => {
  const words = `GitHub refused a request.
  why: GET /branches/main/protection was answered 403: Upgrade to GitHub Pro or make this repository public to enable this feature.
  next: GitHub protects branches of private repositories on paid plans alone: upgrade the owner's plan, or make the repository public`

  it("gets GitHub's own words instead of a hint at the token's rights", async () => {
    await using it = await repository()
    it.server.onFreePlan()
    const main = new BranchProtection(it.github, "main")

    await expect(main.own()).rejects.toThrow(expect.objectContaining({ message: words }))
    await expect(main.byRulesets()).rejects.toThrow(
      expect.objectContaining({ message: words.replace("/branches/main/protection", "/rules/branches/main") }),
    )
  })
})

describe("what GitHub takes of a status", () => {
  it("is a description without characters of four bytes, which are replaced", async () => {
    await using it = await repository()
    const status = { commit: it.root, context: StatusContext.Ci, state: StatusState.Failure, target: "" }

    await new GitHubStatuses(it.github).give([{ ...status, description: "😀 of 𝒳 é ✓ failed" }], until)

    expect(it.server.commitStatuses(it.root)[0]?.description).toBe("\ufffd of \ufffd é ✓ failed")
  })

  it("is the same of a deployment, and no address that is none", async () => {
    await using it = await repository()
    const ledger = new GitHubLedger(it.github)
    const entry = await ledger.open(opening("a", { commit: it.root, run: "on Ana's laptop" }))
    await ledger.close(entry, { verdict: Verdict.Failed, id: "id-a", reason: "it said 💥", endedAt: "" })

    expect(await ledger.list("backend", "staging")).toMatchObject([
      { verdict: Verdict.Failed, reason: "it said \ufffd", run: "on Ana's laptop" },
    ])
    expect(it.server.deployments()).toMatchObject([{ states: ["in_progress", "failure"], logUrl: "" }])
  })

  it("is the address of what is live, so that GitHub links it", async () => {
    await using it = await repository()
    const ledger = new GitHubLedger(it.github)
    const run = "https://runs.example/7"
    const entry = await ledger.open(opening("a", { commit: it.root, run }))
    await ledger.close(entry, {
      ...{ verdict: Verdict.Success, id: "id-a", reason: "", endedAt: "", url: "https://book.example" },
    })

    expect(it.server.deployments()).toMatchObject([{ logUrl: run, environmentUrl: "https://book.example/" }])
  })
})
