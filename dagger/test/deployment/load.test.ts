import { mkdtemp, rm } from "node:fs/promises"
import { Agent, get } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { rollback } from "../../lib/deployment/rollback.js"
import { Component, Verdict } from "../../src/exposed-types.js"
import { world } from "../support/world.js"

let scratch = ""
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "load-"))
})
afterAll(() => rm(scratch, { recursive: true, force: true }))

/** A hundred requests each second, at most fifty at once, until stopped; counts what visitors would have noticed. */
function visitors(url: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: 50 })
  const counts = { asked: 0, answered: 0, dropped: 0, reasons: [] as string[] }
  const drop = (reason: string) => {
    counts.dropped++
    counts.reasons.push(reason)
  }
  const timer = setInterval(() => {
    if (counts.asked - counts.answered - counts.dropped >= 50) return
    counts.asked++
    const request = get(url, { agent, timeout: 2000 }, (answer) => {
      answer.resume()
      answer.on("end", () => (answer.statusCode === 200 ? counts.answered++ : drop(`answered ${answer.statusCode}`)))
    })
    request.on("timeout", () => request.destroy(new Error("timed out")))
    request.on("error", (failure) => drop(failure.message))
  }, 10)
  return async () => {
    clearInterval(timer)
    while (counts.asked > counts.answered + counts.dropped) await new Promise((wake) => setTimeout(wake, 5))
    agent.destroy()
    return counts
  }
}

it.each([
  [Component.Frontend, "/"],
  [Component.Backend, "/health"],
])("visitors of the %s notice neither a switch nor a rollback", async (component, path) => {
  await using it = await world(component, scratch)
  const stop = visitors(it.front.url + path)
  const pause = () => new Promise((wake) => setTimeout(wake, 300))
  await pause()

  expect((await it.deploy("b")).verdict).toBe(Verdict.Success)
  await pause()
  const began = Date.now()
  expect((await rollback(it.target, { to: "", reason: "load" })).verdict).toBe(Verdict.Success)
  const rollbackTook = Date.now() - began
  await pause()

  const { asked, dropped, reasons } = await stop()
  console.log(`load, ${component}: ${asked} requests, ${dropped} dropped; the rollback took ${rollbackTook} ms`)
  expect(reasons).toEqual([])
  expect(asked).toBeGreaterThan(60)
  expect(rollbackTook).toBeLessThan(3000)
})
