import { describe, expect, it } from "vitest"
import { Component, Verdict } from "../../src/exposed-types.js"
import { child, eachOf, killAroundWrites, mustConverge, prepareChildren, scratch } from "../support/kill-sweep.js"
import { world } from "../support/world.js"

prepareChildren()

describe.each([Component.Frontend, Component.Backend])("a deployment of the %s that is killed", (component) => {
  it("at any step leaves the old or the new version live, and the same call again converges", async () => {
    await using whole = await world(component, scratch())
    const { points, verdict } = await child(whole)
    expect(verdict).toBe(Verdict.Success)

    await eachOf(points, async (point) => {
      await using it = await world(component, scratch())
      expect((await child(it, point)).killed, `killed ${point}`).toBe(true)
      await mustConverge(it, point)
    })
    console.log(`kill sweep, ${component}: ${points.length} tracer points`)
  }, 240_000)

  it("before or after the effect of any writing request converges too", async () => {
    const { points, writes } = await killAroundWrites(() => world(component, scratch()), {}, mustConverge)
    console.log(`kill sweep, ${component}: ${points} points around ${writes.length} writes`)
  }, 240_000)
})
