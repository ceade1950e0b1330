import { expect, it } from "vitest"
import { isoWeek, weeksUntil } from "../../lib/metrics/iso-week.js"

// The examples of ISO 8601 and the years with 53 weeks.
it.each([
  ["2026-11-24T12:00:00Z", "2026-W48", "2026-11-23"],
  ["2026-11-23T00:00:00Z", "2026-W48", "2026-11-23"],
  ["2026-11-22T23:59:59.999Z", "2026-W47", "2026-11-16"],
  ["2026-12-31T00:00:00Z", "2026-W53", "2026-12-28"],
  ["2027-01-03T23:59:59Z", "2026-W53", "2026-12-28"],
  ["2027-01-04T00:00:00Z", "2027-W01", "2027-01-04"],
  ["2024-12-30T00:00:00Z", "2025-W01", "2024-12-30"],
  ["2021-01-03T12:00:00Z", "2020-W53", "2020-12-28"],
  ["2008-12-29T00:00:00Z", "2009-W01", "2008-12-29"],
  ["2010-01-03T00:00:00Z", "2009-W53", "2009-12-28"],
])("puts %s into %s, which begins on %s", (at, name, monday) => {
  expect(isoWeek(Date.parse(at))).toEqual({ name, start: Date.parse(`${monday}T00:00:00Z`) })
})

it("counts weeks back over the end of a year", () => {
  expect(weeksUntil(Date.parse("2027-01-05T08:00:00Z"), 3).map(({ name }) => name)).toEqual([
    "2026-W52",
    "2026-W53",
    "2027-W01",
  ])
})
