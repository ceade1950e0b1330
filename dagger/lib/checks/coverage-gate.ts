import { sanitized, shortened } from "../text/untrusted.js"
import { type CoverageReport, type Listed, readCoverage, sumOf } from "./coverage-report.js"
import type { CoverageScope } from "./coverage-scope.js"
import { reportUnreadable } from "./errors.js"
import { codeLines, isBeside, isSource, isTest } from "./source-files.js"

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
  /** How many source files the report leaves out, because no test loads them; their lines count as uncovered. */
  unloaded: number
}

/** The files that a component is made of. */
export interface SourceFiles {
  /** Absolute path of the component where its tests ran. */
  root: string
  /** Every file of the component in its language, from its root. */
  files: string[]
  /** What the project's own configuration says. */
  measured: CoverageScope
  read(file: string): Promise<string>
}

/**
 * Judges a coverage report: LCOV, or the Cobertura XML of coverage.py.
 * @param path only for messages.
 * @param sources where the files are known, each that the report leaves out counts with all its lines.
 * @returns `passed: false` when below the limit. Throws when the report can't be read, counts no line at all, or other lines than its own totals.
 */
export async function coverageGate(
  report: string,
  limit: number,
  path: string,
  sources?: SourceFiles,
): Promise<Coverage> {
  const listed = named(await readCoverage(report, path), sources).filter(({ name }) => !isTest(name))
  const product = sources?.measured.everything ? listed.filter(({ name }) => !isBeside(name)) : listed
  const files = product.length > 0 ? product : listed
  const unloaded = sources ? await left(sources, new Set(files.map(({ name }) => name))) : []
  const all = [
    ...files.map(({ name, lines: { total, covered } }) => ({ name, total, covered })),
    ...unloaded.map(({ name, total }) => ({ name, total, covered: 0 })),
  ]
  const { total, covered } = sumOf(all)
  if (total === 0) throw reportUnreadable(path, "it counts no line of code")
  return {
    covered,
    total,
    percent: Math.floor((covered * 1000) / total) / 10,
    limit,
    // Whole numbers on both sides: a quotient could round up to the limit. Limits count to a thousandth.
    passed: covered * 100_000 >= Math.round(limit * 1000) * total,
    worst: all
      .map((file) => ({ file: shortened(sanitized(file.name), 200), uncovered: file.total - file.covered }))
      .filter(({ uncovered }) => uncovered > 0)
      .sort((one, other) => other.uncovered - one.uncovered)
      .slice(0, 5),
    unloaded: unloaded.length,
  }
}

/** The report's files by their names from the component's root. One that is listed again is one file; two of one name stay two. */
function named({ files, folders, apart }: CoverageReport, sources: SourceFiles | undefined): Listed[] {
  const places = new Places(folders, sources)
  return [...Map.groupBy(files, ({ name }) => name)].flatMap(([listed, parts]) => {
    const found = places.of(listed)
    const name = found[0] ?? places.fromRoot(listed)
    if (parts.length > 1 && (apart || found.length > 1))
      return parts.map(({ lines }, at) => ({ name: found[at] ?? `${name} (${at + 1})`, lines }))
    return joined(name, parts, found.length === 0)
  })
}

/** @param unsure whether parts with other lines may be of another file. */
function joined(name: string, parts: Listed[], unsure: boolean): Listed[] {
  const files: Listed[] = []
  for (const { lines } of parts) {
    const same = files.find((file) => !unsure || file.lines.sameAs(lines))
    if (same) same.lines.join(lines)
    else files.push({ name, lines })
  }
  return files
}

/** Finds the source files that a name in a report may mean. */
class Places {
  private readonly known: Set<string>
  private readonly byEnd: Map<string, string[]>

  constructor(
    private readonly folders: string[],
    private readonly sources: SourceFiles | undefined,
  ) {
    this.known = new Set(sources?.files)
    this.byEnd = Map.groupBy(this.known, (file) => file.slice(file.lastIndexOf("/") + 1))
  }

  /** None when nothing fits, or the files are not known. */
  of(name: string): string[] {
    const path = this.fromRoot(name)
    const below = this.folders
      .map((folder) => this.fromRoot(`${folder.replace(/[\\/]+$/, "")}/${name}`))
      .filter((file) => this.known.has(file))
    const distinct = [...new Set(below)]
    if (distinct.length > 0) return distinct
    if (this.known.has(path)) return [path]
    const sameEnd = this.byEnd.get(path.slice(path.lastIndexOf("/") + 1)) ?? []
    return sameEnd.filter((file) => file.endsWith(`/${path}`))
  }

  fromRoot(name: string): string {
    const path = name.replaceAll("\\", "/")
    const root = this.sources?.root
    if (root === undefined) return path
    const inside = path === root ? "" : path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path
    const parts: string[] = []
    for (const part of inside.split("/")) {
      if (part === "..") parts.pop()
      else if (part !== "." && part !== "") parts.push(part)
    }
    return parts.join("/")
  }
}

/** The source files that a report leaves out, with their lines of code. */
async function left(sources: SourceFiles, reported: Set<string>): Promise<{ name: string; total: number }[]> {
  const missing = sources.files.filter((file) => !reported.has(file) && isSource(file) && sources.measured.counts(file))
  const counted = await Promise.all(
    missing.map(async (name) => ({ name, total: codeLines(name, await sources.read(name)) })),
  )
  return counted.filter(({ total }) => total > 0)
}
