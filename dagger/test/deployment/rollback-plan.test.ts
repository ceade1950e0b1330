import { expect, it } from "vitest"
import { MigrationClass } from "../../lib/database/schema.js"
import { deploy } from "../../lib/deployment/deployment.js"
import { deployProduct } from "../../lib/deployment/product-release.js"
import { rollback } from "../../lib/deployment/rollback.js"
import {
  plannedProductRollback,
  plannedRollback,
  planText,
  productPlanText,
} from "../../lib/deployment/rollback-plan.js"
import { gitHub } from "../../stand-ins/github.js"
import { huggingFace } from "../../stand-ins/hugging-face.js"
import { commit, imageRelease, runner } from "../support/app.js"
import { fastClock } from "../support/fast-clock.js"
import { placesAt } from "../support/places.js"
import { both, product } from "../support/product.js"
import { backend } from "../support/targets.js"

/** A Space in which some versions went live one after the other, with its records at GitHub. */
async function space(letters: string) {
  const clock = fastClock()
  const hub = await huggingFace({ spaces: ["owner/book"], run: runner({}) })
  const server = await gitHub({ now: clock.now })
  const root = server.commit("root", [], "main")
  for (const letter of letters) server.commit(letter, [root], "main", commit(letter))
  const target = { ...backend(hub, { clock }), ...placesAt(server.url, clock) }
  for (const letter of letters) await deploy(imageRelease(letter), target)
  const written = () => hub.writes().length + server.writes().length
  const close = async () => void (await Promise.all([hub.close(), server.close()]))
  return { hub, target, written, [Symbol.asyncDispose]: close }
}

it("says what a rollback would restore, and writes nothing to the host, the lock and the ledger", async () => {
  await using it = await space("abc")
  const written = it.written()

  const plan = await plannedRollback(it.target, { to: "", reason: "prices are wrong" })

  expect(plan).toMatchObject({ commit: commit("b"), liveCommit: commit("c"), isLive: false })
  expect(planText({ ...plan, id: "ID", now: "c", at: "" })).toMatchInlineSnapshot(`
    "backend of staging: a rollback would restore bbbbbbb
      now      c
      then     bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb as ID
      checked  the host has it, it is not quarantined
    Nothing was written. The same command without --plan does it."
  `)
  expect(it.written()).toBe(written)
})

it("restores exactly what was planned", async () => {
  await using it = await space("abc")
  const request = { to: "", reason: "prices are wrong" }
  const plan = await plannedRollback(it.target, request)

  expect(await rollback(it.target, request)).toMatchObject({ liveCommit: plan.commit, liveId: plan.id })
  expect(await plannedRollback(it.target, request)).toMatchObject({ commit: commit("b"), isLive: true })
})

it("names what would refuse the rollback, and writes nothing either", async () => {
  await using it = await space("ab")
  const written = it.written()
  const schema = async () => ({
    database: "0002",
    known: ["0001"],
    between: [{ revision: "0002", class: MigrationClass.Contract }],
  })

  await expect(plannedRollback(it.target, { to: "", reason: "500s", schema })).rejects.toThrow("aaaaaaa")
  await expect(plannedRollback(it.target, { to: "fffffff", reason: "500s" })).rejects.toThrow("fffffff")
  await expect(plannedRollback(it.target, { to: "", reason: " " })).rejects.toThrow("A rollback needs a reason.")
  expect(it.written()).toBe(written)
})

it("plans both components in the order of the rollback, to the same commit", async () => {
  await using it = await product()
  await deployProduct(both("a"), it.components)
  await deployProduct(both("b"), it.components)
  const written = it.hub.writes().length + it.api.writes().length

  const plans = await plannedProductRollback(it.components, { to: "", reason: "bad" })

  expect(plans.map(({ component, commit }) => [component, commit])).toEqual([
    ["frontend", commit("a")],
    ["backend", commit("a")],
  ])
  expect(
    productPlanText(plans)
      .split("\n")
      .filter((line) => line.includes("would restore")),
  ).toEqual([
    "frontend of staging: a rollback would restore aaaaaaa",
    "backend of staging: a rollback would restore aaaaaaa",
  ])
  expect(it.hub.writes().length + it.api.writes().length).toBe(written)
  expect(await it.live()).toBe("bb")
})
