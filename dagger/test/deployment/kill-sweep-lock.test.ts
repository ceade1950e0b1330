import { expect, it } from "vitest"
import { Component, Verdict } from "../../src/exposed-types.js"
import { killAroundWrites, mustConverge, prepareChildren, scratch } from "../support/kill-sweep.js"
import { world } from "../support/world.js"

prepareChildren()

it("converges and is locked again when killed around any request that changes a site that switches by its lock", async () => {
  const switchBy = "lock"
  const prepare = () => world(Component.Frontend, scratch(), { switchBy })
  const { points, writes } = await killAroundWrites(prepare, { switchBy }, async (it, at) => {
    await mustConverge(it, at)
    expect((await it.deploy("c")).verdict, `the next version after a kill ${at}`).toBe(Verdict.Success)
    expect(await it.live()).toBe("c")
    expect(it.netlify.locked("book"), `the lock after a kill ${at}`).toBe(true)
  })
  expect(writes.map((write) => write.split("/").at(-1))).toEqual(expect.arrayContaining(["unlock", "restore", "lock"]))
  console.log(`kill sweep, frontend that switches by its lock: ${points} points around ${writes.length} writes`)
}, 240_000)
