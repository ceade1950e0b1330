import { afterAll, beforeAll, expect, it } from "vitest"
import { wallClock } from "../../lib/clock.js"
import { Purpose } from "../../lib/deployment/ledger.js"
import { gitHubRecords } from "../../lib/wiring/targets.js"
import { Verdict } from "../../src/exposed-types.js"
import { type Checkout, checkout } from "./checkout.js"
import { providers, registryFlags, sites, tokens } from "./providers.js"

let clone: Checkout
beforeAll(() => {
  clone = checkout()
  clone.plainSite()
})
afterAll(() => clone[Symbol.dispose]())

it("shows a pull request's site at its own address, with one comment, and removes it; what is live stays", async () => {
  await using it = await providers(clone)
  const live = clone.head()
  const settings = {
    project: { source: "https://github.com/physical-ai/physical-ai-humanoid-robotics" },
    providers: { gitHub: it.history.url },
  }
  const { ledger } = gitHubRecords(settings as never, tokens.GITHUB_TOKEN, wallClock)
  const entry = await ledger.open({
    ...{ purpose: Purpose.Deploy, component: "backend", environment: "staging", commit: live, version: "1" },
    ...{ id: `registry:5000/nobody/has@sha256:${"0".repeat(64)}`, previousCommit: "", previousId: "", actor: "ana" },
    ...{ run: "", why: "", schema: "0002", bothComponents: false, calledAt: "", startedAt: "2026-11-28T00:00:00Z" },
  })
  await ledger.close(entry, { verdict: Verdict.Success, id: "", reason: "", endedAt: "2026-11-28T00:01:00Z" })
  const page = clone.commit("a page", {
    "frontend/page.html": "<!doctype html><title>Physical AI &amp; Humanoid Robotics</title>",
  })
  it.history.commit("a page", [live], "change", page, ["frontend/page.html"])
  const pull = it.history.openPullRequest("change", "main")
  const preview = async (...flags: string[]) => {
    const { code, stdout, error } = await it.call("frontend preview", [
      ...["--netlify-token=env://NETLIFY_TOKEN", "--github-token=env://GITHUB_TOKEN", ...registryFlags],
      ...[`--pull-request=${pull}`, ...flags],
    ])
    expect(code, error).toBe(0)
    return stdout
  }
  const drafts = () => it.sites.deploys(sites.staging)

  const first = await preview()

  expect(drafts()).toMatchObject([{ draft: true, branch: `deploy-preview-${pull}`, state: "ready" }])
  expect(first).toContain(`preview of #${pull}: ${drafts()[0]?.url} is healthy`)
  expect(first).toMatch(/^ {2}comment +a comment was added$/m)
  expect(first).toMatch(/^ {2}checks +frontend tests not run .*, frontend lint passed/m)
  expect(first).toMatch(new RegExp(`^ {2}image +unchanged since ${live.slice(0, 7)}, which is live in staging$`, "m"))
  expect(it.sites.published(sites.staging)).toBe("")

  const service = clone.commit("a service", { "backend/NOTE.md": "a note\n" })
  it.history.commit("a service", [page], "change", service, ["backend/NOTE.md"])
  const second = await preview()

  expect(second).toMatch(/^ {2}comment +its comment was edited$/m)
  expect(second).toMatch(
    /^ {2}image +\d+\.\d\d MB; what staging publishes is not known: the registry has no sha256:0{12} of linux\/amd64; within the budget of \d+ MB$/m,
  )
  expect(second).toMatch(/^ {2}schema +0002 → 0003: 0003 expand; 0003 is "/m)
  expect(drafts().map(({ title }) => title.slice(0, 60))).toEqual([expect.stringContaining(service.slice(0, 40))])
  expect(it.history.comments(pull)).toHaveLength(1)

  it.history.closePullRequest(pull)
  expect(await preview("--close")).toBe(`#${pull}: removed 1 draft; its comment was edited\n`)
  expect(drafts()).toEqual([])
  const writes = [...it.sites.writes(), ...it.history.writes()]
  expect(await preview("--close")).toBe(`#${pull}: there was no draft to remove; its comment says so already\n`)
  expect([...it.sites.writes(), ...it.history.writes()]).toEqual(writes)
  expect(it.history.comments(pull)[0]?.body).toContain("The pull request is closed, and no draft of it is left.")
})
