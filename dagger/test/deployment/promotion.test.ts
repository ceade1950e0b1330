import { describe, expect, it } from "vitest"
import { deploy } from "../../lib/deployment/deployment.js"
import { summary } from "../../lib/deployment/product-release.js"
import { mustDiffer, promote, promotedCommit } from "../../lib/deployment/promotion.js"
import { imageNamed, Order } from "../../lib/deployment/release.js"
import { deploymentText } from "../../lib/deployment/report.js"
import { resultOf } from "../../lib/notifications/operation.js"
import { GitHub } from "../../lib/providers/github/github.js"
import { GitHubBranch } from "../../lib/providers/github/production-branch.js"
import { Verdict } from "../../src/exposed-types.js"
import { type GitHubStandIn, gitHub } from "../../stand-ins/github.js"
import { huggingFace } from "../../stand-ins/hugging-face.js"
import { commit, image, imageRelease, runner } from "../support/app.js"
import { fastClock } from "../support/fast-clock.js"
import { places } from "../support/places.js"
import { backend } from "../support/targets.js"

it("is between two environments: none proves a version to itself", () => {
  expect(() => mustDiffer("staging", "production")).not.toThrow()
  expect(() => mustDiffer("staging", "staging")).toThrowErrorMatchingInlineSnapshot(`
    [PipelineError: staging can't be promoted to itself.
      why: a promotion takes to one environment what another one has proven
      next: give the one that proved it as --from, and the one that gets it as --to]
  `)
})

async function stages(special = {}, prepare: (github: GitHubStandIn) => void = () => {}) {
  const clock = fastClock()
  const hub = await huggingFace({ spaces: ["owner/staging", "owner/production"], run: runner(special) })
  const server = await gitHub({ now: clock.now })
  const root = server.commit("root", [], "main")
  for (const letter of "ab") server.commit(letter, [root], "", commit(letter))
  prepare(server)
  const github = new GitHub({ repository: "owner/book", token: "ghp_x", api: server.url }, clock)
  const kept = { ...(await places(clock)), order: (one: string, other: string) => github.order(one, other) }
  const staging = { ...backend(hub, { clock, space: "owner/staging", environment: "staging" }), ...kept }
  const production = { ...backend(hub, { clock, space: "owner/production", environment: "production" }), ...kept }
  const request = (wanted = "", branch = "main") => ({
    wanted,
    policy: { provenSeconds: 300 },
    artifact: async (proven: { id: string }) => ({ artifact: imageNamed(proven.id), from: "its registry" }),
    branch: new GitHubBranch(github, branch),
  })
  /** Deploys version "a" to staging, lets it prove itself, and promotes it. */
  const promoted = async (branch = "main") => {
    await deploy(imageRelease("a"), staging)
    await clock.sleep(400_000)
    return promote(staging, production, request("", branch))
  }
  const mainHas = async (sha: string) => [Order.Same, Order.Older].includes(await github.order(sha, "main"))
  const close = async () => void (await Promise.all([hub.close(), server.close()]))
  return { clock, hub, server, staging, production, request, promoted, mainHas, [Symbol.asyncDispose]: close }
}

it("deploys the image that staging serves to production, and merges its commit", async () => {
  await using it = await stages()
  await deploy(imageRelease("a"), it.staging)
  await it.clock.sleep(300_000)

  expect(await promote(it.staging, it.production, it.request())).toMatchObject({
    verdict: Verdict.Success,
    environment: "production",
    liveCommit: commit("a"),
    liveId: `registry.example/book@${image("a").digest}`,
  })
  expect(await it.mainHas(commit("a"))).toBe(true)
  expect(it.server.pullRequests()).toEqual([])
})

it("requires that it has been live in staging for long enough", async () => {
  await using it = await stages()
  await deploy(imageRelease("a"), it.staging)
  await it.clock.sleep(100_000)
  expect(await promote(it.staging, it.production, it.request())).toMatchObject({
    verdict: Verdict.Refused,
    failed: "staging cannot be promoted.",
    reason: "it has been live in staging for 100 s, 300 s are required",
    next: "run the same command in 200 s",
    liveId: "",
  })
  expect(await it.mainHas(commit("a"))).toBe(false)
})

it("refuses a deployment that is not the newest of staging", async () => {
  await using it = await stages()
  await deploy(imageRelease("a"), it.staging)
  await deploy(imageRelease("b"), { ...it.staging, allowDiverged: "it is staging" })
  await it.clock.sleep(400_000)
  expect(await promote(it.staging, it.production, it.request(commit("a")))).toMatchObject({
    verdict: Verdict.Refused,
    reason: "staging was deployed again, with bbbbbbb",
  })
})

it("refuses what failed in staging, and what was never deployed", async () => {
  await using it = await stages({ b: { exits: "boom" } })
  expect(await promote(it.staging, it.production, it.request())).toMatchObject({
    verdict: Verdict.Refused,
    reason: "staging has no such deployment",
  })
  await deploy(imageRelease("a"), it.staging)
  await deploy(imageRelease("b"), { ...it.staging, allowDiverged: "it is staging" })
  expect(await promote(it.staging, it.production, it.request())).toMatchObject({
    verdict: Verdict.Refused,
    reason: "its deployment to staging ended rolled-back",
  })
})

it("names the environment that proves by its own name", async () => {
  await using it = await stages()
  const preview = { ...it.staging, environment: "preview" }

  expect(await promote(preview, it.production, it.request())).toMatchObject({
    failed: "preview cannot be promoted.",
    reason: "preview has no such deployment",
    next: "deploy it to preview first",
  })
  await deploy(imageRelease("a"), preview)
  expect(await promote(preview, it.production, it.request())).toMatchObject({
    reason: "it has been live in preview for 0 s, 300 s are required",
  })
})

it("refuses what is unhealthy in staging now", async () => {
  let unhealthy = false
  await using it = await stages({
    a: () =>
      unhealthy
        ? { status: 500, json: {} }
        : { json: { status: "ok", commit: commit("a"), dependencies: { database: "ok" } } },
  })
  await deploy(imageRelease("a"), it.staging)
  await it.clock.sleep(400_000)
  unhealthy = true
  const refused = await promote(it.staging, it.production, it.request())
  expect(refused.verdict).toBe(Verdict.Refused)
  expect(refused.reason).toMatch(/^it is unhealthy in staging now: .*answered 500, expected 200$/)
})

it("refuses when staging is deployed again between proof and switch", async () => {
  await using it = await stages()
  await deploy(imageRelease("a"), it.staging)
  await it.clock.sleep(400_000)
  const meanwhile = {
    ...it.production,
    migrate: async () => {
      const meanwhile = { ...it.staging, allowDiverged: "it is staging" }
      return `staging got ${(await deploy(imageRelease("b"), meanwhile)).commit}`
    },
  }

  const refused = await promote(it.staging, meanwhile, it.request())

  expect(refused).toMatchObject({ verdict: Verdict.Refused, next: "promote what staging serves now" })
  expect(refused.reason).toMatch(/^staging was deployed again and now serves registry.example\/book@sha256:/)
  expect(it.hub.dockerfile("owner/production")).toBe("")
})

it("stays a success when the branches conflict, and says what to do with GitHub's own words", async () => {
  await using it = await stages({}, (server) => server.conflictNext())
  expect(await it.promoted()).toMatchObject({
    verdict: Verdict.Success,
    reason: "aaaaaaa is live, and main does not have it: the branches conflict (Merge conflict)",
    next: "merge aaaaaaa into main by hand; what is live is right; until main has it, deployments of other commits of main are refused",
  })
})

describe("where the production branch takes no direct merge", () => {
  const byDefault = (server: GitHubStandIn) => {
    const { required_status_checks, ...rest } = nothingAsked
    const checks = { strict: false, contexts: [], checks: [{ context: "ci" }] }
    server.protect("main", {
      ...rest,
      required_status_checks: required_status_checks ?? checks,
      required_pull_request_reviews: { required_approving_review_count: 1, dismiss_stale_reviews: true },
    })
    server.withoutAdministration()
  }
  const nothingAsked = {
    ...{ required_status_checks: null, required_pull_request_reviews: null, restrictions: null, enforce_admins: false },
  }

  it.each([
    [
      "by the rules that `protect` sets, of which the token sees the checks",
      byDefault,
      "its protection asks for ci, which a new merge commit has not had",
    ],
    [
      "by a ruleset",
      (server: GitHubStandIn) => server.rule("main", [{ type: "pull_request" }, { type: "deletion" }]),
      "a ruleset takes changes by pull request alone",
    ],
    [
      "by a protection that the token can't see",
      (server: GitHubStandIn) => {
        server.protect("main", { ...nothingAsked, required_linear_history: true })
        server.withoutAdministration()
      },
      "This branch must not contain merge commits.",
    ],
  ])("%s, it opens one pull request for both components and says so", async (_, prepare, why) => {
    await using it = await stages({}, prepare)

    const first = await it.promoted()
    const second = await promote(it.staging, it.production, it.request())

    expect(first).toMatchObject({
      verdict: Verdict.Success,
      liveCommit: commit("a"),
      reason: `aaaaaaa is live, and main does not have it: no direct merge is allowed (${why})`,
      next: "have https://github.com/owner/book/pull/1 approved and merged, with a merge commit and not squashed; until main has it, deployments of other commits of main are refused",
    })
    expect(second).toMatchObject({ verdict: Verdict.NoChange, reason: first.reason, next: first.next })
    expect(it.server.pullRequests()).toMatchObject([
      { title: "Promote aaaaaaa to main", head: "promote/aaaaaaaaaaaa", base: "main", sha: commit("a") },
    ])
    expect(it.server.pullRequests()[0]?.body).toContain(why)
  })

  it("opens one pull request although the answer is lost", async () => {
    await using it = await stages({}, byDefault)
    it.server.fail({ on: /POST .*\/pulls$/, kind: "lost reply" })

    expect((await it.promoted()).next).toContain("/pull/1 approved and merged")
    expect(it.server.pullRequests()).toHaveLength(1)
  })

  it("says where a person can open it when GitHub lets no workflow do so", async () => {
    await using it = await stages({}, (server) => {
      byDefault(server)
      server.withoutPullRequests()
    })
    expect(await it.promoted()).toMatchObject({
      verdict: Verdict.Success,
      reason: expect.stringMatching(
        /and no pull request could be opened \(GitHub Actions is not permitted to create or approve pull requests\.\)$/,
      ),
      next: expect.stringMatching(
        /^open the pull request at https:\/\/github\.com\/owner\/book\/compare\/main\.\.\.promote\/aaaaaaaaaaaa\?expand=1 /,
      ),
    })
  })

  it("merges directly with a token that the ruleset does not hold", async () => {
    await using it = await stages({}, (server) => server.rule("main", [{ type: "pull_request" }], true))
    expect(await it.promoted()).toMatchObject({ verdict: Verdict.Success, reason: "" })
    expect(await it.mainHas(commit("a"))).toBe(true)
  })

  it("tells people of it in the operation's result, for one component and for both", async () => {
    await using it = await stages({}, byDefault)
    const deployment = await it.promoted()

    expect(resultOf(deployment)).toMatchObject({ reason: deployment.reason, next: deployment.next })
    expect(resultOf(summary("production", commit("a"), [deployment, deployment], () => "undo"))).toMatchObject({
      verdict: Verdict.Success,
      reason: deployment.reason,
      next: deployment.next,
    })
    expect(deploymentText(deployment)).toContain(`  next     ${deployment.next}`)
  })
})

it.each([
  [
    "the token may only read",
    (server: GitHubStandIn) => server.readOnly(),
    "main",
    "the token may not write to the repository",
  ],
  ["there is no such branch", () => {}, "live", "the repository has no branch live"],
  [
    "a ruleset locks the branch",
    (server: GitHubStandIn) => server.rule("main", [{ type: "update" }]),
    "main",
    "main takes no commits: a ruleset lets nobody update it",
  ],
])(
  "is refused before anything changes when %s, for nothing could be merged afterwards",
  async (_, prepare, branch, why) => {
    await using it = await stages({}, prepare)

    expect(await it.promoted(branch)).toMatchObject({
      verdict: Verdict.Refused,
      failed: "aaaaaaa cannot be promoted.",
      reason: `it could not come into ${branch} afterwards: ${why}`,
      liveId: "",
    })
    expect(it.hub.dockerfile("owner/production")).toBe("")
  },
)

describe("a commit that does not contain what is live", () => {
  it("is refused, and nothing moves", async () => {
    await using it = await stages()
    await it.promoted()

    const refused = await deploy(imageRelease("b"), it.production)

    expect(refused).toMatchObject({
      verdict: Verdict.Refused,
      failed: "bbbbbbb has diverged from what is live.",
      reason: "it does not contain aaaaaaa, which is live: deploying it would take that back",
      next: 'merge aaaaaaa into the branch and deploy the merge; to deploy without it nevertheless add --allow-diverged="the reason"',
      liveCommit: commit("a"),
    })
  })

  it("goes live with a reason, which the ledger keeps and the report shows", async () => {
    await using it = await stages()
    await it.promoted()

    const deployment = await deploy(imageRelease("b"), { ...it.production, allowDiverged: "a hotfix" })

    expect(deployment).toMatchObject({ verdict: Verdict.Success, liveCommit: commit("b") })
    expect(deployment.warnings).toEqual(["bbbbbbb does not contain aaaaaaa, which was live: a hotfix"])
    expect((await it.production.ledger.list("backend", "production"))[0]?.why).toBe("a hotfix")
  })
})

it("finds the deployment to promote by the ID of either host, by its entry and by its commit", async () => {
  await using it = await stages()
  await deploy(imageRelease("a"), it.staging)
  await deploy(imageRelease("b"), it.staging)
  const [newest] = (await it.staging.ledger?.list(it.staging.component, "staging")) ?? []
  const list = async (component: string) =>
    component === it.staging.component ? ((await it.staging.ledger?.list(it.staging.component, "staging")) ?? []) : []

  const found = [newest?.id, newest?.entry, commit("b"), commit("b").slice(0, 7), ""].map((wanted = "?") =>
    promotedCommit(wanted, list),
  )

  expect(await Promise.all(found)).toEqual([commit("b"), commit("b"), commit("b"), commit("b"), ""])
  expect(await promotedCommit("no-such-deployment", list)).toBe("no-such-deployment")
})
