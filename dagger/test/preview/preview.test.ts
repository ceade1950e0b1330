import { expect, it } from "vitest"
import { frontendChecks } from "../../lib/deployment/health-checks.js"
import { probeUntil } from "../../lib/deployment/health-probe.js"
import { PipelineError } from "../../lib/errors.js"
import { type Built, closed, type PreviewRequest, preview } from "../../lib/preview/preview.js"
import { get } from "../../lib/providers/endpoint.js"
import { GitHub } from "../../lib/providers/github/github.js"
import { GitHubPullRequests } from "../../lib/providers/github/pull-requests.js"
import { NetlifyPreviews } from "../../lib/providers/netlify/previews.js"
import { gitHub } from "../../stand-ins/github.js"
import { netlify } from "../../stand-ins/netlify.js"
import { commit, site, siteRelease } from "../support/app.js"
import { fastClock } from "../support/fast-clock.js"
import { frontend, policy } from "../support/targets.js"

/** A site that publishes version "a", and a pull request for it. */
async function scene({ pageSize = 100 } = {}) {
  const clock = fastClock()
  const api = await netlify({ sites: ["book"], pageSize })
  const server = await gitHub({ now: clock.now, pageSize })
  const root = server.commit("root", [], "main")
  server.commit("change", [root], "change", commit("b"))
  const pull = server.openPullRequest("change", "main")
  const live = frontend(api, { clock }).host
  await live.publish(siteRelease("a"), await live.place(siteRelease("a")))
  const settings = {
    site: "book.netlify.app",
    token: "nfp_x",
    environment: "staging",
    apiUrl: "https://api",
    configFile: "config.json",
    api: api.url,
    seconds: 60,
  }
  const host = new NetlifyPreviews(settings, clock)
  const pulls = new GitHubPullRequests(new GitHub({ repository: "owner/book", token: "ghp_x", api: server.url }, clock))
  const built = (letter: string, more: Partial<Built> = {}): Built => ({
    ...{ artifact: site(letter), checks: [{ name: "frontend tests", passed: true, milliseconds: 100, reasons: [] }] },
    ...{ image: { known: false, why: "nobody was asked" }, schema: { known: true, value: "nothing to do" } },
    ...more,
  })
  const request = (letter: string, more: Partial<PreviewRequest> = {}): PreviewRequest => ({
    ...{ pull, commit: commit(letter), environment: "staging", site: "book.netlify.app" },
    build: async () => built(letter),
    probe: (url) =>
      probeUntil(url, frontendChecks({ title: "Physical AI", links: true }, commit(letter)), policy, { get, clock }),
    run: "https://runs.example/7",
    ...more,
  })
  const published = api.published("book")
  return {
    ...{ api, server, pull, host, pulls, built, request, published },
    previews: () => api.deploys("book").filter(({ title }) => title.startsWith("preview of ")),
    run: (letter: string, more: Partial<PreviewRequest> = {}) => preview(host, pulls, request(letter, more)),
    [Symbol.asyncDispose]: async () => void (await Promise.all([api.close(), server.close()])),
  }
}

it("puts a draft at its own address, proves it, and says so in one comment", async () => {
  await using it = await scene()

  const report = await it.run("b")

  const [draft] = it.previews()
  expect(draft).toMatchObject({ draft: true, state: "ready", branch: `deploy-preview-${it.pull}` })
  expect(await (await fetch(`${draft?.url}/version.json`)).json()).toMatchObject({ commit: commit("b") })
  expect(it.api.published("book")).toBe(it.published)
  expect(report).toContain(`preview of #${it.pull}: ${draft?.url} is healthy`)
  const [comment, ...others] = it.server.comments(it.pull)
  expect(others).toEqual([])
  expect(comment?.body.replaceAll(draft?.url ?? "", "ADDRESS")).toMatchInlineSnapshot(`
    "<!-- pipeline preview book.netlify.app -->
    ### 🟢 Preview of the site

    <ADDRESS/>

    | | |
    | --- | --- |
    | commit | \`bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\` |
    | probe | \`healthy after 3 rounds\` |
    | checks | \`frontend tests passed\` |
    | site | \`0.2 kB, as much as staging publishes\` |
    | image | \`not known: nobody was asked\` |
    | schema | \`nothing to do\` |

    A draft beside staging, with its settings: what visitors get did not change. It is removed when this pull request closes. [Run](<https://runs.example/7>)"
  `)
})

it("edits its comment and removes the older draft, and leaves what is live and other drafts alone", async () => {
  await using it = await scene()
  await it.run("b")
  const other = it.server.openPullRequest("change", "change")
  await preview(it.host, it.pulls, it.request("c", { pull: other }))

  await it.run("d")

  expect(it.previews().map(({ title }) => title.slice(0, 20))).toEqual([
    `preview of #${it.pull}: ddddd`.slice(0, 20),
    `preview of #${other}: ccccc`.slice(0, 20),
  ])
  expect(it.server.comments(it.pull)).toHaveLength(1)
  expect(it.server.comments(it.pull)[0]?.body).toContain(commit("d"))
  expect(it.api.published("book")).toBe(it.published)
})

it("makes no second draft, and writes nothing, where the same is there already", async () => {
  await using it = await scene()
  await it.run("b")
  const writes = [...it.api.writes(), ...it.server.writes()]

  expect(await it.run("b")).toContain("comment   its comment says so already")
  expect([...it.api.writes(), ...it.server.writes()]).toEqual(writes)
})

it("removes its drafts when the pull request closes, and the comment says so; a second time there is nothing to do", async () => {
  await using it = await scene()
  await it.run("b")
  const [draft] = it.previews()
  it.server.closePullRequest(it.pull)

  const end = await closed(it.host, it.pulls, it.request("b"))

  expect(end).toBe(`#${it.pull}: removed 1 draft; its comment was edited`)
  expect(it.previews()).toEqual([])
  expect((await fetch(`${draft?.url}/`)).status).toBe(404)
  expect(it.server.comments(it.pull).map(({ body }) => body.split("\n").at(-1))).toEqual([
    "The pull request is closed, and no draft of it is left.",
  ])
  const writes = [...it.api.writes(), ...it.server.writes()]
  expect(await closed(it.host, it.pulls, it.request("b"))).toBe(
    `#${it.pull}: there was no draft to remove; its comment says so already`,
  )
  expect([...it.api.writes(), ...it.server.writes()]).toEqual(writes)
  await expect(it.run("b")).rejects.toThrowErrorMatchingInlineSnapshot(`
    [PipelineError: The pull request #1 is closed.
      why: a draft of it would be left behind: drafts are removed when their pull request closes
      next: reopen it and run the same command again; \`--close\` removes what is left of its drafts]
  `)
  expect(it.api.published("book")).toBe(it.published)
})

it("finishes what a killed run left: the draft is gone, and the comment still shows its address", async () => {
  await using it = await scene()
  await it.run("b")
  it.server.closePullRequest(it.pull)
  await it.host.remove(it.pull)

  expect(await closed(it.host, it.pulls, it.request("b"))).toBe(
    `#${it.pull}: there was no draft to remove; its comment was edited`,
  )
  expect(it.server.comments(it.pull)[0]?.body).toContain("The pull request is closed, and no draft of it is left.")
})

it("says nothing in a pull request that never had a preview", async () => {
  await using it = await scene()
  it.server.closePullRequest(it.pull)

  expect(await closed(it.host, it.pulls, it.request("b"))).toBe(
    `#${it.pull}: there was no draft to remove; there is no comment of it`,
  )
  expect(it.server.comments(it.pull)).toEqual([])
})

it("never removes what is live, also when a person has published the draft by hand", async () => {
  await using it = await scene()
  await it.run("b")
  const [draft] = it.previews()
  await fetch(`${it.api.url}/api/v1/sites/book/deploys/${draft?.id}/restore`, { method: "POST" })

  await closed(it.host, it.pulls, it.request("b"))

  expect(it.api.published("book")).toBe(draft?.id)
  expect(it.previews()).toHaveLength(1)
})

it("leaves no draft behind when the pull request closes while it runs", async () => {
  await using it = await scene()

  const end = await it.run("b", {
    probe: async () => {
      it.server.closePullRequest(it.pull)
      return { state: "healthy" as never, reason: "", attempts: 1, milliseconds: 1 }
    },
  })

  expect(end).toBe(`#${it.pull}: removed 1 draft; its comment was edited`)
  expect(it.previews()).toEqual([])
})

it("finds its comment behind many others, and edits none that a stranger wrote with its mark", async () => {
  await using it = await scene({ pageSize: 5 })
  const mark = "<!-- pipeline preview book.netlify.app -->\n"
  it.server.addComment(it.pull, `${mark}click here`, { login: "mallory", type: "User", association: "NONE" })
  for (let count = 0; count < 12; count++)
    it.server.addComment(it.pull, `talk ${count}`, { login: "ana", type: "User", association: "MEMBER" })
  await it.run("b")

  await it.run("d")

  const comments = it.server.comments(it.pull)
  expect(comments).toHaveLength(14)
  expect(comments[0]?.body).toBe(`${mark}click here`)
  expect(comments[13]?.body).toContain(commit("d"))
})

it("writes one comment although GitHub's answer is lost, its limit is used up, or somebody removed the comment", async () => {
  await using it = await scene()
  it.server.fail({ on: /^POST .*\/comments$/, kind: "lost reply" })
  await it.run("b")
  expect(it.server.comments(it.pull)).toHaveLength(1)

  it.server.limit("with retry-after", { on: /^PATCH .*\/comments\/\d+$/ })
  await it.run("c")
  expect(it.server.comments(it.pull)[0]?.body).toContain(commit("c"))

  it.server.fail({ on: /^PATCH .*\/comments\/\d+$/, kind: "status", status: 404 })
  it.server.removeComment(it.server.comments(it.pull)[0]?.id ?? 0)
  await it.run("d")
  expect(it.server.comments(it.pull).map(({ body }) => body.includes(commit("d")))).toEqual([true])
})

it("says which permission is missing where the token may only read", async () => {
  await using it = await scene()
  it.server.readOnly()

  await expect(it.run("b")).rejects.toThrowErrorMatchingInlineSnapshot(`
    [PipelineError: The comment in #1 can't be written.
      why: the token may only read: GitHub gives a pull request from a fork no other one
      next: give the job \`pull-requests: write\`; of a fork, push the branch to this repository to have a preview]
  `)
})

it("shows a draft that is not healthy as that, and ends so", async () => {
  await using it = await scene()

  await expect(it.run("b", { build: async () => it.built("c") })).rejects.toThrow(
    /^The preview is not healthy\.[\s\S]*is wrong-version/,
  )
  expect(it.server.comments(it.pull)[0]?.body).toContain("### 🔴 Preview of the site")
  expect(it.api.published("book")).toBe(it.published)
})

it("tells in the comment why there is no draft", async () => {
  await using it = await scene()
  it.api.breakNextDeploy("the files are too many")

  await expect(it.run("b")).rejects.toThrow("Netlify could not process deploy")
  expect(it.server.comments(it.pull)[0]?.body).toMatch(
    /### 🔴 There is no preview of `bbbbbbb`[\s\S]*- \*\*why\*\*: `the files are too many`/,
  )
})

it("says in the comment of an earlier commit that a newer one could not be built, and leaves its draft", async () => {
  await using it = await scene()
  await it.run("b")

  await expect(
    it.run("c", { build: () => Promise.reject(new PipelineError("The build failed.", { why: "no", next: "fix it" })) }),
  ).rejects.toThrow("The build failed.")

  const comments = it.server.comments(it.pull).map(({ body }) => body)
  expect(comments).toEqual([
    expect.stringMatching(
      /^<!-- .* -->\n### 🔴 There is no preview of `ccccccc`\n\n- \*\*failed\*\*: `The build failed\.`/,
    ),
  ])
  expect(it.previews()).toHaveLength(1)
})

it("builds nothing for a pull request that is closed", async () => {
  await using it = await scene()
  it.server.closePullRequest(it.pull)

  await expect(it.run("b", { build: () => Promise.reject(new Error("it was built")) })).rejects.toThrow(
    "The pull request #1 is closed.",
  )
})

it("shows words of others as code, so that they format nothing and mention nobody", async () => {
  await using it = await scene()
  await it.run("b", {
    build: async () => it.built("b", { schema: { known: false, why: "@everyone | <img src=x> `x`" } }),
  })

  expect(it.server.comments(it.pull)[0]?.body).toContain("| schema | `` not known: @everyone \\| <img src=x> `x` `` |")
})

it("goes on where an older draft is removed by somebody else meanwhile", async () => {
  await using it = await scene()
  await it.run("b")
  it.api.fail({ on: /^DELETE /, kind: "status", status: 404, body: '{"code":404,"message":"Not Found"}' })

  expect(await it.run("d")).toContain("is healthy")
})
