import { expect, it } from "vitest"
import { Component } from "../../src/exposed-types.js"
import { gitHub } from "../../stand-ins/github.js"
import { commit } from "../support/app.js"
import { child, eachOf, mustConverge, prepareChildren, scratch } from "../support/kill-sweep.js"
import { world } from "../support/world.js"

prepareChildren()

it("a deployment that is killed around any write to its lock and its ledger at GitHub converges, with each attempt recorded once", async () => {
  const prepared = async () => {
    const github = await gitHub()
    for (const letter of "ab") github.commit(letter, letter === "b" ? [commit("a")] : [], "", commit(letter))
    return { github, it: await world(Component.Frontend, scratch(), { github }) }
  }
  const whole = await prepared()
  const before = whole.github.writes().length
  await child(whole.it, "", { github: whole.github.url })
  const writes = whole.github.writes().length - before
  await Promise.all([whole.github.close(), whole.it[Symbol.asyncDispose]()])
  const cases = Array.from({ length: writes }, (_, n) =>
    ["before", "after"].map((when) => ({ nth: n + 1, when })),
  ).flat()

  await eachOf(cases, async ({ nth, when }) => {
    const { github, it } = await prepared()
    await using _github = github
    await using _world = it
    let seen = 0
    const dead = child(it, "", {
      github: github.url,
      started: (running) => {
        github.onRequest = async (now, request) => {
          if (request.startsWith("GET ") || now !== when || ++seen !== nth) return
          running.kill("SIGKILL")
          await new Promise((gone) => running.once("exit", gone))
        }
      },
    })
    expect((await dead).killed, `killed ${when} write ${nth}`).toBe(true)
    delete github.onRequest
    await mustConverge(it, `${when} write ${nth} to GitHub`)
    const entries = github.deployments().filter(({ sha }) => sha === commit("b"))
    expect(
      entries.map(({ states }) => states.at(-1)),
      `entries after a kill ${when} write ${nth}`,
    ).not.toContain("in_progress")
  })
  console.log(`kill sweep, GitHub: ${cases.length} points around ${writes} writes`)
}, 240_000)
