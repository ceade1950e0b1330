import { afterAll, beforeAll, expect, it } from "vitest"
import { type Checkout, checkout } from "./checkout.js"
import { providers } from "./providers.js"

let clone: Checkout
beforeAll(() => {
  clone = checkout()
})
afterAll(() => clone[Symbol.dispose]())

it("protects the branches that are deployed, once, and names one that is not there", async () => {
  await using it = await providers(clone)
  const protect = (...flags: string[]) => it.call("protect", ["--github-token=env://GITHUB_TOKEN", ...flags])
  const without = await protect()
  expect(without.error).toContain('The repository has no branch "staging".')
  expect(without.code).toBe(1)
  it.history.commit("staging", [clone.head()], "staging")

  const plan = await protect("--plan")
  expect(plan.stdout).toMatch(/^staging: would be protected; now:\n {2}ci need not succeed\n[\s\S]*^main: would be/m)
  expect(it.history.writes()).toEqual([])
  const done = await protect()
  expect(done.code, done.error).toBe(0)
  const again = await protect()

  expect(again.stdout).toBe("staging: protected as the settings say\nmain: protected as the settings say")
  expect(it.history.writes()).toEqual([
    expect.stringMatching(/^PUT .*\/branches\/staging\/protection$/),
    expect.stringMatching(/^PUT .*\/branches\/main\/protection$/),
  ])
})
