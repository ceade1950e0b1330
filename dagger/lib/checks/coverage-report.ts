import { coverageContradictory, reportUnreadable } from "./errors.js"
import { readXml } from "./xml.js"

/** The lines of one file; one that several tests report counts once, and as covered when one of them ran it. */
export class Lines {
  total = 0
  covered = 0
  private readonly seen: number[] = []

  add(line: number, hits: number): void {
    const before = this.seen[line]
    if (before === undefined) this.total++
    if (hits > 0 && before !== 1) this.covered++
    this.seen[line] = hits > 0 || before === 1 ? 1 : 0
  }

  /** Whether both have the same lines, run or not. */
  sameAs(other: Lines): boolean {
    return this.total === other.total && this.seen.every((_, line) => other.seen[line] !== undefined)
  }

  join(other: Lines): void {
    other.seen.forEach((ran, line) => {
      this.add(line, ran)
    })
  }
}

/** A file as a report lists it; one file may be listed again, and two files by one name. */
export interface Listed {
  name: string
  lines: Lines
}

export interface CoverageReport {
  files: Listed[]
  /** Folders that names may count from, where the report says so. */
  folders: string[]
  /** Whether the report's totals count files of one name apart. */
  apart: boolean
}

/**
 * Reads LCOV, or Cobertura XML. Throws when the report can't be read, and when its lines are others than its own totals count:
 * coverage.py lists one of two files of one name, and still counts both.
 * @param path only for messages.
 */
export const readCoverage = (report: string, path: string): Promise<CoverageReport> =>
  /^\s*</.test(report) ? cobertura(report, path) : Promise.resolve(lcov(report, path))

/** A corrupt line number must not make a list of that length. */
const isLine = (line: number) => Number.isInteger(line) && line >= 0 && line < 10_000_000

/** Records of `geninfo`: SF names a file, each DA one of its lines with its hits; LF and LH count them. https://manpages.debian.org/geninfo */
function lcov(report: string, path: string): CoverageReport {
  const files: Listed[] = []
  let file: Listed | undefined
  let [found, hit] = [-1, -1]
  for (let start = report.startsWith("\uFEFF") ? 1 : 0; start < report.length; ) {
    const newline = report.indexOf("\n", start)
    const end = newline < 0 ? report.length : newline
    if (report.startsWith("DA:", start)) {
      const comma = report.indexOf(",", start)
      const line = wholeNumber(report, start + 3, comma)
      const hits = wholeNumber(report, comma + 1, end)
      if (!file || comma > end || !isLine(line) || hits < 0) {
        throw reportUnreadable(
          path,
          `${JSON.stringify(report.slice(start, Math.min(end, start + 60)).trim())} is no LCOV record`,
        )
      }
      file.lines.add(line, hits)
    } else if (report.startsWith("SF:", start)) {
      file = { name: report.slice(start + 3, end).trim(), lines: new Lines() }
      files.push(file)
      ;[found, hit] = [-1, -1]
    } else if (report.startsWith("LF:", start)) found = wholeNumber(report, start + 3, end)
    else if (report.startsWith("LH:", start)) hit = wholeNumber(report, start + 3, end)
    else if (report.startsWith("end_of_record", start)) {
      if (file) agree(path, file.lines, found, hit, file.name)
      file = undefined
    }
    start = end + 1
  }
  if (files.length === 0)
    throw reportUnreadable(path, report.trim() === "" ? "it is empty" : "it is neither LCOV nor Cobertura XML")
  if (file) throw reportUnreadable(path, "it ends in the middle of a record")
  return { files, folders: [], apart: false }
}

/** Throws when a total is given (0 or more) and is not the one counted. */
function agree(path: string, counted: Pick<Lines, "total" | "covered">, total: number, covered: number, of = ""): void {
  if ((total >= 0 && total !== counted.total) || (covered >= 0 && covered !== counted.covered))
    throw coverageContradictory(path, counted, { total, covered }, of)
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

/**
 * Elements `<class filename><lines><line number hits>`; the lines of a `<method>` are listed again by its class.
 * https://github.com/cobertura/cobertura/blob/master/cobertura/src/test/resources/dtds/coverage-04.dtd
 */
async function cobertura(report: string, path: string): Promise<CoverageReport> {
  const files: Listed[] = []
  const folders: string[] = []
  let file: Listed | undefined
  let [root, valid, covered, folder] = ["", -1, -1, ""]
  let [inMethods, inSource] = [false, false]
  await readXml(report, path, {
    open(name, attributes) {
      if (root === "") {
        root = name
        valid = totalIn(attributes["lines-valid"], path)
        covered = totalIn(attributes["lines-covered"], path)
      }
      if (name === "class") {
        if (attributes.filename === undefined) throw reportUnreadable(path, "a <class> has no filename")
        file = { name: attributes.filename, lines: new Lines() }
        files.push(file)
      } else if (name === "methods") inMethods = true
      else if (name === "source") [inSource, folder] = [true, ""]
      else if (name === "line" && file) {
        const { number = "", hits = "" } = attributes
        if (!/^\d+$/.test(number) || !/^\d+$/.test(hits) || !isLine(Number(number))) {
          throw reportUnreadable(
            path,
            `a <line> has the number ${JSON.stringify(number.slice(0, 20))} and the hits ${JSON.stringify(hits.slice(0, 20))}`,
          )
        }
        if (!inMethods) file.lines.add(Number(number), Number(hits))
      }
    },
    text(text) {
      if (inSource) folder += text.slice(0, 4096)
    },
    close(name) {
      if (name === "class") file = undefined
      else if (name === "methods") inMethods = false
      else if (name === "source") {
        inSource = false
        if (folder.trim() !== "") folders.push(folder.trim())
      }
    },
  })
  if (root !== "coverage") throw reportUnreadable(path, `it is XML of <${root}>, not of <coverage>`)
  return { files, folders, apart: valid >= 0 && countedApart(path, files, valid, covered) }
}

/** A tool may count what it lists by one name as one file, or each part; throws when neither gives its totals. */
function countedApart(path: string, files: Listed[], valid: number, covered: number): boolean {
  const joined = [...Map.groupBy(files, ({ name }) => name).values()].map((parts) => {
    const [only, ...others] = parts
    if (only && others.length === 0) return only.lines
    const all = new Lines()
    for (const { lines } of parts) all.join(lines)
    return all
  })
  const [apart, together] = [sumOf(files.map(({ lines }) => lines)), sumOf(joined)]
  const fits = (sum: Pick<Lines, "total" | "covered">) =>
    sum.total === valid && (covered < 0 || sum.covered === covered)
  if (fits(together)) return false
  agree(path, apart, valid, covered)
  return true
}

export function sumOf(all: Pick<Lines, "total" | "covered">[]): Pick<Lines, "total" | "covered"> {
  const sum = { total: 0, covered: 0 }
  for (const { total, covered } of all) {
    sum.total += total
    sum.covered += covered
  }
  return sum
}

function totalIn(text: string | undefined, path: string): number {
  if (text === undefined) return -1
  if (!/^\d{1,12}$/.test(text))
    throw reportUnreadable(path, `${JSON.stringify(text.slice(0, 20))} is no number of lines`)
  return Number(text)
}
