import { describe, expect, it } from "vitest"
import { Half } from "../src/deployment.js"
import { Verdict } from "../src/verdict.js"
import { child, eachOf, mustConverge, prepareChildren, scratch } from "./support/kill-sweep.js"
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
    await using whole = await world(half, scratch())
    const before = whole.provider.writes().length
    await child(whole)
    const writes = whole.provider.writes().length - before
    const cases = Array.from({ length: writes }, (_, n) => [
      { nth: n + 1, when: "before" },
      { nth: n + 1, when: "after" },
    ]).flat()

    await eachOf(cases, async ({ nth, when }) => {
      await using it = await world(half, scratch())
      let seen = 0
      const dead = child(it, "", {
        started: (running) => {
          it.provider.onRequest = async (now, request) => {
            if (request.startsWith("GET ") || now !== when || ++seen !== nth) return
            running.kill("SIGKILL")
            await new Promise((gone) => running.once("exit", gone))
          }
        },
      })
      expect((await dead).killed, `killed ${when} write ${nth}`).toBe(true)
      delete it.provider.onRequest
      await mustConverge(it, `${when} write ${nth}`)
    })
    console.log(`kill sweep, ${half}: ${cases.length} points around ${writes} writes`)
  }, 240_000)
})
