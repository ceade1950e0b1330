import { cacheText, type SlowStep } from "../cache/slow-step.js"
import { causeIn } from "../text/excerpt.js"
import { redacted, sanitized, shortened } from "../text/untrusted.js"
import { count } from "../text/wording.js"
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
  /** Where what it installed came from, a line for each; absent where no cache was asked. */
  packages?: string[]
  /** Its slow steps, each with whether it ran or came from a cache. */
  steps?: SlowStep[]
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
    const said = [inNumbers(outcome), causeOf(outcome)].filter(Boolean).join(": ")
    return `${state(outcome).padEnd(8)}${outcome.name.padEnd(width)} ${seconds}  ${said}`.trimEnd()
  })
  return [
    ...rows,
    ...packagesLines(outcomes),
    ...notRunLine(outcomes),
    ...outcomes.filter(({ passed }) => !passed).flatMap(failureLines),
  ].join("\n")
}

const state = ({ passed, ran }: CheckOutcome) => (!passed ? "FAILED" : ran === false ? "not run" : "passed")

/** How much of what should have looked at the project did not. */
function notRunLine(outcomes: CheckOutcome[]): string[] {
  const checks = outcomes.filter(({ passed, ran }) => passed && ran === false).length
  const tools = outcomes.flatMap(({ notRun = [] }) => notRun).length
  const parts = [...(checks > 0 ? [count(checks, "check")] : []), ...(tools > 0 ? [count(tools, "tool")] : [])]
  return parts.length > 0 ? [`not run: ${parts.join(" and ")}, see above`] : []
}

/** Several checks may share what was installed. */
const packagesLines = (outcomes: CheckOutcome[]): string[] => [
  ...new Set(outcomes.flatMap(({ packages = [] }) => packages)),
]

/** All parts in one line, for a report in which they are one step. */
export const ciLine = (outcomes: CheckOutcome[]) =>
  outcomes
    .map((outcome) => {
      const numbers = inNumbers(outcome)
      return `${outcome.name} ${state(outcome)}${numbers && ` (${numbers})`}`
    })
    .join(", ")

/** What a failed run throws: the names of all that failed, a line for each with its cause, then the whole report. */
export function ciFailure(outcomes: CheckOutcome[]): string {
  const failed = outcomes.filter(({ passed }) => !passed)
  const others = outcomes.filter(({ passed }) => passed)
  return `${failed.map(({ name }) => name).join(", ")} failed\n${ciText([...failed, ...others])}`
}

function inNumbers({ tests, coverage, note, notRun = [], steps = [] }: CheckOutcome): string {
  // First: what came from the cache has the numbers of an earlier run.
  const parts = [cacheText(steps)].filter(Boolean)
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
  return parts.join(", ")
}

/**
 * In a line why a part failed, "" where its numbers say it: of an error of ours its first line and what it quotes, of a test or a tool
 * what names the cause.
 */
function causeOf({ tests, reasons }: CheckOutcome): string {
  const [failure] = tests?.failures ?? []
  if (failure) return causeIn(failure.message) || firstLine(failure.message)
  const told = reasons.filter((reason) => !reason.startsWith("line coverage is "))
  const [what = "", why] = (told[0] ?? "").split("\n  why: ", 2)
  // What a tool said; what is ours below it only follows from that.
  const ours = told.findIndex((reason) => reason.includes("\n  why: "))
  if (why === undefined) return causeIn(told.slice(0, ours < 0 ? told.length : ours).join("\n")) || firstLine(what)
  const quoted = causeIn(why.replace(/\n {2}next: [\s\S]*$/, "").replace(/^.*:\n/, ""))
  return [firstLine(what), quoted].filter(Boolean).join(" ")
}

const firstLine = (text: string) => shortened(redacted(sanitized(text)).trim().split("\n", 1)[0] ?? "", 120)

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
      `| ${{ passed: "✅", FAILED: "❌", "not run": "⚪" }[state(outcome)]} ${outcome.name} | ${(outcome.milliseconds / 1000).toFixed(1)} s | ${cell(outcome)} |`,
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
  const packages = packagesLines(outcomes).map((line) => `- ${asCode(line)}`)
  const all = packages.length > 0 ? ["", ...packages, ...notRun] : notRun
  return ["| part | time | result |", "| --- | --- | --- |", ...rows, ...all, ...failures, ""].join("\n")
}

const cell = (outcome: CheckOutcome) =>
  [inNumbers(outcome), asCode(causeOf(outcome))].filter(Boolean).join(": ").replaceAll("|", "\\|")

/** The text of others in a line of Markdown; a mark longer than any run of backticks in the text can't be closed by it. */
function asCode(text: string): string {
  if (text === "") return ""
  const mark = "`".repeat(longestRun(text) + 1)
  return `${mark} ${text} ${mark}`
}

const longestRun = (text: string) => Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length))

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
  const fence = "`".repeat(Math.max(2, longestRun(text)) + 1)
  return `${fence}text\n${text}\n${fence}`
}

/** The same for programs. */
export function ciJson(outcomes: CheckOutcome[]): string {
  return `${JSON.stringify({ passed: outcomes.every(({ passed }) => passed), checks: outcomes }, null, 2)}\n`
}
