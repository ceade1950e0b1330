import { it } from "vitest"
import { Component } from "../../src/exposed-types.js"
import { killAroundWrites, mustConverge, prepareChildren, scratch } from "../support/kill-sweep.js"
import { world } from "../support/world.js"

prepareChildren()

it("converges when killed around any request that changes a Space that builds from source", async () => {
  const source = true
  const prepare = () => world(Component.Backend, scratch(), { source })
  const { points, writes } = await killAroundWrites(prepare, { source }, mustConverge)
  console.log(`kill sweep, a Space that builds: ${points} points around ${writes.length} writes`)
}, 120_000)
