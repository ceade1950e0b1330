import { expect, it } from "vitest"
import { declarations, type Import, importsIn, isSource, library, roomOf, sourceFiles } from "./support/imports.js"

const usesEngine = ["index.ts", "frontend.ts", "backend.ts", "single-checks.ts", "containers"]
const reachesNetwork = ["undici", "netlify", "@slack/webhook", "node:http", "node:https", "node:net", "node:tls"]
/** Rooms that everything else is built on, from the ground up; each may import only those before it. */
const foundations = ["clock.ts", "exposed-types.ts", "verdict.ts", "text", "errors.ts", "settings"]
/** Only these may pick an adapter, or run a stand-in in its place. */
const picksAdapters = ["wiring", "containers", "rehearsal", "index.ts", "frontend.ts", "backend.ts"]

/** Each broken rule, with the line that breaks it. */
function broken(imports: Import[]): string[] {
  const rules: [rule: string, breaks: (from: string, to: string, one: Import) => boolean][] = [
    [
      "only index.ts, frontend.ts, backend.ts and containers/ use the engine",
      (from, _, { to }) => /^@dagger\.io\//.test(to) && !usesEngine.includes(from),
    ],
    ["only providers/ reach the network", (from, _, { to }) => reachesNetwork.includes(to) && from !== "providers"],
    [
      "the foundations import no room above them",
      (from, to, one) =>
        foundations.includes(from) &&
        from !== to &&
        isSource(one) &&
        !(foundations.indexOf(to) >= 0 && foundations.indexOf(to) < foundations.indexOf(from)),
    ],
    [
      "rooms import interfaces; wiring/ picks the adapters",
      (from, to) => to === "providers" && from !== "providers" && !picksAdapters.includes(from),
    ],
    [
      "nothing imports the functions that people call",
      (_, to) => ["index.ts", "frontend.ts", "backend.ts", "single-checks.ts"].includes(to) && _ !== "index.ts",
    ],
  ]
  return imports.flatMap((one) =>
    rules
      .filter(([, breaks]) => breaks(roomOf(one.file), roomOf(one.to), one))
      .map(([rule]) => `${one.file}:${one.line} imports ${one.to}: ${rule}`),
  )
}

/** A way from a node back to itself, "" for none. */
function circle(imports: Import[], nodeOf: (file: string) => string): string {
  const arrows = new Map<string, Set<string>>()
  for (const one of imports.filter(isSource)) {
    const [from, to] = [nodeOf(one.file), nodeOf(one.to)]
    if (from !== to) arrows.set(from, (arrows.get(from) ?? new Set()).add(to))
  }
  const done = new Set<string>()
  const walk = (node: string, way: string[]): string => {
    if (way.includes(node)) return [...way.slice(way.indexOf(node)), node].join(" → ")
    if (done.has(node)) return ""
    for (const next of arrows.get(node) ?? []) {
      const found = walk(next, [...way, node])
      if (found) return found
    }
    done.add(node)
    return ""
  }
  for (const node of arrows.keys()) {
    const found = walk(node, [])
    if (found) return found
  }
  return ""
}

const files = sourceFiles()
const declared = sourceFiles(declarations)

/** Imports of `lib/` that are run when the file is loaded. */
const early = (text: string) => text.match(/^(?:import|export)\s+(?!type\b)[^"']*["'](?:#lib\/|\.\.\/)[^\n]*/gm) ?? []

it("the source keeps the rules of its rooms", () => {
  expect(broken(importsIn(files))).toEqual([])
})

it("no file imports itself in a circle, and no room does", () => {
  expect(circle(importsIn(files), (file) => file)).toBe("")
  expect(circle(importsIn(files), roomOf)).toBe("")
})

it("src/ holds only what Dagger must read at each call: the functions and the types that they take and give", () => {
  expect(Object.keys(declared)).toEqual([
    "backend.ts",
    "exposed-types.ts",
    "frontend.ts",
    "index.ts",
    "single-checks.ts",
  ])
})

it("a function loads what it needs when it is called, and never before", () => {
  expect(Object.entries(declared).flatMap(([file, text]) => early(text).map((line) => `${file}: ${line}`))).toEqual([])
  expect(
    early('import { a } from "#lib/a.js"\nimport type { B } from "#lib/b.js"\nconst c = () => import("#lib/c.js")\n'),
  ).toEqual(['import { a } from "#lib/a.js"'])
})

it("the root of lib/ holds only what all rooms stand on", () => {
  expect(Object.keys(sourceFiles(library)).filter((name) => !name.includes("/"))).toEqual([
    "clock.ts",
    "errors.ts",
    "verdict.ts",
  ])
})

it.each([
  ["metrics/page.ts", 'import { dag } from "@dagger.io/dagger"', "only index.ts"],
  ["metrics/page.ts", 'import { fetch } from "undici"', "only providers/"],
  ["settings/settings.ts", 'import { deploy } from "../deployment/deployment.js"', "the foundations"],
  [
    "deployment/rollback.ts",
    'import { NetlifyHost } from "../providers/netlify/netlify.js"',
    "rooms import interfaces",
  ],
  ["deployment/rollback.ts", 'const late = await import("../providers/slack/slack.js")', "rooms import interfaces"],
])("a line of %s that breaks a rule is named: %s", (file, line, rule) => {
  expect(broken(importsIn({ [file]: `// a comment\n${line}\n` }))).toEqual([
    expect.stringMatching(new RegExp(`^${file}:2 imports .*: ${rule}`)),
  ])
})

it("a circle is shown as the path around it", () => {
  const ring = {
    "a/one.ts": 'import "x"\nimport { b } from "../b/two.js"',
    "b/two.ts": 'import { a } from "../a/one.js"',
  }
  expect(circle(importsIn(ring), (file) => file)).toBe("a/one.ts → b/two.ts → a/one.ts")
})

// The engine 0.21.8 takes the file's whole folder along for it: of the root, all of .git and node_modules.
it("takes no file of the caller by workspace.file", () => {
  const named = Object.entries(files).filter(([, text]) => /\bworkspace\s*\??\.\s*file\(/i.test(text))
  expect(named.map(([file]) => file)).toEqual([])
})
