import { expect, it } from "vitest"
import { Purpose } from "../../lib/deployment/ledger.js"
import { deployProduct } from "../../lib/deployment/product-release.js"
import { noTracer } from "../../lib/deployment/tracer.js"
import { settled } from "../../lib/notifications/incident.js"
import { GitHubIssues } from "../../lib/providers/github/issues.js"
import { readSettings } from "../../lib/settings/settings.js"
import { FitState } from "../../lib/status/fit.js"
import { statusJson, statusMarkdown, statusText } from "../../lib/status/status-report.js"
import { survey } from "../../lib/status/survey.js"
import { backendTarget, frontendTarget, gitHubOf, gitHubRecords } from "../../lib/wiring/targets.js"
import { watchedOf } from "../../lib/wiring/watched.js"
import { Component, IncidentAction, Verdict } from "../../src/exposed-types.js"
import { gitHub } from "../../stand-ins/github.js"
import { huggingFace } from "../../stand-ins/hugging-face.js"
import { netlify } from "../../stand-ins/netlify.js"
import { type Behaviour, commit, runner } from "../support/app.js"
import { fastClock } from "../support/fast-clock.js"
import { both } from "../support/product.js"

const sites = { staging: "book-staging", production: "book" }
const spaces = { staging: "owner/book-staging", production: "owner/book" }
type Name = keyof typeof sites

/** Both environments of a product on stand-ins, with records at GitHub; nothing is live yet. */
async function everywhere(special: Record<string, Behaviour> = {}, call?: string) {
  const clock = fastClock("2026-11-28T03:00:00.000Z")
  const hub = await huggingFace({ spaces: Object.values(spaces), run: runner(special), token: "hf_secret" })
  const api = await netlify({ sites: Object.values(sites), token: "nfp_secret" })
  const history = await gitHub({ repository: "owner/book", token: "ghp_x", now: clock.now })
  const environment = (name: Name, branch: string) => ({
    branch,
    frontend: { site: sites[name], url: api.siteUrl(sites[name]) },
    backend: { space: spaces[name], url: hub.spaceUrl(spaces[name]) },
  })
  const settings = readSettings(
    JSON.stringify({
      project: { title: "Physical AI", source: "https://github.com/owner/book" },
      image: { repository: "registry.example/book" },
      providers: { netlify: api.url, huggingFace: hub.url, gitHub: history.url },
      probe: { times: 2, seconds: 5, wakeUpSeconds: 5, firstPauseMilliseconds: 50, slowestPauseMilliseconds: 100 },
      environments: { staging: environment("staging", "staging"), production: environment("production", "main") },
    }),
    call,
  )
  let parent: string[] = []
  for (const letter of "abcd")
    parent = [history.commit(letter, parent, "staging", commit(letter), [`backend/${letter}`])]
  history.commit("main", [], "main")
  const records = gitHubRecords(settings, "ghp_x", clock)
  const product = (name: Name) => {
    const context = {
      settings,
      environment: name,
      clock,
      tracer: noTracer,
      records,
      actor: "ana",
      run: "https://runs.example/7",
    }
    return {
      backend: backendTarget({ ...context, token: "hf_secret" }),
      frontend: frontendTarget({ ...context, token: "nfp_secret" }),
    }
  }
  const all = { netlify: "nfp_secret", hub: "hf_secret", gitHub: "ghp_x" }
  const tracker = new GitHubIssues(gitHubOf(settings, "ghp_x", clock))
  return {
    ...{ clock, hub, api, history, settings, product, records, tracker },
    deploy: (name: Name, letter: string) => deployProduct(both(letter), product(name)),
    status: (tokens: Partial<typeof all> = all) =>
      survey(watchedOf(settings, { netlify: "", hub: "", gitHub: "", ...tokens }, clock)),
    written: () => [hub, api, history].flatMap((server) => server.writes()).length,
    [Symbol.asyncDispose]: async () => void (await Promise.all([hub.close(), api.close(), history.close()])),
  }
}

it("tells of every environment what is live, since when and by whom, how far they are apart, and what to type", async () => {
  await using it = await everywhere()
  await it.deploy("production", "a")
  await it.deploy("staging", "a")
  await it.deploy("staging", "c")
  const written = it.written()

  const status = await it.status()

  expect(
    status.environments.map(({ environment, components }) => [
      environment,
      components.map((one) => [one.component, one.commit[0], one.version, one.by, one.health]),
    ]),
  ).toEqual([
    [
      "staging",
      [
        ["backend", "c", "c", "ana", "healthy"],
        ["frontend", "c", "c", "ana", "healthy"],
      ],
    ],
    [
      "production",
      [
        ["backend", "a", "a", "ana", "healthy"],
        ["frontend", "a", "a", "ana", "healthy"],
      ],
    ],
  ])
  expect(status.environments.map(({ fit }) => fit.state)).toEqual([FitState.Fits, FitState.Fits])
  expect(status.drift).toEqual([
    { component: "backend", from: "staging", to: "production", ahead: 2, behind: 0 },
    { component: "frontend", from: "staging", to: "production", ahead: 2, behind: 0 },
  ])
  expect([status.unknown, status.warnings]).toEqual([[], []])
  expect(status.next).toEqual([
    {
      environment: "production",
      why: "staging is 2 commits ahead",
      command:
        "dagger call --github-token=env://GITHUB_TOKEN promote --from=staging --to=production --netlify-token=env://NETLIFY_TOKEN --hugging-face-token=env://HF_TOKEN --from-netlify-token=env://NETLIFY_TOKEN_STAGING --from-hugging-face-token=env://HF_TOKEN_STAGING",
    },
  ])
  expect(it.written()).toBe(written)
})

it("names all commands, of a deployment's report too, with the module's name where it is a toolchain", async () => {
  await using it = await everywhere({}, "dagger call delivery")

  const before = await it.status()
  await it.deploy("production", "a")
  const { undo } = await it.deploy("production", "b")
  await it.deploy("staging", "c")
  const after = await it.status()

  for (const command of [...before.next, ...after.next].map((one) => one.command).concat(undo))
    expect(command).toMatch(/^dagger call delivery --github-token=env:\/\/GITHUB_TOKEN (?:deploy|promote|rollback) /)
  expect(before.next).toHaveLength(2)
  expect(after.next).toHaveLength(1)
})

it("reads as a table with a line for each fact below it", async () => {
  await using it = await everywhere()
  await it.deploy("production", "a")
  await it.deploy("staging", "b")

  const text = statusText(await it.status())

  expect(text.replaceAll(/\d{4}-\d\d-\d\dT\S+Z/g, "TIME").replaceAll(/(?<=\s)\d+ m\b/g, "0 m")).toMatchInlineSnapshot(`
    "environment  component  commit   version  live since            age  by   health
    staging      backend    bbbbbbb  b        TIME  0 m  ana  healthy
    staging      frontend   bbbbbbb  b        TIME  0 m  ana  healthy
    production   backend    aaaaaaa  a        TIME  0 m  ana  healthy
    production   frontend   aaaaaaa  a        TIME  0 m  ana  healthy

    staging: its components fit: both are of one commit
      lock         free
      last         backend: deploy bbbbbbb ended success 0 m ago, by ana, https://runs.example/7
      last         frontend: deploy bbbbbbb ended success 0 m ago, by ana, https://runs.example/7
      quarantined  none
      incident     none

    production: its components fit: both are of one commit
      lock         free
      last         backend: deploy aaaaaaa ended success 0 m ago, by ana, https://runs.example/7
      last         frontend: deploy aaaaaaa ended success 0 m ago, by ana, https://runs.example/7
      quarantined  none
      incident     none

    drift: backend: staging is 1 commit ahead of production, 0 behind
    drift: frontend: staging is 1 commit ahead of production, 0 behind
    next: dagger call --github-token=env://GITHUB_TOKEN promote --from=staging --to=production --netlify-token=env://NETLIFY_TOKEN --hugging-face-token=env://HF_TOKEN --from-netlify-token=env://NETLIFY_TOKEN_STAGING --from-hugging-face-token=env://HF_TOKEN_STAGING
    why: production: staging is 1 commit ahead"
  `)
})

it("names who holds the lock, and gives no advice to change anything meanwhile", async () => {
  await using it = await everywhere()
  await it.deploy("production", "a")
  const lease = await it.records.lock.take("production", {
    owner: "ben",
    run: "https://runs.example/8",
    reason: "deploy bbbbbbb",
  })

  const held = await it.status()
  await lease.release()
  const free = await it.status()

  expect(held.environments[1]?.lock).toMatchObject({ owner: "ben", run: "https://runs.example/8", isOver: false })
  expect(held.next[0]).toMatchObject({
    environment: "production",
    command: "dagger call --github-token=env://GITHUB_TOKEN status",
  })
  expect(statusText(held)).toMatch(
    /^ {2}lock {9}held by ben \(deploy bbbbbbb\) until \S+Z, https:\/\/runs\.example\/8$/m,
  )
  expect(free.environments[1]?.lock).toBe("free")
})

it("names a version that was rolled back, how that ended, and the incident that is open", async () => {
  await using it = await everywhere({ b: () => ({ status: 500 }) })
  await it.deploy("production", "a")
  await it.deploy("production", "b")
  await settled(it.tracker, IncidentAction.Open, {
    ...{ environment: "production", component: Component.Backend, cause: "rolled-back/probe-live", reason: "500s" },
    ...{ run: "", troubleshooting: "https://example.com" },
  })

  const status = await it.status()

  const [backend] = status.environments[1]?.components ?? []
  expect(backend).toMatchObject({
    commit: commit("a"),
    health: "healthy",
    last: { verdict: "rolled-back", commit: commit("b") },
  })
  expect(backend?.quarantined).toEqual([
    { commit: commit("b"), why: expect.stringMatching(/^it was rolled back on \S+: .*500/) },
  ])
  // Live again since the way back, not since the first time.
  expect(backend?.since).toBe(backend?.last?.endedAt)
  expect(status.environments[1]?.incidents).toMatchObject([
    { number: 1, component: "backend", cause: "rolled-back/probe-live" },
  ])
  expect(status.next[0]).toMatchObject({
    environment: "production",
    command: expect.stringContaining(" doctor --environment=production "),
  })
})

it("says to roll back what is live and unhealthy, with the secrets of its environment", async () => {
  let broken = false
  await using it = await everywhere({
    b: () =>
      broken ? { status: 500 } : { json: { status: "ok", commit: commit("b"), dependencies: { database: "up" } } },
  })
  await it.deploy("production", "a")
  await it.deploy("production", "b")
  broken = true

  const status = await it.status()

  expect(status.next[0]).toEqual({
    environment: "production",
    why: expect.stringContaining("its backend is unhealthy: "),
    command:
      'dagger call --github-token=env://GITHUB_TOKEN backend rollback --environment=production --reason="…" --hugging-face-token=env://HF_TOKEN report',
  })
})

it("reads past any page of attempts that failed, to what is live and the way back", async () => {
  await using it = await everywhere()
  await it.deploy("production", "a")
  await it.deploy("production", "b")
  const { ledger } = it.records
  for (let attempt = 0; attempt < 40; attempt++) {
    const entry = await ledger.open({
      ...{
        purpose: Purpose.Deploy,
        component: "backend",
        environment: "production",
        commit: commit("c"),
        version: "c",
      },
      ...{ id: "", previousCommit: commit("b"), previousId: "", actor: "ben", run: "", why: "", schema: "" },
      ...{ bothComponents: false, calledAt: "", startedAt: it.clock.now().toISOString() },
    })
    const endedAt = it.clock.now().toISOString()
    await ledger.close(entry, { verdict: Verdict.Failed, id: "", reason: "no space left", endedAt })
  }

  const status = await it.status()

  expect(status.environments[1]?.components[0]).toMatchObject({
    ...{ commit: commit("b"), version: "b", by: "ana", hasWayBack: true },
    last: { verdict: "failed", actor: "ben" },
  })
  expect(status.warnings.filter((line) => line.includes("production"))).toEqual([])
})

it("warns of a version that nobody deployed by the pipeline", async () => {
  await using it = await everywhere()
  const { ledger: _, ...unrecorded } = it.product("production").backend
  await deployProduct({ ...both("d"), site: undefined }, { backend: unrecorded })
  await it.deploy("staging", "a")

  const status = await it.status()

  expect(status.warnings).toContain(
    "ddddddd is live as the backend of production, and no attempt in its ledger put it there.",
  )
})

it("names a page that is newer than its service, and deploys the service to it", async () => {
  await using it = await everywhere()
  await it.deploy("production", "b")
  await deployProduct({ ...both("c"), image: undefined }, { frontend: it.product("production").frontend })

  const status = await it.status()

  expect(status.environments[1]?.fit).toEqual({
    state: FitState.Unfit,
    why: "the page is 1 commit newer than the service, and the service changed in them: backend/c",
  })
  expect(status.next[0]?.command).toBe(
    `git switch --detach ${commit("c")} && dagger call --github-token=env://GITHUB_TOKEN backend deploy --environment=production --hugging-face-token=env://HF_TOKEN report`,
  )
})

it("calls no lock free where the token shows nothing of the repository", async () => {
  await using it = await everywhere()
  const elsewhere = { ...it.settings, project: { ...it.settings.project, source: "https://github.com/OWNER/book" } }

  const status = await survey(watchedOf(elsewhere, { netlify: "", hub: "", gitHub: "ghp_x" }, it.clock))

  expect(status.environments.map(({ lock }) => lock)).toEqual(["not known", "not known"])
  expect(status.unknown).toContain("the lock of production: GitHub shows nothing of the repository")
})

it("tells what answers without any token, and what it can't know then", async () => {
  await using it = await everywhere()
  await it.deploy("production", "a")
  const asked = it.history.log.length

  const status = await it.status({})

  expect(status.environments[1]?.components.map(({ commit, health, version }) => [commit, health, version])).toEqual([
    [commit("a"), "healthy", ""],
    [commit("a"), "healthy", ""],
  ])
  expect(status.unknown).toEqual([
    "versions, who deployed, locks, attempts, quarantine, incidents and drift: there is no --github-token to ask GitHub with, or it is empty",
    "what the hosts themselves say: there is no --hugging-face-token, no --netlify-token",
  ])
  expect(it.history.log).toHaveLength(asked)
})

it("ends in time, with all that the others say, when a provider is out", async () => {
  await using it = await everywhere()
  await it.deploy("production", "a")
  it.history.fail({ on: /./, kind: "status", status: 502, times: 1000 })
  it.api.fail({ on: /./, kind: "status", status: 401, times: 1000 })

  const status = await it.status()

  expect(status.environments[1]?.components.map(({ commit, health }) => [commit, health])).toEqual([
    [commit("a"), "healthy"],
    [commit("a"), "healthy"],
  ])
  expect(status.unknown).toContainEqual(expect.stringMatching(/^open incidents: GitHub refused a request\. .* 502/))
  expect(status.unknown).toContainEqual(expect.stringMatching(/^the lock of production: GitHub refused a request/))
  expect(status.unknown).toContainEqual(
    expect.stringMatching(/^what the host of the frontend of production serves: Netlify refused a request\. .* 401/),
  )
})

it("gives a job summary the same as Markdown, with words of others as code", async () => {
  await using it = await everywhere({ b: () => ({ status: 500 }) })
  await it.deploy("production", "a")
  const status = await it.status({ gitHub: "ghp_x" })
  const [staging, production] = status.environments
  if (!staging || !production) throw new Error("both are there")

  const text = statusMarkdown({
    ...status,
    warnings: ["@everyone <img src=x>"],
    environments: [staging, { ...production, components: production.components.map((one) => ({ ...one, by: "a|b" })) }],
  })

  expect(text).toMatch(/^### What is live\n\n\| environment \| component \| commit \|/)
  expect(text).toMatch(/^\| production \| backend \| aaaaaaa \| a \| \S+Z \| .* m \| `a\\\|b` \| healthy \|$/m)
  expect(text).toContain("- `warning: @everyone <img src=x>`\n")
})

it("gives programs the same, with the version of its form", async () => {
  await using it = await everywhere()
  await it.deploy("production", "a")

  const status = await it.status()

  expect(JSON.parse(statusJson(status))).toEqual(JSON.parse(JSON.stringify({ schema: 1, ...status })))
})
