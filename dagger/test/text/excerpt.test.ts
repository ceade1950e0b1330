import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { excerpt } from "../../lib/text/excerpt.js"

const outputs = join(import.meta.dirname, "outputs")

/**
 * What each tool really said, with its folder renamed, and the words without which nobody knows what to do. The one of BuildKit is written
 * by hand, in its form.
 */
const causes: Record<string, string[]> = {
  "alembic-driver.txt": ["ModuleNotFoundError: No module named 'psycopg'"],
  "alembic-settings.txt": ["ValidationError: 2 validation errors for Settings", "OPENAI_API_KEY"],
  "buildkit-pip.txt": ["No matching distribution found for torch==9.9.9"],
  "docusaurus-links.txt": ["Docusaurus found broken links!", "Broken link on source page path"],
  "docusaurus-module.txt": ["Module not found: Error: Can't resolve './Gone'"],
  "jest-module.txt": ["Cannot find module './gone' from 'src/sum.test.js'"],
  "npm-eresolve.txt": ["ERESOLVE unable to resolve dependency tree", "npm error Found: react@16.0.0"],
  "pip-compiler.txt": ["error: command 'gcc' failed: No such file or directory"],
  "pip-python.txt": ["requires a different Python: 3.13.9 not in '<3.13,>=3.9'"],
  "pip-versions.txt": ["ERROR: No matching distribution found for numpy==99.0"],
  "pytest-import.txt": ["E   ModuleNotFoundError: No module named 'httpx'"],
  "vitest-assert.txt": ["AssertionError: expected 1 to be 2"],
}

describe("of what a tool said, the first lines name the cause", () => {
  it.each(readdirSync(outputs))("%s", (name) => {
    const first = excerpt(readFileSync(join(outputs, name), "utf8"))
      .slice(0, 8)
      .join("\n")
    for (const cause of causes[name] ?? ["never"]) expect(first).toContain(cause)
  })
})

it("keeps the end of a line of 24,000 characters, where its cause stands", () => {
  const line = `ERROR: Could not find a version (from versions: ${"1.0, ".repeat(4800)}) cause at the end`
  expect(excerpt(line)).toEqual([expect.stringMatching(/^ERROR: Could not find.{20,}… .*\) cause at the end$/)])
})

it("keeps a short text as it is", () => {
  expect(excerpt("one\n\n  two\nValueError: three\n")).toEqual(["one", "  two", "ValueError: three"])
})

it("tells how many lines it leaves out, and shows the last ones", () => {
  const said = ["TypeError: x is no function", ...Array.from({ length: 50 }, (_, at) => `    line ${at}`)].join("\n")
  const lines = excerpt(said, 6)
  expect(lines).toEqual([
    "TypeError: x is no function",
    "    line 0",
    "… 45 lines before",
    "    line 46",
    "    line 47",
    "    line 48",
    "    line 49",
  ])
})

it("ends in time on any text of a megabyte", () => {
  for (const part of [
    "x",
    "at ( ",
    "=",
    "= ",
    "E   ",
    "Error.",
    "https://a/errors ",
    "\n",
    "a\n",
    "[cause]: ",
    "#1 1.1 ",
  ]) {
    const before = process.cpuUsage()
    excerpt(part.repeat(Math.ceil(1_000_000 / part.length)))
    expect(process.cpuUsage(before).user / 1e6, part).toBeLessThan(2)
  }
})
