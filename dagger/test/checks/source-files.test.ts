import { readFileSync } from "node:fs"
import { expect, it } from "vitest"
import { codeLines, isSource, isTest } from "../../lib/checks/source-files.js"

it.each([
  ...["app/main.py", "main.py", "src/App.tsx", "index.mjs", "src/contest/a.js", "plugins/notes.ts", "App.vue"],
  ...["env/settings.py", "src/build/plan.ts", "build/a.py", "out/a.py", "app/public/api.py", "src/static/a.ts"],
  ...["src/coverage/policy.ts", "insurance/coverage/terms.py", "contests.py", "src/latest.ts"],
])("%s is source of a product", (file) => expect([isSource(file), isTest(file)]).toEqual([true, false]))

it.each([
  "node_modules/a/index.js",
  ".venv/lib/a.py",
  "docusaurus.config.ts",
  "src/types.d.ts",
  "src/a.test.ts",
  "tests/helpers.py",
  "src/Button.stories.tsx",
  "coverage/lcov-report/sorter.js",
  "htmlcov/coverage_html.js",
  "dist/index.js",
  "shop/tests.py",
  "src/Button.cy.tsx",
  "app.e2e-spec.ts",
  "src/sort.bench.ts",
  "src/types.test-d.ts",
  "README.md",
  "setup.py",
  "alembic/versions/1.py",
])("%s is none", (file) => expect(isSource(file)).toBe(false))

it("counts lines of Python as coverage.py 7.17 does", () => {
  const text = `"""Docstring
of two lines."""
import os  # why
from a import (
    b,
    c,
)

x = "a # b"; y = 2
TEXT = """
def no():
    pass
"""


@decorated
def run(kind: int) -> int:
    """Says."""
    # only a comment
    if kind == 0:
        return 0
    elif kind == 1:
        return (
            1
        )
    else:
        pass
    try:
        pass
    except ValueError:
        raise
    return "%s" \\
        % kind
`
  // By coverage.py itself: 3, 4, 9, 10, 16, 17, 20 to 23, 27 to 32.
  expect(codeLines("a.py", text)).toBe(16)
})

it("counts statements of a script, not heads, brackets, comments and what goes on", () => {
  const text = `import a from "a" // 1
/* export function no() {
} */
"use client"
export function pay(kind) {
  if (kind === 0) return 0
  const list = [
    1,
    2,
  ]
  for (const one of list) {
    use(one)
  }
  return call("a // b", {
    key: 1,
  })
}
export type T = { a: 1 }
export const add = (a, b) => a + b
`
  expect(codeLines("a.ts", text)).toBe(6)
  expect(codeLines("A.vue", `<template>{{ a }}</template><script setup>\nconst a = 1\n</script>`)).toBe(1)
})

it("counts the unloaded file of a real project as Vitest would", () => {
  const ifs = Array.from({ length: 20 }, (_, at) => `  if (kind === ${at}) return ${at}\n`).join("")
  expect(codeLines("src/payments.js", `export function pay(kind) {\n${ifs}  return null\n}\n`)).toBe(21)
})

it("ends also on what is no program", () => {
  const text = readFileSync(import.meta.filename, "utf8").slice(0, 999)
  for (const odd of ["'", '"""', "\\", "/*", "((((", "`", text, "#", "r'"]) {
    expect(codeLines("a.py", odd)).toBeGreaterThanOrEqual(0)
    expect(codeLines("a.js", odd)).toBeGreaterThanOrEqual(0)
  }
})
