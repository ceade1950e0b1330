import { redacted, sanitized, shortened } from "../text/untrusted.js"
import type { Coverage } from "./coverage-gate.js"
import type { TestReport } from "./test-report.js"

/** How one part of CI ended. */
export interface CheckOutcome {
  /** Such as `frontend tests`. */
  name: string
  passed: boolean
  milliseconds: number
  /** Absent when no test ran. */
  tests?: TestReport
  coverage?: Coverage
  /** What the outcome does not say of itself, such as that nothing was there to check. */
  note?: string
  /** `false` when nothing of it ran, for the reason in `note`; it then passed, and nobody should take it for a check that was made. */
  ran?: false
  /** Tools that the project uses and that did not run, each with why. */
  notRun?: string[]
  /** Why it failed, line by line, without the failing tests themselves; empty when passed. */
  reasons: string[]
}

const maxFailures = 20
/** GitHub refuses a job summary over 1 MiB; this leaves room for the table and the fences. */
const maxMarkdown = 1_000_000

/** One line for each part, then every failure with the tests' names and messages. */
export function ciText(outcomes: CheckOutcome[]): string {
  const width = Math.max(...outcomes.map(({ name }) => name.length))
  const rows = outcomes.map((outcome) => {
    const seconds = `${(outcome.milliseconds / 1000).toFixed(1)} s`.padStart(8)
    return `${state(outcome).padEnd(8)}${outcome.name.padEnd(width)} ${seconds}  ${inNumbers(outcome)}`.trimEnd()
  })
  return [...rows, ...notRunLine(outcomes), ...outcomes.filter(({ passed }) => !passed).flatMap(failureLines)].join(
    "\n",
  )
}

const state = ({ passed, ran }: CheckOutcome) => (!passed ? "FAILED" : ran === false ? "not run" : "passed")

/** How much of what should have looked at the project did not. */
function notRunLine(outcomes: CheckOutcome[]): string[] {
  const checks = outcomes.filter(({ passed, ran }) => passed && ran === false).length
  const tools = outcomes.flatMap(({ notRun = [] }) => notRun).length
  const parts = [...(checks > 0 ? [plural(checks, "check")] : []), ...(tools > 0 ? [plural(tools, "tool")] : [])]
  return parts.length > 0 ? [`not run: ${parts.join(" and ")}, see above`] : []
}

const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? "" : "s"}`

/** All parts in one line, for a report in which they are one step. */
export const ciLine = (outcomes: CheckOutcome[]) =>
  outcomes
    .map((outcome) => {
      const numbers = inNumbers(outcome)
      return `${outcome.name} ${state(outcome)}${numbers && ` (${numbers})`}`
    })
    .join(", ")

/** What a failed run throws: the names of all that failed first, then the whole report. */
export function ciFailure(outcomes: CheckOutcome[]): string {
  const failed = outcomes.filter(({ passed }) => !passed)
  return `${failed.map(({ name }) => name).join(", ")} failed\n${ciText(outcomes)}`
}

function inNumbers({ tests, coverage, note, notRun = [], reasons }: CheckOutcome): string {
  const parts: string[] = []
  if (tests) {
    const all = tests.passed + tests.failed
    parts.push(tests.failed > 0 ? `${tests.failed} of ${all} tests failed` : `${all} tests`)
    if (tests.skipped > 0) parts.push(`${tests.skipped} skipped`)
  }
  if (coverage) {
    parts.push(`${coverage.percent.toFixed(1)} % of lines covered (limit ${coverage.limit} %)`)
    if (coverage.unloaded > 0) parts.push(`no test loads ${coverage.unloaded} of the files`)
  }
  if (note) parts.push(note)
  // A project's own words may stand in it.
  parts.push(...notRun.map((why) => `not run: ${redacted(sanitized(why))}`))
  // An install that failed leaves no numbers; an empty cell would explain nothing.
  if (parts.length === 0) parts.push(...summaryOf(reasons))
  return parts.join(", ")
}

/** The first line of the first reason. */
const summaryOf = (reasons: string[]) =>
  reasons
    .slice(0, 1)
    .map((reason) => shortened(redacted(sanitized(reason)).trim().split("\n", 1)[0] ?? "", 120))
    .filter((line) => line !== "")

function failureLines(outcome: CheckOutcome): string[] {
  const failures = outcome.tests?.failures ?? []
  const shown = failures.slice(0, maxFailures).flatMap(({ name, message }) => [`  ✗ ${name}`, ...indented(message, 4)])
  const rest = failures.length > maxFailures ? [`  … and ${failures.length - maxFailures} more failed tests`] : []
  return ["", `${outcome.name} failed:`, ...outcome.reasons.flatMap((reason) => indented(reason, 2)), ...shown, ...rest]
}

/** What linters and runners say is the text of others, and may quote a secret of the environment. */
const indented = (text: string, by: number) =>
  redacted(sanitized(text))
    .split("\n")
    .map((line) => " ".repeat(by) + line)

/** The same for a GitHub job summary. All text of tests and tools stands in code blocks, where Markdown has no power. */
export function ciMarkdown(outcomes: CheckOutcome[]): string {
  const rows = outcomes.map(
    (outcome) =>
      `| ${{ passed: "✅", FAILED: "❌", "not run": "⚪" }[state(outcome)]} ${outcome.name} | ${(outcome.milliseconds / 1000).toFixed(1)} s | ${inNumbers(outcome).replaceAll("|", "\\|")} |`,
  )
  const failed = outcomes.filter(({ passed }) => !passed)
  // Each failed part gets its share, so that a loud one does not push out the others.
  const share = Math.floor(maxMarkdown / Math.max(1, failed.length))
  const failures = failed.flatMap((outcome) => [
    "",
    `### ${outcome.name}`,
    "",
    fenced(shortenedBytes(failureLines(outcome).slice(2).join("\n"), share)),
  ])
  const notRun = notRunLine(outcomes).flatMap((line) => ["", line])
  return ["| part | time | result |", "| --- | --- | --- |", ...rows, ...notRun, ...failures, ""].join("\n")
}

function shortenedBytes(text: string, limit: number): string {
  const bytes = Buffer.from(text)
  if (bytes.length <= limit) return text
  // A character cut in component decodes to U+FFFD.
  return `${bytes
    .subarray(0, limit)
    .toString()
    .replace(/\uFFFD$/, "")}\n… shortened; summary.json holds everything`
}

/** A fence longer than any run of backticks in the text can't be closed by it. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = "`".repeat(longest + 1)
  return `${fence}text\n${text}\n${fence}`
}

/** The same for programs. */
export function ciJson(outcomes: CheckOutcome[]): string {
  return `${JSON.stringify({ passed: outcomes.every(({ passed }) => passed), checks: outcomes }, null, 2)}\n`
}
