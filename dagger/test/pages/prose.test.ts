import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { repositoryRoot } from "../support/workflows.js"

/** Cells of a page's tables that are longer than a reader takes in at once; of a link its words count. */
export const longCells = (text: string, most = 200): string[] =>
  text
    .replace(/^```[\s\S]*?^```$/gm, "")
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .flatMap((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()))
    .filter((cell) => cell.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").length > most)

/** Sentences of a page that are longer than one can say; code, tables and headings are none. */
export const longSentences = (text: string, most = 50): string[] =>
  text
    .replace(/^```[\s\S]*?^```$/gm, "")
    .split("\n")
    .filter((line) => !/^[|#]/.test(line))
    .join("\n")
    .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .split(/\n\s*\n|\n(?=\s*(?:-|\d+\.) )/)
    .flatMap((paragraph) => paragraph.replace(/\s+/g, " ").split(/(?<=[.:!?]) /))
    .filter((sentence) => sentence.trim().split(" ").length > most)

// Those of reference/ are made from the code, and hold its own words.
const pages = execFileSync("git", ["ls-files", "README.md", "docs/*.md", ".github/*.md", ".ci/*.md"], {
  cwd: repositoryRoot,
  encoding: "utf8",
})
  .trim()
  .split("\n")
  .filter((file) => !file.includes("/reference/"))

it.each(pages)("no cell of a table is longer than 200 characters: %s", (page) => {
  expect(longCells(readFileSync(join(repositoryRoot, page), "utf8"))).toEqual([])
})

it.each(pages)("no sentence has more than 50 words: %s", (page) => {
  expect(longSentences(readFileSync(join(repositoryRoot, page), "utf8"))).toEqual([])
})

it("a sentence ends at its point, a list's entry by itself, and code is none", () => {
  const words = Array(26).fill("word").join(" ")

  expect(
    longSentences(`${words}. ${words}\n- ${words}\n\`\`\`\n${words} ${words}\n\`\`\`\n`.replace(/\\n/g, "\n")),
  ).toEqual([])
  expect(longSentences(`${words}\n${words}.`)).toEqual([`${words} ${words}.`])
})

it("a cell is as long as what one reads of it, and code is no table", () => {
  const link = `[${"x".repeat(9)}](${"y".repeat(300)})`

  expect(longCells(`| ${link} | ${"z".repeat(201)} |\n\`\`\`\n| ${"a".repeat(300)} |\n\`\`\`\n`)).toEqual([
    "z".repeat(201),
  ])
})
