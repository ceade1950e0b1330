import { reportUnreadable } from "../errors.js"
import { sanitized, shortened } from "../text/untrusted.js"
import { readXml } from "./xml.js"

/** Line coverage of one component, against the lowest share allowed. */
export interface Coverage {
  covered: number
  total: number
  /** Percent, cut to one decimal: 69.96 shows as 69.9, so that what fails at 70 never reads as 70. */
  percent: number
  /** 0 to 100; equal passes. */
  limit: number
  passed: boolean
  /** The files with the most uncovered lines, at most five, worst first. */
  worst: { file: string; uncovered: number }[]
}

/**
 * Judges a coverage report: LCOV, or the Cobertura XML of coverage.py.
 * @param path only for messages.
 * @returns `passed: false` when below the limit. Throws when the report can't be read or counts no line at all.
 */
export async function coverageGate(report: string, limit: number, path: string): Promise<Coverage> {
  const read = /^\s*</.test(report) ? await cobertura(report, path) : lcov(report, path)
  const files = new Map([...read].filter(([file]) => !isTest(file)))
  let covered = 0
  let total = 0
  for (const lines of files.values()) {
    covered += lines.covered
    total += lines.total
  }
  if (total === 0) throw reportUnreadable(path, "it counts no line of code")
  return {
    covered,
    total,
    percent: Math.floor((covered * 1000) / total) / 10,
    limit,
    // Whole numbers on both sides: a quotient could round up to the limit. Limits count to a thousandth.
    passed: covered * 100_000 >= Math.round(limit * 1000) * total,
    worst: [...files]
      .map(([file, lines]) => ({ file: shortened(sanitized(file), 200), uncovered: lines.total - lines.covered }))
      .filter(({ uncovered }) => uncovered > 0)
      .sort((one, other) => other.uncovered - one.uncovered)
      .slice(0, 5),
  }
}

/** The lines of one file; one that several tests report counts once, and as covered when one of them ran it. */
class Lines {
  total = 0
  covered = 0
  private readonly seen: number[] = []

  add(line: number, hits: number): void {
    const before = this.seen[line]
    if (before === undefined) this.total++
    if (hits > 0 && before !== 1) this.covered++
    this.seen[line] = hits > 0 || before === 1 ? 1 : 0
  }
}

/** A corrupt line number must not make a list of that length. */
const isLine = (line: number) => Number.isInteger(line) && line >= 0 && line < 10_000_000

class Files extends Map<string, Lines> {
  of(name: string): Lines {
    const known = this.get(name)
    if (known) return known
    const lines = new Lines()
    this.set(name, lines)
    return lines
  }
}

/** A test covers itself, so its lines say nothing of the product. */
const isTest = (file: string) =>
  /(^|[/\\])(tests?|__tests__)[/\\]|(^|[/\\])(test_[^/\\]*|[^/\\]*_test|conftest)\.py$|\.(test|spec)\.[cm]?[jt]sx?$/.test(
    file,
  )

/** Records of `geninfo`: SF names a file, each DA one of its lines with its hits. https://manpages.debian.org/geninfo */
function lcov(report: string, path: string): Files {
  const files = new Files()
  let lines: Lines | undefined
  for (let start = report.startsWith("\uFEFF") ? 1 : 0; start < report.length; ) {
    const newline = report.indexOf("\n", start)
    const end = newline < 0 ? report.length : newline
    if (report.startsWith("DA:", start)) {
      const comma = report.indexOf(",", start)
      const line = wholeNumber(report, start + 3, comma)
      const hits = wholeNumber(report, comma + 1, end)
      if (!lines || comma > end || !isLine(line) || hits < 0) {
        throw reportUnreadable(
          path,
          `${JSON.stringify(report.slice(start, Math.min(end, start + 60)).trim())} is no LCOV record`,
        )
      }
      lines.add(line, hits)
    } else if (report.startsWith("SF:", start)) lines = files.of(report.slice(start + 3, end).trim())
    else if (report.startsWith("end_of_record", start)) lines = undefined
    start = end + 1
  }
  if (files.size === 0)
    throw reportUnreadable(path, report.trim() === "" ? "it is empty" : "it is neither LCOV nor Cobertura XML")
  if (lines) throw reportUnreadable(path, "it ends in the middle of a record")
  return files
}

/** Digits up to a comma, a line end or `end`; -1 when there is anything else. Slices and regular expressions took four times as long. */
function wholeNumber(text: string, start: number, end: number): number {
  let value = -1
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at)
    if (code === 44 || code === 13) break
    if (code < 48 || code > 57) return -1
    value = Math.max(0, value) * 10 + code - 48
  }
  return value
}

/** Elements `<class filename><lines><line number hits>`. https://github.com/cobertura/cobertura/blob/master/cobertura/src/test/resources/dtds/coverage-04.dtd */
async function cobertura(report: string, path: string): Promise<Files> {
  const files = new Files()
  let lines: Lines | undefined
  let root = ""
  await readXml(report, path, {
    open(name, attributes) {
      root ||= name
      if (name === "class") {
        if (attributes.filename === undefined) throw reportUnreadable(path, "a <class> has no filename")
        lines = files.of(attributes.filename)
      } else if (name === "line" && lines) {
        const { number = "", hits = "" } = attributes
        if (!/^\d+$/.test(number) || !/^\d+$/.test(hits) || !isLine(Number(number))) {
          throw reportUnreadable(
            path,
            `a <line> has the number ${JSON.stringify(number.slice(0, 20))} and the hits ${JSON.stringify(hits.slice(0, 20))}`,
          )
        }
        lines.add(Number(number), Number(hits))
      }
    },
    close(name) {
      if (name === "class") lines = undefined
    },
  })
  if (root !== "coverage") throw reportUnreadable(path, `it is XML of <${root}>, not of <coverage>`)
  return files
}
