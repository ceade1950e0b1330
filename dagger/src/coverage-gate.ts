import { reportUnreadable } from "./errors.js"
import { readXml } from "./xml.js"

/** Line coverage of one half, against the lowest share allowed. */
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

type Lines = Map<string, { covered: number; total: number }>

/**
 * Judges a coverage report: LCOV, or the Cobertura XML of coverage.py.
 * @param path only for messages.
 * @returns `passed: false` when below the limit. Throws when the report can't be read or counts no line at all.
 */
export async function coverageGate(report: string, limit: number, path: string): Promise<Coverage> {
  const lines = /^\s*</.test(report) ? await cobertura(report, path) : lcov(report, path)
  let covered = 0
  let total = 0
  for (const file of lines.values()) {
    covered += file.covered
    total += file.total
  }
  if (total === 0) throw reportUnreadable(path, "it counts no line of code")
  return {
    covered,
    total,
    percent: Math.floor((covered * 1000) / total) / 10,
    limit,
    // Whole numbers on both sides: a quotient could round up to the limit.
    passed: covered * 100 >= limit * total,
    worst: [...lines]
      .map(([file, count]) => ({ file, uncovered: count.total - count.covered }))
      .filter(({ uncovered }) => uncovered > 0)
      .sort((one, other) => other.uncovered - one.uncovered)
      .slice(0, 5),
  }
}

/** Records of `geninfo`: SF names a file, each DA one of its lines with its hits. https://manpages.debian.org/geninfo */
function lcov(report: string, path: string): Lines {
  const files = new Map<string, Map<number, boolean>>()
  let lines: Map<number, boolean> | undefined
  let ended = true
  for (const line of eachLine(report)) {
    if (line.startsWith("SF:")) {
      const name = line.slice(3)
      lines = files.get(name) ?? new Map()
      files.set(name, lines)
      ended = false
    } else if (line.startsWith("DA:")) {
      const [number, hits] = line.slice(3).split(",", 2).map(Number)
      if (!lines || !isCount(number) || !isCount(hits))
        throw reportUnreadable(path, `${JSON.stringify(line.slice(0, 60))} is no LCOV record`)
      // Two tests may each have a record of the same file.
      lines.set(number, lines.get(number) === true || hits > 0)
    } else if (line === "end_of_record") ended = true
  }
  if (files.size === 0)
    throw reportUnreadable(path, report.trim() === "" ? "it is empty" : "it is neither LCOV nor Cobertura XML")
  if (!ended) throw reportUnreadable(path, "it ends in the middle of a record")
  return new Map(
    [...files].map(([file, hit]) => [file, { total: hit.size, covered: [...hit.values()].filter(Boolean).length }]),
  )
}

/** Elements `<class filename><lines><line number hits>`, as coverage.py writes them. https://github.com/cobertura/cobertura/blob/master/cobertura/src/test/resources/dtds/coverage-04.dtd */
async function cobertura(report: string, path: string): Promise<Lines> {
  const files: Lines = new Map()
  let file: { covered: number; total: number } | undefined
  let root = ""
  await readXml(report, path, {
    open(name, attributes) {
      root ||= name
      if (name === "class") {
        if (attributes.filename === undefined) throw reportUnreadable(path, "a <class> has no filename")
        file = files.get(attributes.filename) ?? { covered: 0, total: 0 }
        files.set(attributes.filename, file)
      } else if (name === "line" && file) {
        const hits = Number(attributes.hits)
        if (!isCount(hits)) throw reportUnreadable(path, `line ${attributes.number} has no number of hits`)
        file.total++
        if (hits > 0) file.covered++
      }
    },
    close(name) {
      if (name === "class") file = undefined
    },
  })
  if (root !== "coverage") throw reportUnreadable(path, `it is XML of <${root}>, not of <coverage>`)
  return files
}

const isCount = (value: number | undefined): value is number =>
  value !== undefined && Number.isFinite(value) && value >= 0

function* eachLine(text: string): Generator<string> {
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf("\n", start)
    const stop = end < 0 ? text.length : end
    yield text.slice(start, stop).trimEnd()
    start = stop + 1
  }
}
