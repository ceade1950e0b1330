import { expect, it } from "vitest"
import { coverageBadge } from "../../lib/checks/coverage-badge.js"

it.each([
  [69.9, "#c0322b"],
  [70, "#8f5f00"],
  [79.9, "#8f5f00"],
  [80, "#1a7f4b"],
])("is at %d %% of a limit of 70 coloured %s", (percent, colour) => {
  expect(coverageBadge("coverage", { percent, limit: 70 })).toContain(`fill="${colour}"`)
})

it("is green at 100 % of any limit", () => {
  expect(coverageBadge("coverage", { percent: 100, limit: 100 })).toContain("#1a7f4b")
})

it("reads itself out with its limit", () => {
  expect(coverageBadge("frontend coverage", { percent: 97.1, limit: 70 })).toContain(
    "<title>frontend coverage: 97.1 %, the limit is 70 %</title>",
  )
})

it("escapes its label", () => {
  expect(coverageBadge("<script>&", { percent: 1, limit: 1 })).not.toMatch(/<script|&(?!#)/)
})

it.each(["#c0322b", "#8f5f00", "#1a7f4b", "#444c56"])("keeps white readable on %s", (colour) => {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  expect(1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)).toBeGreaterThanOrEqual(4.5)
})
