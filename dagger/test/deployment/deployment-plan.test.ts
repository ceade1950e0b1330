import { expect, it } from "vitest"
import { contractNotAllowed } from "../../lib/database/errors.js"
import { deploy } from "../../lib/deployment/deployment.js"
import {
  deploymentPlansMarkdown,
  deploymentPlansText,
  deploymentPlanText,
  type PlanRequest,
  plannedDeployment,
} from "../../lib/deployment/deployment-plan.js"
import { notOnBranch } from "../../lib/deployment/errors.js"
import { plannedPromotion } from "../../lib/deployment/promotion-plan.js"
import { rollback } from "../../lib/deployment/rollback.js"
import type { Target } from "../../lib/deployment/target.js"
import { GitHub } from "../../lib/providers/github/github.js"
import { GitHubLocks } from "../../lib/providers/github/lock.js"
import { GitHubBranch } from "../../lib/providers/github/production-branch.js"
import { gitHub } from "../../stand-ins/github.js"
import { huggingFace } from "../../stand-ins/hugging-face.js"
import { commit, imageRelease, runner } from "../support/app.js"
import { fastClock } from "../support/fast-clock.js"
import { placesAt } from "../support/places.js"
import { backend } from "../support/targets.js"

/** Two Spaces, in the first of which some versions went live one after the other, with their records at GitHub. */
async function spaces(letters: string) {
  const clock = fastClock()
  const hub = await huggingFace({ spaces: ["owner/book", "owner/live"], run: runner({}) })
  const server = await gitHub({ now: clock.now })
  let parents: string[] = []
  for (const letter of "abcd") parents = [server.commit(letter, parents, "main", commit(letter))]
  const github = new GitHub({ repository: "owner/book", token: "ghp_x", api: server.url }, clock)
  const kept = { ...placesAt(server.url, clock), order: (one: string, than: string) => github.order(one, than) }
  const target = { ...backend(hub, { clock }), ...kept }
  for (const letter of letters) await deploy(imageRelease(letter), target)
  const locks = new GitHubLocks(github)
  const request = (letter: string, more: Partial<PlanRequest> = {}): PlanRequest => ({
    ...{ commit: commit(letter), first: [], place: "none", migration: async () => "0002 → 0003: 0003 expand" },
    lease: async () => (await locks.read("staging"))?.record,
    ...more,
  })
  const writes = () => [...hub.writes(), ...server.writes()]
  return {
    ...{ hub, server, target, clock, github, request, writes },
    production: { ...backend(hub, { clock, space: "owner/live", environment: "production" }), ...kept },
    plan: (letter: string, more: Partial<PlanRequest> = {}, at: Partial<Target<never>> = {}) =>
      plannedDeployment({ ...target, ...(at as object) }, request(letter, more)),
    [Symbol.asyncDispose]: async () => void (await Promise.all([hub.close(), server.close()])),
  }
}

it("says step by step what a deployment would do, from what is live now, and writes nothing", async () => {
  await using it = await spaces("a")
  const written = it.writes()

  const plan = await it.plan("b", { first: [{ name: "check the branch", look: async () => "main has bbbbbbb" }] })

  expect(plan).toMatchObject({ verdict: "success", liveCommit: commit("a"), commit: commit("b"), failed: "" })
  expect(deploymentPlansText([plan]).replaceAll(/registry\.example\S+/g, "IMAGE")).toMatchInlineSnapshot(`
    "backend of staging: bbbbbbb would go live
      now                                        aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa as IMAGE
      check the branch                           main has bbbbbbb
      look at what is live                       aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa as IMAGE
      take the lock                              free
      read the ledger                            1 earlier attempt; nothing in them forbids it
      put the candidate beside the live version  none
      migrate the database                       0002 → 0003: 0003 expand
      switch                                     from aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa as IMAGE to bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
      probe live                                 until bbbbbbb answers; else what is live now would be restored
    Nothing was written. The same command without --plan does it."
  `)
  expect(it.writes()).toEqual(written)
})

it("ends as the deployment does that follows it", async () => {
  await using it = await spaces("ab")
  for (const letter of ["b", "a", "c"]) {
    const { verdict } = await it.plan(letter)

    expect((await deploy(imageRelease(letter), it.target)).verdict).toBe(verdict)
  }
})

it("changes nothing where the version is live and healthy", async () => {
  await using it = await spaces("ab")

  const plan = await it.plan("b")

  expect(plan.verdict).toBe("no-change")
  expect(deploymentPlanText(plan)).toContain("backend of staging: bbbbbbb would change nothing\n")
})

it.each<[string, string, Partial<PlanRequest>, RegExp]>([
  [
    "a commit that its branch lacks",
    "b",
    {
      first: [
        { name: "check the branch", look: async () => Promise.reject(notOnBranch("bbbbbbb", "main", "staging")) },
      ],
    },
    /^failed: .*bbbbbbb.*main/m,
  ],
  [
    "a schema step that is not allowed",
    "c",
    { migration: async () => Promise.reject(contractNotAllowed(["0004 (contract)"])) },
    /^why: .*0004 \(contract\)/m,
  ],
])("names what would refuse it, stops there, and writes nothing: %s", async (_, letter, more, expected) => {
  await using it = await spaces("a")
  const written = it.writes()

  const plan = await it.plan(letter, more)

  expect(["failed", "refused"]).toContain(plan.verdict)
  expect(plan.steps.map(({ name }) => name)).not.toContain("switch")
  expect(deploymentPlanText(plan)).toMatch(expected)
  expect(it.writes()).toEqual(written)
})

it("refuses a quarantined version and one that lacks what is live, as the deployment would, unless a reason is given", async () => {
  await using it = await spaces("ab")
  await rollback(it.target, { to: "", reason: "prices are wrong" })
  const side = it.server.commit("aside", [])

  expect(await it.plan("b")).toMatchObject({ verdict: "refused", reason: expect.stringContaining("prices are wrong") })
  expect(await it.plan("b", {}, { overQuarantine: "fixed" })).toMatchObject({ verdict: "success" })
  expect(await it.plan("b", { commit: side })).toMatchObject({ verdict: "refused" })
  expect(await it.plan("b", { commit: side }, { allowDiverged: "tonight" })).toMatchObject({ verdict: "success" })
})

it("names who holds the lock that it would wait for", async () => {
  await using it = await spaces("a")
  const lease = await it.target.lock.take("staging", { owner: "ben", run: "", reason: "deploy ccccccc" })

  const plan = await it.plan("b")
  await lease.release()

  expect(plan.steps.find(({ name }) => name === "take the lock")?.detail).toMatch(
    /^held by ben \(deploy ccccccc\) until \S+Z: it would wait, 15 minutes at most$/,
  )
})

it("does not reach the frontend where the backend would be refused", async () => {
  await using it = await spaces("a")
  const [refused, next] = [
    await it.plan("b", { migration: async () => Promise.reject(new Error("no")) }),
    await it.plan("b"),
  ]

  const plans = [refused, { ...next, component: "frontend" as never }]
  expect(deploymentPlansText(plans)).toContain("\n  not reached: the backend before it would end failed\n")
  expect(deploymentPlansMarkdown(plans)).toMatch(
    /^### backend of [\s\S]*\n### frontend of [\s\S]*\nnot reached: the backend before it would end failed\n\nNothing was written\./,
  )
})

it("plans a promotion from what both environments serve, and writes nothing", async () => {
  await using it = await spaces("ab")
  await deploy(imageRelease("a"), it.production)
  const written = it.writes()
  const request = {
    ...{ wanted: "", policy: { provenSeconds: 0 }, branch: new GitHubBranch(it.github, "main") },
    ...{ artifact: async () => "it says that it is of this commit", migration: async () => "at 0003, nothing to do" },
  }

  const plan = await plannedPromotion(it.target, it.production, request)
  const early = await plannedPromotion(it.target, it.production, { ...request, policy: { provenSeconds: 86_400 } })

  expect(plan).toMatchObject({
    environment: "production",
    commit: commit("b"),
    liveCommit: commit("a"),
    verdict: "success",
  })
  expect(plan.steps.map(({ name }) => name)).toEqual([
    "prove it in staging",
    "take the proven version",
    "check the branch",
    "look at what is live",
    "take the lock",
    "read the ledger",
    "put the candidate beside the live version",
    "migrate the database",
    "switch",
    "probe live",
  ])
  expect(early).toMatchObject({ verdict: "refused", reason: expect.stringContaining("86400 s are required") })
  expect(it.writes()).toEqual(written)
})
