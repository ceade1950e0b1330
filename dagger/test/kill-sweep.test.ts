import { describe, expect, it } from "vitest"
import { Half } from "../src/deployment.js"
import { Verdict } from "../src/verdict.js"
import { child, eachOf, killAroundWrites, mustConverge, prepareChildren, scratch } from "./support/kill-sweep.js"
import { world } from "./support/world.js"

prepareChildren()

describe.each([Half.Frontend, Half.Backend])("a deployment of the %s that is killed", (half) => {
  it("at any point of its journal leaves old or new, and the same call again converges", async () => {
    await using whole = await world(half, scratch())
    const { points, verdict } = await child(whole)
    expect(verdict).toBe(Verdict.Success)

    await eachOf(points, async (point) => {
      await using it = await world(half, scratch())
      expect((await child(it, point)).killed, `killed ${point}`).toBe(true)
      await mustConverge(it, point)
    })
    console.log(`kill sweep, ${half}: ${points.length} journal points`)
  }, 240_000)

  it("before or after the effect of any request that changes something converges as well", async () => {
    const { points, writes } = await killAroundWrites(() => world(half, scratch()), {}, mustConverge)
    console.log(`kill sweep, ${half}: ${points} points around ${writes.length} writes`)
  }, 240_000)
})
