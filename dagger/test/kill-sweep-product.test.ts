import { expect, it } from "vitest"
import { Half } from "../src/deployment.js"
import { Step } from "../src/journal.js"
import { deployProduct } from "../src/product-release.js"
import { Verdict } from "../src/verdict.js"
import { child, eachOf, prepareChildren, scratch } from "./support/kill-sweep.js"
import { both, product } from "./support/product.js"

prepareChildren()

it("a release of both halves that is killed between their switches ends whole, new or old, by the same call", async () => {
  const deployed = async () => {
    const it = await product({}, scratch())
    await deployProduct(both("a"), it.halves)
    return it
  }
  const run = ({ hub, api, folder }: Awaited<ReturnType<typeof product>>, killAt = "") =>
    child({ half: Half.Backend, provider: hub, folder }, killAt, { other: api.url })
  await using whole = await deployed()
  const { points, verdict } = await run(whole)
  expect(verdict).toBe(Verdict.Success)
  // Before the first switch and after the second one it is as with one half alone; after one step is before the next.
  const between = points.flatMap((point, at) =>
    at >= switched(points, 1) && at <= switched(points, 2) && point.startsWith("after: ") ? [at + 1] : [],
  )

  await eachOf(between, async (at) => {
    await using it = await deployed()
    const name = `after a kill at point ${at}, ${points[at - 1]}`
    expect((await run(it, String(at))).killed, name).toBe(true)
    expect(await it.live(), name).toMatch(/^b[ab]$/)
    const mayBeNew = await it.live()

    // The site of the same commit is ill now.
    const again = await deployProduct(both("b", { title: "Oops" }), it.halves)

    const isWholeThen = mayBeNew === "bb"
    expect(again.verdict, `${name}: ${again.failed} ${again.reason}`).toBe(
      isWholeThen ? Verdict.NoChange : Verdict.RolledBack,
    )
    expect(await it.live(), name).toBe(isWholeThen ? "bb" : "aa")
  })
  console.log(`kill sweep, both halves: ${between.length} of ${points.length} journal points`)
}, 120_000)

/** Index of the point after the `nth` switch. */
const switched = (points: string[], nth: number) =>
  points.flatMap((point, at) => (point === `after: ${Step.Switch}` ? [at] : []))[nth - 1] ?? -1
