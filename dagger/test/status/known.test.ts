import { expect, it } from "vitest"
import { asked } from "../../lib/status/known.js"

it("waits for nobody beyond its time", async () => {
  expect(await asked(() => new Promise(() => {}), { who: "GitHub", milliseconds: 20 })).toEqual({
    known: false,
    why: "GitHub gave no answer within 0.02 s",
  })
})

it("repeats no secret that a failure holds", async () => {
  const token = `ghp_${"a".repeat(36)}`
  const found = await asked(() => Promise.reject(new Error(`no: ${token}`)), { who: "GitHub", milliseconds: 20 })

  expect(found).toEqual({ known: false, why: "no: ***" })
})
