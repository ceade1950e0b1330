import type { Coverage } from "./coverage-gate.js"
import { reportEmpty, reportsMissing, reportsNotReached } from "./errors.js"
import type { TestReport } from "./test-report.js"

/** What a run of tests left behind. */
export interface TestRun {
  command: string
  code: number
  /** Lines of its output that name a cause; "" where it ended well and left its reports. */
  said: string
  tests: TestReport | undefined
  coverage: Coverage | undefined
  /** Reports that are not there. */
  missing: string[]
  /** Reports of a run that failed, which are there and hold nothing. */
  empty: string[]
  /** What is wrong with reports that are there. */
  unread: string[]
  /** Why no report could be asked for; "" where that was done. */
  unasked: string
}

/** Why a run of tests did not pass, the cause first: a report that is missing is mostly what a failed run did not come to. None where it passed. */
export function testFailure(run: TestRun): string[] {
  const { command, code, said, tests, coverage, missing, empty, unread, unasked } = run
  const failed = tests && tests.failed > 0
  // Tests may pass while the run failed: a setup error, a runner's own threshold.
  const ended = failed
    ? [`${tests.failed} of ${tests.failed + tests.passed} tests failed`]
    : code === 0
      ? []
      : [`${command} ended with exit code ${code}`, said]
  const nothing = empty.map((report) => reportEmpty(report, command).message)
  return [...ended, ...absent({ command, code, said, missing, unasked }), ...nothing, ...unread, ...uncovered(coverage)]
}

function absent({
  command,
  code,
  said,
  missing,
  unasked,
}: Pick<TestRun, "command" | "code" | "said" | "missing" | "unasked">) {
  if (missing.length === 0) return []
  if (unasked) return [unasked]
  if (code === 0) return [reportsMissing(missing, command, said).message]
  return [reportsNotReached(missing, command).message]
}

function uncovered(coverage: Coverage | undefined): string[] {
  if (!coverage || coverage.passed) return []
  const { percent, limit, worst, unloaded } = coverage
  const files = worst.map(({ file, uncovered }) => `${file} (${uncovered} lines)`).join(", ")
  const left = unloaded > 0 ? `; no test loads ${unloaded} of the files, whose lines count as uncovered` : ""
  return [`line coverage is ${percent.toFixed(1)} %, the limit is ${limit} %; most uncovered: ${files}${left}`]
}
