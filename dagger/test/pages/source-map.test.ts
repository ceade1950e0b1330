import { readFileSync } from "node:fs"
import { expect, it } from "vitest"
import { arrowsOf, drawn, withMap } from "../../../.ci/source-map.ts"
import { importsIn, sourceFiles } from "../support/imports.js"

it("the map of the source shows the rooms and imports of today; .ci/source-map draws it anew", () => {
  const page = readFileSync(".github/CONTRIBUTING.md", "utf8")

  expect(page).toBe(withMap(page, drawn(sourceFiles())))
})

it("an arrow that follows from others is left out, and an import of a package is none", () => {
  const files = {
    "index.ts": 'import { one } from "./a/one.js"\nimport { three } from "./c/three.js"',
    "a/one.ts": 'import { two } from "../b/two.js"\nimport { z } from "zod"',
    "b/two.ts": 'import { three } from "../c/three.js"\nimport { redacted } from "../text/untrusted.js"',
    "c/three.ts": "",
    "text/untrusted.ts": "",
  }

  expect(arrowsOf(importsIn(files))).toEqual([
    ["a", "b"],
    ["b", "c"],
    ["b", "ground"],
    ["functions", "a"],
  ])
})

it("a page without a place for the map is refused", () => {
  expect(() => withMap("# Contributing\n", "x")).toThrowErrorMatchingInlineSnapshot(
    `[Error: the page has no "<!-- source map: .ci/source-map writes it -->" before "<!-- end of the source map -->"]`,
  )
})
