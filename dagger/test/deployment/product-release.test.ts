import { expect, it } from "vitest"
import { MigrationClass } from "../../lib/database/schema.js"
import { deploy } from "../../lib/deployment/deployment.js"
import { deployProduct, rollbackProduct } from "../../lib/deployment/product-release.js"
import { Verdict } from "../../src/exposed-types.js"
import { commit, image } from "../support/app.js"
import { both, product } from "../support/product.js"

it("deploys both components, and answers no-change the second time", async () => {
  await using it = await product()
  expect(await deployProduct(both("a"), it.components)).toMatchObject({ verdict: Verdict.Success, undo: "" })
  expect(await deployProduct(both("b"), it.components)).toMatchObject({
    verdict: Verdict.Success,
    undo: 'dagger call --github-token=env://GITHUB_TOKEN rollback --environment=staging --reason="…" --netlify-token=env://NETLIFY_TOKEN --hugging-face-token=env://HF_TOKEN',
  })
  const writes = it.hub.writes().length + it.api.writes().length
  expect(await deployProduct(both("b"), it.components)).toMatchObject({ verdict: Verdict.NoChange })
  expect(it.hub.writes().length + it.api.writes().length).toBe(writes)
  expect(await it.live()).toBe("bb")
})

it("is undone by what changed alone: a backend that was there before stays", async () => {
  await using it = await product()
  const page = await deployProduct(both("a"), it.components)
  await deploy({ commit: commit("b"), version: "b", artifact: image("b") }, it.components.backend)

  const deployed = await deployProduct(both("b"), it.components)

  expect(deployed.components.map(({ verdict }) => verdict)).toEqual([Verdict.NoChange, Verdict.Success])
  expect(deployed.undo).toBe(
    `dagger call --github-token=env://GITHUB_TOKEN frontend rollback --environment=staging --to=${page.components[1]?.liveId} --reason="…" --netlify-token=env://NETLIFY_TOKEN report`,
  )
})

it("does not touch the frontend when the backend fails", async () => {
  await using it = await product({ b: () => ({ status: 500, json: {} }) })
  await deployProduct(both("a"), it.components)
  const failed = await deployProduct(both("b"), it.components)
  expect(failed).toMatchObject({ verdict: Verdict.RolledBack, failed: "The new version is unhealthy." })
  expect(failed.components).toHaveLength(1)
  expect(await it.live()).toBe("aa")
})

it("rolls the backend back when the frontend fails", async () => {
  await using it = await product()
  await deployProduct(both("a"), it.components)
  const failed = await deployProduct(both("b", { title: "Oops" }), it.components)
  expect(failed).toMatchObject({ verdict: Verdict.RolledBack, failed: "The new version is unhealthy." })
  expect(failed.components.map(({ component, verdict }) => [component, verdict])).toEqual([
    ["backend", Verdict.Success],
    ["frontend", Verdict.Failed],
    ["backend", Verdict.Success],
  ])
  expect(await it.live()).toBe("aa")
})

it("rolls the backend back when the run that deployed it was killed before the frontend", async () => {
  await using it = await product()
  await deployProduct(both("a"), it.components)
  const { commit, version, image } = both("b")
  await deploy({ commit, version, artifact: image }, { ...it.components.backend, bothComponents: true })
  expect(await it.live()).toBe("ba")

  const failed = await deployProduct(both("b", { title: "Oops" }), it.components)

  expect(failed.components.map(({ component, verdict }) => [component, verdict])).toEqual([
    ["backend", Verdict.NoChange],
    ["frontend", Verdict.Failed],
    ["backend", Verdict.Success],
  ])
  expect(failed).toMatchObject({ verdict: Verdict.RolledBack })
  expect(await it.live()).toBe("aa")
})

it("keeps a backend that was deployed alone before", async () => {
  await using it = await product()
  await deployProduct(both("a"), it.components)
  await deploy({ commit: commit("b"), version: "b", artifact: image("b") }, it.components.backend)

  const failed = await deployProduct(both("b", { title: "Oops" }), it.components)

  expect(failed.components.map(({ component, verdict }) => [component, verdict])).toEqual([
    ["backend", Verdict.NoChange],
    ["frontend", Verdict.Failed],
  ])
  expect(failed).toMatchObject({ verdict: Verdict.Failed })
  expect(await it.live()).toBe("ba")
})

it("keeps the backend while it is unknown which page is live", async () => {
  await using it = await product()
  await deployProduct(both("a"), it.components)
  const lastCheck = async () => {
    it.api.fail({ on: /./, kind: "status", status: 503, times: 1000 })
    return "Netlify goes down at the switch"
  }

  const lost = await deployProduct(both("b"), { ...it.components, frontend: { ...it.components.frontend, lastCheck } })

  expect(lost).toMatchObject({ verdict: Verdict.Inconclusive })
  expect((await it.components.backend.host.live())?.commit).toBe(commit("b"))
})

it("keeps the backend when the schema of the database forbids the rollback", async () => {
  await using it = await product()
  await deployProduct(both("a"), it.components)
  const schema = async () => ({
    database: "r2",
    known: ["r1"],
    between: [{ revision: "r2", class: MigrationClass.Contract }],
  })
  const failed = await deployProduct(both("b", { title: "Oops" }), it.components, schema)
  expect(failed).toMatchObject({ verdict: Verdict.RollbackFailed })
  expect(failed.reason).toMatch(
    /expected "Physical AI"; then: the database is at revision r2; since then it was changed by r2 \(contract\), which that version does not know$/,
  )
  expect(await it.live()).toBe("ba")
})

it.each([
  ["both", () => both("c"), "frontend", "cc"],
  ["the backend", () => ({ commit: commit("c"), version: "c", image: image("c") }), "backend", "cb"],
])("rolls nothing back when %s changed while it waited for the lock", async (_, release, component, live) => {
  await using it = await product()
  for (const letter of "ab") await deployProduct(both(letter), it.components)
  const lock = {
    take: async (...words: Parameters<typeof it.components.backend.lock.take>) => {
      await deployProduct(release(), it.components)
      return it.components.backend.lock.take(...words)
    },
  }
  const waiting = { backend: { ...it.components.backend, lock }, frontend: { ...it.components.frontend, lock } }

  const late = await rollbackProduct(waiting, { to: "", reason: "b is bad" })

  expect(late).toMatchObject({
    verdict: Verdict.Refused,
    failed: `What is live in ${component} of staging changed while this rollback waited for the lock.`,
  })
  expect(await it.live()).toBe(live)
})

it("rolls both components back to the same release", async () => {
  await using it = await product()
  for (const letter of "abc") await deployProduct(both(letter), it.components)
  expect(await rollbackProduct(it.components, { to: "aaaaaaa", reason: "wrong prices" })).toMatchObject({
    verdict: Verdict.Success,
    commit: commit("a"),
  })
  expect(await it.live()).toBe("aa")
})
