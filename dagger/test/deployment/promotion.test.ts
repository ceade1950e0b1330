import { expect, it } from "vitest"
import { deploy } from "../../src/deployment/deployment.js"
import { Merge, promote } from "../../src/deployment/promotion.js"
import { Verdict } from "../../src/verdict.js"
import { huggingFace } from "../../stand-ins/hugging-face.js"
import { commit, image, imageRelease, runner } from "../support/app.js"
import { fastClock } from "../support/fast-clock.js"
import { places } from "../support/places.js"
import { backend } from "../support/targets.js"

async function stages(special = {}) {
  const clock = fastClock()
  const hub = await huggingFace({ spaces: ["owner/staging", "owner/production"], run: runner(special) })
  const kept = await places(clock)
  const staging = { ...backend(hub, { clock, space: "owner/staging", environment: "staging" }), ...kept }
  const production = { ...backend(hub, { clock, space: "owner/production", environment: "production" }), ...kept }
  const merged: string[] = []
  const request = (wanted = "", merge = Merge.Merged) => ({
    wanted,
    policy: { provenSeconds: 300 },
    artifact: async (proven: { id: string }) => ({
      repository: proven.id.split("@")[0] ?? "",
      digest: proven.id.split("@")[1] ?? "",
    }),
    merge: async (head: string) => {
      merged.push(head)
      return merge
    },
  })
  return { clock, hub, staging, production, request, merged, [Symbol.asyncDispose]: () => hub.close() }
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
  expect(it.merged).toEqual([commit("a")])
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
  expect(it.merged).toEqual([])
})

it("refuses a deployment that is not the newest of staging", async () => {
  await using it = await stages()
  await deploy(imageRelease("a"), it.staging)
  await deploy(imageRelease("b"), it.staging)
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
  await deploy(imageRelease("b"), it.staging)
  expect(await promote(it.staging, it.production, it.request())).toMatchObject({
    verdict: Verdict.Refused,
    reason: "its deployment to staging ended rolled-back",
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
    migrate: async () => `staging got ${(await deploy(imageRelease("b"), it.staging)).commit}`,
  }

  const refused = await promote(it.staging, meanwhile, it.request())

  expect(refused).toMatchObject({ verdict: Verdict.Refused, next: "promote what staging serves now" })
  expect(refused.reason).toMatch(/^staging was deployed again and now serves registry.example\/book@sha256:/)
  expect(it.hub.dockerfile("owner/production")).toBe("")
})

it("stays a success when the branches conflict, and says what to do", async () => {
  await using it = await stages()
  await deploy(imageRelease("a"), it.staging)
  await it.clock.sleep(400_000)
  expect(await promote(it.staging, it.production, it.request("", Merge.Conflict))).toMatchObject({
    verdict: Verdict.Success,
    reason: "the branches conflict, so nothing was merged",
    next: "merge the staging branch into the production branch by hand; what is live is right",
  })
})
