import { readFileSync } from "node:fs"
import { expect, it } from "vitest"
import { blocksOf, filledIn, placeholdersOf, unseen } from "../support/followed-page.js"

const page = readFileSync("docs/deployment/first-deployment.md", "utf8")

it("the page of a first deployment says what one sees below its commands, and what is to be replaced", () => {
  const blocks = blocksOf(page)

  expect(blocks.filter(({ language }) => !["sh", "json"].includes(language))).toEqual([])
  expect(blocks.filter(({ seen }) => seen.length > 0).length).toBeGreaterThanOrEqual(8)
  expect(placeholdersOf(page)).toEqual(["github.com/OWNER/REPOSITORY@VERSION", "me", "https://SITE.netlify.app"])
})

it("the text below a command is what it prints, and a second one belongs to nothing", () => {
  const two = "# A\n```sh\nx\n```\nand\n```text\n1\n```\n"

  expect(blocksOf(two)).toEqual([{ language: "sh", text: "x\n", seen: ["1"], heading: "A" }])
  expect(() => blocksOf(`${two}\`\`\`text\n2\n\`\`\`\n`)).toThrow('the text below "A" belongs to no command')
})

it("a placeholder is replaced as a word alone", () => {
  expect(filledIn("--actor=me name me. message", { me: "ana" })).toBe("--actor=ana name me. message")
})

it.each([
  [["a … c", "d"], "a b  c\nx\nd\n", undefined],
  [["d", "a"], "a\nd\n", "a"],
  [["a"], "ab\n", "a"],
  [["a.c"], "abc\n", "a.c"],
  [["…c…"], "abcd\n", undefined],
])("of %j what is not printed is found, in the page's order: %j", (lines, output, missing) => {
  expect(unseen(lines, output)).toBe(missing)
})
