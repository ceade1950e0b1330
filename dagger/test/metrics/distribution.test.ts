import { expect, it } from "vitest"
import { distribution } from "../../lib/metrics/distribution.js"

const to = (last: number) => Array.from({ length: last }, (_, at) => at + 1)

it.each([
  ["one time", [7], { count: 1, average: 7, median: 7, p95: 7 }],
  ["two", [10, 1], { count: 2, average: 6, median: 6, p95: 10 }],
  ["an odd number", [9, 1, 2], { count: 3, average: 4, median: 2, p95: 9 }],
  ["an even number", [4, 1, 3, 2], { count: 4, average: 3, median: 3, p95: 4 }],
  ["times that are alike", [5, 5, 5, 5, 9], { count: 5, average: 6, median: 5, p95: 9 }],
  ["19, of which the longest counts", to(19), { count: 19, average: 10, median: 10, p95: 19 }],
  ["20, of which the longest no longer does", to(20), { count: 20, average: 11, median: 11, p95: 19 }],
  ["100", to(100), { count: 100, average: 51, median: 51, p95: 95 }],
  ["unsorted text-like numbers", [100, 9, 20], { count: 3, average: 43, median: 20, p95: 100 }],
])("has average, median and 95th percentile of %s", (_, times, expected) => {
  expect(distribution(times)).toEqual(expected)
})

it("is undefined without values", () => {
  expect(distribution([])).toBeUndefined()
})
