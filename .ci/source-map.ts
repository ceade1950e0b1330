// Run by .ci/source-map. Draws the rooms of dagger/lib and what they import into .github/CONTRIBUTING.md.
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { type Import, importsIn, isSource, roomOf, sourceFiles } from "../dagger/test/support/imports.ts"

const page = join(import.meta.dirname, "../.github/CONTRIBUTING.md")
const [begin, end] = ["<!-- source map: .ci/source-map writes it -->", "<!-- end of the source map -->"]

/** The typed functions are one box, and so is what everything stands on. */
const boxes: Record<string, string> = {
  "index.ts": "functions",
  "frontend.ts": "functions",
  "backend.ts": "functions",
  "single-checks.ts": "functions",
  "clock.ts": "ground",
  "exposed-types.ts": "ground",
  "errors.ts": "ground",
  "verdict.ts": "ground",
  text: "ground",
}
const shown: Record<string, string> = {
  functions: "index.ts, frontend.ts, backend.ts",
  ground: "errors.ts, clock.ts, text/",
}
const boxOf = (file: string) => boxes[roomOf(file)] ?? roomOf(file)

/** Which box imports which, without the arrows that follow from others: where a → b → c, a → c says nothing new. */
export function arrowsOf(imports: Import[]): [from: string, to: string][] {
  const targets = new Map<string, Set<string>>()
  for (const one of imports.filter(isSource)) {
    const [from, to] = [boxOf(one.file), boxOf(one.to)]
    if (from !== to) targets.set(from, (targets.get(from) ?? new Set()).add(to))
  }
  const reaches = (from: string, to: string): boolean =>
    [...(targets.get(from) ?? [])].some((next) => next === to || reaches(next, to))
  return [...targets]
    .flatMap(([from, all]) =>
      [...all]
        .filter((to) => ![...all].some((other) => other !== to && reaches(other, to)))
        .map((to): [string, string] => [from, to]),
    )
    .sort((one, other) => one.join(" ").localeCompare(other.join(" ")))
}

/** A Mermaid diagram of these arrows. */
export function drawn(files: Record<string, string>): string {
  const arrows = arrowsOf(importsIn(files))
  const names = [...new Set(Object.keys(files).map(boxOf))].sort()
  const id = (box: string) => box.replaceAll("-", "_")
  return [
    "```mermaid",
    "flowchart TD",
    ...names.map((box) => `  ${id(box)}["${shown[box] ?? `${box}/`}"]`),
    ...arrows.map(([from, to]) => `  ${id(from)} --> ${id(to)}`),
    "```",
  ].join("\n")
}

/** A page with the diagram in its place. */
export function withMap(text: string, diagram: string): string {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`the page has no "${begin}" before "${end}"`)
  return `${text.slice(0, from)}${begin}\n${diagram}\n${text.slice(to)}`
}

if (process.argv[1] === import.meta.filename)
  writeFileSync(page, withMap(readFileSync(page, "utf8"), drawn(sourceFiles())))
