import { expect, it } from "vitest"
import { deployProduct } from "../../lib/deployment/product-release.js"
import { Step } from "../../lib/deployment/tracer.js"
import { Component, Verdict } from "../../src/exposed-types.js"
import { child, eachOf, prepareChildren, scratch } from "../support/kill-sweep.js"
import { both, product } from "../support/product.js"

prepareChildren()

it("a release of both components that is killed between their switches ends completely new or completely old after the same call", async () => {
  const deployed = async () => {
    const it = await product({}, scratch())
    await deployProduct(both("a"), it.components)
    return it
  }
  const run = ({ hub, api, folder }: Awaited<ReturnType<typeof product>>, killAt = "") =>
    child({ component: Component.Backend, provider: hub, folder }, killAt, { other: api.url })
  await using whole = await deployed()
  const { points, verdict } = await run(whole)
  expect(verdict).toBe(Verdict.Success)
  // Before the first switch and after the second one it is as with one component alone; after one step is before the next.
  const between = points.flatMap((point, at) =>
    at >= switched(points, 1) && at <= switched(points, 2) && point.startsWith("after: ") ? [at + 1] : [],
  )

  await eachOf(between, async (at) => {
    await using it = await deployed()
    const name = `after a kill at point ${at}, ${points[at - 1]}`
    expect((await run(it, String(at))).killed, name).toBe(true)
    expect(await it.live(), name).toMatch(/^b[ab]$/)
    const mayBeNew = await it.live()

    // The site of the same commit is unhealthy now.
    const again = await deployProduct(both("b", { title: "Oops" }), it.components)

    const isWholeThen = mayBeNew === "bb"
    expect(again.verdict, `${name}: ${again.failed} ${again.reason}`).toBe(
      isWholeThen ? Verdict.NoChange : Verdict.RolledBack,
    )
    expect(await it.live(), name).toBe(isWholeThen ? "bb" : "aa")
  })
  console.log(`kill sweep, both components: ${between.length} of ${points.length} tracer points`)
}, 120_000)

/** Index of the point after the `nth` switch. */
const switched = (points: string[], nth: number) =>
  points.flatMap((point, at) => (point === `after: ${Step.Switch}` ? [at] : []))[nth - 1] ?? -1
