import { expect, it } from "vitest"
import { orphans } from "../../lib/deployment/ledger.js"
import { rollback } from "../../lib/deployment/rollback.js"
import { Component, Verdict } from "../../src/exposed-types.js"
import { type Behaviour, commit } from "../support/app.js"
import { child, eachOf, prepareChildren, scratch } from "../support/kill-sweep.js"
import { world } from "../support/world.js"

prepareChildren()

const degraded: Behaviour = () => ({
  json: { status: "degraded", commit: commit("b"), dependencies: { database: "ok" } },
})

it("a bad backend that is killed at any step ends with the old version live", async () => {
  await using whole = await world(Component.Backend, scratch(), { special: { b: degraded } })
  const { points, verdict } = await child(whole)
  expect(verdict).toBe(Verdict.RolledBack)

  await eachOf(points, async (point) => {
    await using it = await world(Component.Backend, scratch(), { special: { b: degraded } })
    await child(it, point)
    expect(await it.live(), `live after a kill ${point}`).toMatch(/^[ab]$/)
    const again = await it.deploy("b")
    expect(
      [Verdict.RolledBack, Verdict.Refused],
      `the same call after a kill ${point}: ${again.failed} ${again.reason}`,
    ).toContain(again.verdict)
    expect(await it.live(), `live after a kill ${point} and the same call`).toBe("a")
    expect((await it.deploy("b")).verdict).toBe(Verdict.Refused)
    expect(orphans(await it.ledger.list(Component.Backend, "staging"))).toEqual([])
  })
  console.log(`kill sweep, bad backend: ${points.length} tracer points`)
}, 240_000)

it.each([Component.Frontend, Component.Backend])(
  "a rollback of the %s that is killed at any point, called again, goes back once",
  async (component) => {
    const rollBack = "prices are wrong"
    const both = async () => {
      const it = await world(component, scratch())
      await it.deploy("b")
      return it
    }
    await using whole = await both()
    const { points, verdict } = await child(whole, "", { rollBack })
    expect(verdict).toBe(Verdict.Success)

    await eachOf(points, async (point) => {
      await using it = await both()
      expect((await child(it, point, { rollBack })).killed, `killed ${point}`).toBe(true)
      expect(await it.live(), `live after a kill ${point}`).toMatch(/^[ab]$/)
      const again = await rollback(it.target, { to: "", reason: rollBack })
      expect(
        [Verdict.Success, Verdict.NoChange],
        `the same call after a kill ${point}: ${again.failed} ${again.reason}`,
      ).toContain(again.verdict)
      expect(await it.live(), `live after a kill ${point} and the same call`).toBe("a")
      const writes = it.provider.writes().length
      expect(
        (await rollback(it.target, { to: "", reason: rollBack })).verdict,
        `a third call after a kill ${point}`,
      ).toBe(Verdict.NoChange)
      expect(it.provider.writes()).toHaveLength(writes)
      expect((await it.deploy("b")).verdict, `the version left, after a kill ${point}`).toBe(Verdict.Refused)
      expect(orphans(await it.ledger.list(component, "staging"))).toEqual([])
    })
    console.log(`kill sweep, rollback of the ${component}: ${points.length} tracer points`)
  },
  60_000,
)
