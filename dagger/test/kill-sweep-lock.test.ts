import { expect, it } from "vitest"
import { Half } from "../src/deployment.js"
import { Verdict } from "../src/verdict.js"
import { child, eachOf, mustConverge, prepareChildren, scratch } from "./support/kill-sweep.js"
import { world } from "./support/world.js"

prepareChildren()

const switchBy = "lock"

it("converges and rests locked again, killed around any request that changes a site that switches by its lock", async () => {
  await using whole = await world(Half.Frontend, scratch(), { switchBy })
  const before = whole.provider.writes().length
  expect((await child(whole, "", { switchBy })).verdict).toBe(Verdict.Success)
  const writes = whole.provider.writes().slice(before)
  expect(writes.map((write) => write.split("/").at(-1))).toEqual(expect.arrayContaining(["unlock", "restore", "lock"]))
  const cases = writes.flatMap((_, nth) => ["before", "after"].map((when) => ({ nth: nth + 1, when })))

  await eachOf(cases, async ({ nth, when }) => {
    await using it = await world(Half.Frontend, scratch(), { switchBy })
    let seen = 0
    const dead = child(it, "", {
      switchBy,
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

    expect((await it.deploy("c")).verdict, `the next version after a kill ${when} write ${nth}`).toBe(Verdict.Success)
    expect(await it.live()).toBe("c")
    expect(it.netlify.locked("book"), `the lock after a kill ${when} write ${nth}`).toBe(true)
  })
  console.log(`kill sweep, frontend that switches by its lock: ${cases.length} points around ${writes.length} writes`)
}, 240_000)
