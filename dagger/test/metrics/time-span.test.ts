import { expect, it } from "vitest"
import { describedSpan } from "../../lib/metrics/time-span.js"

it.each([
  [0, "0 s"],
  [0.4, "0 s"],
  [1, "1 s"],
  [59.6, "1 min"],
  [60, "1 min"],
  [185, "3 min 5 s"],
  [3599.7, "1 h"],
  [3600, "1 h"],
  [7325, "2 h 2 min"],
  [86_399, "1 d"],
  [90_000, "1 d 1 h"],
  [8_640_000, "100 d"],
])("says %d s as %s", (seconds, words) => {
  expect(describedSpan(seconds)).toBe(words)
})
