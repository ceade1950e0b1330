import { excerpt } from "../text/excerpt.js"
import { redacted, sanitized, shortened } from "../text/untrusted.js"
import { reportUnreadable } from "./errors.js"
import { readXml } from "./xml.js"

export interface FailedTest {
  /** Suite and name, as the runner writes them. */
  name: string
  /** What the test said of the cause: at most 12 lines and 1,500 characters, control characters removed. */
  message: string
}

/** What a test run did, from its JUnit report. */
export interface TestReport {
  passed: number
  failed: number
  skipped: number
  /** Every failed test, in the report's order. */
  failures: FailedTest[]
}

/**
 * Reads the JUnit XML of vitest, jest-junit or pytest.
 * @param path only for messages.
 * @returns counts by test case, not by the totals that the runner states. Throws when unreadable or without any case.
 */
export async function testReport(report: string, path: string): Promise<TestReport> {
  const found: TestReport = { passed: 0, failed: 0, skipped: 0, failures: [] }
  let test: { name: string; skipped: boolean; messages: string[] } | undefined
  let collecting = false
  await readXml(report, path, {
    open(name, attributes) {
      if (name === "testcase") {
        const { classname = "", name: title = "without a name" } = attributes
        test = {
          name: classname && !title.includes(classname) ? `${classname} › ${title}` : title,
          skipped: false,
          messages: [],
        }
      } else if (test && name === "skipped") test.skipped = true
      else if (test && (name === "failure" || name === "error")) {
        test.messages.push(attributes.message ?? "")
        collecting = true
      }
    },
    text(text) {
      if (test && collecting && test.messages.length > 0) {
        const last = test.messages.length - 1
        test.messages[last] = ends(`${test.messages[last]}\n${text}`)
      }
    },
    close(name) {
      if (name === "failure" || name === "error") collecting = false
      if (name !== "testcase" || !test) return
      if (test.messages.length > 0) {
        found.failed++
        found.failures.push({ name: tamed(test.name, 200), message: saidBy(test.messages) })
      } else if (test.skipped) found.skipped++
      else found.passed++
      test = undefined
    },
  })
  if (found.passed + found.failed + found.skipped === 0) throw reportUnreadable(path, "it holds no test")
  return found
}

/** A runner repeats the message at the head of the details. */
function withoutEcho(text: string): string {
  const lines = text.split("\n").map((line) => line.trimEnd())
  return lines
    .filter((line, at) => line.trim() !== "" && lines.findIndex((other) => other.trim().endsWith(line.trim())) === at)
    .join("\n")
}

/** Enough of both: pytest writes the cause last, Jest first. */
const ends = (text: string) => (text.length > 20_000 ? `${text.slice(0, 8000)} … ${text.slice(-12_000)}` : text)

const saidBy = (messages: string[]) => shortened(excerpt(withoutEcho(messages.join("\n")), 12).join("\n"), 1500)

const tamed = (text: string, limit: number) => shortened(redacted(sanitized(text)), limit)
