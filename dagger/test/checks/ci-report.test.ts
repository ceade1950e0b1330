import { describe, expect, it } from "vitest"
import { Origin, type SlowStep } from "../../lib/cache/slow-step.js"
import { type CheckOutcome, ciFailure, ciJson, ciLine, ciMarkdown, ciText } from "../../lib/checks/ci-report.js"

const coverage = { covered: 699, total: 1000, percent: 69.9, limit: 70, passed: false, worst: [], unloaded: 0 }
const backendTests: CheckOutcome = {
  name: "backend tests",
  passed: false,
  milliseconds: 50,
  reasons: ["pytest found no test"],
}
const outcomes: CheckOutcome[] = [
  {
    name: "frontend tests",
    passed: false,
    milliseconds: 8123,
    tests: {
      passed: 4,
      failed: 1,
      skipped: 2,
      failures: [{ name: "chat › answers", message: "expected ``` to be `x`" }],
    },
    coverage,
    reasons: ["line coverage is 69.9 %, the limit is 70 %"],
  },
  { name: "backend lint", passed: true, milliseconds: 900, reasons: [] },
  backendTests,
]

it("shows a line for each part, then every failure", () => {
  expect(
    ciText(outcomes),
  ).toBe(`FAILED  frontend tests    8.1 s  1 of 5 tests failed, 2 skipped, 69.9 % of lines covered (limit 70 %): expected \`\`\` to be \`x\`
passed  backend lint      0.9 s
FAILED  backend tests     0.1 s  pytest found no test

frontend tests failed:
  line coverage is 69.9 %, the limit is 70 %
  ✗ chat › answers
    expected \`\`\` to be \`x\`

backend tests failed:
  pytest found no test`)
})

it("says once where the packages of several parts came from", () => {
  const told = ["packages of the backend: from the cache ghcr.io/acme/cache:backend-1"]
  const parts = ["backend tests", "backend lint"].map((name) => ({
    ...{ name, passed: true, milliseconds: 900, packages: told, reasons: [] },
  }))

  expect(ciText(parts)).toBe(`passed  backend tests    0.9 s
passed  backend lint     0.9 s
packages of the backend: from the cache ghcr.io/acme/cache:backend-1`)
  expect(ciMarkdown(parts).split("\n").slice(4)).toEqual([
    "",
    "- ` packages of the backend: from the cache ghcr.io/acme/cache:backend-1 `",
    "",
  ])
})

describe("what came from a cache", () => {
  const step = (name: string, origin: Origin): SlowStep => ({ component: "backend", name, origin })
  const part = (name: string, steps: SlowStep[], extra: Partial<CheckOutcome> = {}): CheckOutcome => ({
    ...{ name, passed: true, milliseconds: 1000, reasons: [], steps },
    ...extra,
  })
  const tests = { passed: 12, failed: 0, skipped: 0, failures: [] }
  const all = [
    part("backend tests", [step("packages", Origin.Cache), step("tests", Origin.Cache)], { tests }),
    part("backend lint", [step("packages", Origin.Cache), step("ruff", Origin.Ran)]),
    part("workflow lint", [step("actionlint", Origin.Ran), step("zizmor", Origin.Unknown)]),
    part("frontend lint", [step("packages", Origin.Ran), step("lint", Origin.Ran)]),
  ]

  it("stands in the line of each check, and nothing where all of it ran", () => {
    expect(ciText(all)).toBe(`passed  backend tests    1.0 s  from the cache, 12 tests
passed  backend lint     1.0 s  packages from the cache
passed  workflow lint    1.0 s  not known whether zizmor ran
passed  frontend lint    1.0 s`)
    expect(ciLine(all)).toBe(
      "backend tests passed (from the cache, 12 tests), backend lint passed (packages from the cache), workflow lint passed (not known whether zizmor ran), frontend lint passed",
    )
  })

  it("stands in the summary's table, and each step of it in the data", () => {
    expect(ciMarkdown(all)).toContain("| ✅ backend tests | 1.0 s | from the cache, 12 tests |\n")
    expect(ciMarkdown(all)).toContain("| ✅ backend lint | 1.0 s | packages from the cache |\n")
    expect(JSON.parse(ciJson(all)).checks[1].steps).toEqual([
      { component: "backend", name: "packages", origin: "cache" },
      { component: "backend", name: "ruff", origin: "ran" },
    ])
  })

  it("is said of a check that failed too, before the cause", () => {
    const failed = part("backend lint", [step("packages", Origin.Cache), step("ruff", Origin.Cache)], {
      passed: false,
      reasons: ["app.py:1:8: F401 `os` imported but unused"],
    })
    expect(ciFailure([failed]).split("\n")[1]).toBe(
      "FAILED  backend lint    1.0 s  from the cache: app.py:1:8: F401 `os` imported but unused",
    )
  })
})

it("says of a part that passed that it had nothing to do", () => {
  const idle = { name: "backend lint", passed: true, milliseconds: 900, note: "nothing to run", reasons: [] }
  expect(ciText([idle])).toBe("passed  backend lint    0.9 s  nothing to run")
})

it("names the cause of each part that failed in its own line, above all that passed", () => {
  const passed = { name: "frontend tests", passed: true, milliseconds: 0, reasons: [] }
  const failed = (name: string, reasons: string[], message = ""): CheckOutcome => ({
    ...{ name, passed: false, milliseconds: 0, reasons },
    ...(message && { tests: { passed: 0, failed: 1, skipped: 0, failures: [{ name: "t", message }] } }),
  })
  const pydantic = `E   pydantic_core._pydantic_core.ValidationError: 1 validation error for Settings
E   payment_api_key
E     Field required [type=missing, input_value={}, input_type=dict]
E       For further information visit https://errors.pydantic.dev/2.12/v/missing`
  const ours = `package-lock.json does not fit package.json.
  why: npm ci printed:
    npm error code EUSAGE
    npm error Missing: left-pad@1.3.0 from lock file
  next: run npm install`
  const tool = "> shop@1.0.0 typecheck /site\n> tsc\nsrc/a.ts(1,7): error TS2322: Type 'x' is wrong"

  const lines = ciFailure([
    passed,
    failed("frontend lint", [tool]),
    failed("backend tests", ["1 of 1 tests failed"], pydantic),
    failed("backend lint", [ours]),
    failed("workflow lint", ["line coverage is 1 %, the limit is 2 %"]),
  ]).split("\n")

  expect(lines.slice(1, 6)).toEqual([
    "FAILED  frontend lint     0.0 s  src/a.ts(1,7): error TS2322: Type 'x' is wrong",
    "FAILED  backend tests     0.0 s  1 of 1 tests failed: pydantic_core._pydantic_core.ValidationError: 1 validation error for Settings; payment_api_key; Field required [type=missing, input_value={}, input_type=dict]",
    "FAILED  backend lint      0.0 s  package-lock.json does not fit package.json. npm error code EUSAGE; npm error Missing: left-pad@1.3.0 from lock file",
    "FAILED  workflow lint     0.0 s",
    "passed  frontend tests    0.0 s",
  ])
})

it("gives the text of a tool no power in the table of the summary", () => {
  const said = { ...backendTests, reasons: ["Error: ![x](https://evil.example) `` | <img>"] }
  expect(ciMarkdown([said])).toContain(
    "| ❌ backend tests | 0.1 s | ``` Error: ![x](https://evil.example) `` \\| <img> ``` |",
  )
})

it("keeps the words of a note inside its cell of the summary", () => {
  const untested = { name: "frontend tests", passed: true, milliseconds: 0, note: "NOT TESTED: a | b", reasons: [] }
  expect(ciMarkdown([untested])).toContain("| ✅ frontend tests | 0.0 s | NOT TESTED: a \\| b |")
})

it("counts checks and tools that did not run, and calls none of them passed", () => {
  const untested = {
    name: "frontend tests",
    passed: true,
    milliseconds: 0,
    ran: false as const,
    note: "NOT TESTED: words",
    reasons: [],
  }
  const partly = { name: "backend lint", passed: true, milliseconds: 900, notRun: ["ty: unknown"], reasons: [] }
  expect(ciText([untested, partly])).toBe(`not run frontend tests    0.0 s  NOT TESTED: words
passed  backend lint      0.9 s  not run: ty: unknown
not run: 1 check and 1 tool, see above`)
  expect(ciMarkdown([untested, partly])).toContain("| ⚪ frontend tests |")
  expect(ciMarkdown([untested, partly])).toContain("\nnot run: 1 check and 1 tool, see above\n")
})

it("names all that failed in the first line of the error", () => {
  expect(ciFailure(outcomes).split("\n")[0]).toBe("frontend tests, backend tests failed")
})

it("keeps a test's backticks inside the summary's code block", () => {
  expect(ciMarkdown(outcomes)).toContain(
    "````text\n  line coverage is 69.9 %, the limit is 70 %\n  ✗ chat › answers\n    expected ``` to be `x`\n````",
  )
})

it("keeps a summary of every failed part under GitHub's 1 MiB, also when one is loud", () => {
  const loud = { ...backendTests, reasons: ["ü".repeat(3_000_000)] }
  const summary = ciMarkdown([loud, { ...backendTests, name: "backend lint", reasons: ["E501"] }])
  expect(Buffer.byteLength(summary)).toBeLessThan(1024 * 1024)
  expect(summary).toContain(
    "… shortened; summary.json holds everything\n```\n\n### backend lint\n\n```text\n  E501\n```\n",
  )
})

it("tames what a linter said and masks a token in it", () => {
  const said = { ...backendTests, reasons: [`\u001b[31merror\u001b[0m in ghp_${"a".repeat(36)}`] }
  expect(ciText([said])).toMatch(/\n {2}error in \*\*\*$/)
})
