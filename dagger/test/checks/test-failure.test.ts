import { expect, it } from "vitest"
import { ciText } from "../../lib/checks/ci-report.js"
import { type TestRun, testFailure } from "../../lib/checks/test-failure.js"

const run: TestRun = {
  ...{ command: "pytest", code: 0, said: "", tests: undefined, coverage: undefined },
  ...{ missing: [], empty: [], unread: [], unasked: "" },
}
const tests = { passed: 3, failed: 0, skipped: 0, failures: [] }
const low = {
  covered: 1,
  total: 2,
  percent: 50,
  limit: 70,
  passed: false,
  worst: [{ file: "a.py", uncovered: 1 }],
  unloaded: 1,
}

it("names the cause before the reports that a failed run did not come to", () => {
  const said =
    "ImportError while loading conftest '/service/tests/conftest.py'.\nE   ModuleNotFoundError: No module named 'acme'"
  const reasons = testFailure({ ...run, code: 4, said, missing: ["junit.xml", "coverage.xml"] })
  expect(reasons).toEqual([
    "pytest ended with exit code 4",
    said,
    "junit.xml and coverage.xml are missing.\n  why: pytest ended before it wrote them\n  next: see to what it ended with, which stands above",
  ])
  expect(ciText([{ name: "backend tests", passed: false, milliseconds: 0, reasons }]).split("\n", 1)[0]).toBe(
    "FAILED  backend tests    0.0 s  ModuleNotFoundError: No module named 'acme'",
  )
})

it("names no cause for a run without a word but its end", () => {
  const reasons = testFailure({
    ...run,
    code: 137,
    missing: ["coverage.xml"],
    unread: ["junit.xml can't be read.\n  why: x\n  next: y"],
  })
  expect(ciText([{ name: "backend tests", passed: false, milliseconds: 0, reasons }]).split("\n", 1)[0]).toBe(
    "FAILED  backend tests    0.0 s  pytest ended with exit code 137",
  )
})

it("does not ask to look into a report that a failed run left empty", () => {
  expect(testFailure({ ...run, code: 1, tests: { ...tests, failed: 1 }, empty: ["coverage/lcov.info"] })).toEqual([
    "1 of 4 tests failed",
    "coverage/lcov.info is empty.\n  why: pytest ended before it wrote anything into it\n  next: see to what it ended with, which stands above",
  ])
})

it("says what to do about a report that a run which ended well left out", () => {
  expect(testFailure({ ...run, missing: ["coverage.xml"], tests })).toEqual([
    "coverage.xml is missing.\n  why: pytest ran but did not write it\n  next: let the command write this report, or name the file that it writes in the settings",
  ])
})

it("shows what a pipe that ends well hides", () => {
  const said = "Error: Cannot find module 'react'\nlog written"
  const reasons = testFailure({ ...run, command: "npm run test", said, missing: ["junit.xml", "lcov.info"] })
  expect(reasons).toMatchInlineSnapshot(`
    [
      "junit.xml and lcov.info are missing.
      why: npm run test ran but did not write them; it printed:
        Error: Cannot find module 'react'
        log written
      next: let the command write this report, or name the file that it writes in the settings",
    ]
  `)
  expect(ciText([{ name: "frontend tests", passed: false, milliseconds: 0, reasons }]).split("\n", 1)[0]).toBe(
    "FAILED  frontend tests    0.0 s  junit.xml and lcov.info are missing. Error: Cannot find module 'react'; log written",
  )
})

it("says why no report could be asked for, below what a failed run says", () => {
  const unasked = "The script left none.\n  why: w\n  next: n"
  expect(testFailure({ ...run, missing: ["a"], unasked })).toEqual([unasked])
  expect(testFailure({ ...run, code: 1, said: "boom", missing: ["a"], unasked })).toEqual([
    "pytest ended with exit code 1",
    "boom",
    unasked,
  ])
})

it("counts failed tests, then the lines below the limit", () => {
  expect(testFailure({ ...run, code: 1, said: "x", tests: { ...tests, failed: 1 }, coverage: low })).toEqual([
    "1 of 4 tests failed",
    "line coverage is 50.0 %, the limit is 70 %; most uncovered: a.py (1 lines); no test loads 1 of the files, whose lines count as uncovered",
  ])
})

it("of a run that passed are none", () => {
  expect(testFailure({ ...run, tests, coverage: { ...low, passed: true } })).toEqual([])
})
