import { readFileSync } from "node:fs"
import { expect, it } from "vitest"
import { readSettings } from "../../lib/settings/settings.js"

const page = readFileSync("docs/deployment/environments.md", "utf8")
const blocks = (language: string) =>
  [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
    .filter(([, named]) => named === language)
    .map(([, , text]) => text ?? "")

it("shows a whole file that is accepted as it stands", () => {
  expect(Object.keys(readSettings(blocks("json")[0] ?? "").environments)).toEqual(["staging", "production"])
})

it("shows the message of its faulty file", () => {
  expect(() => readSettings(blocks("json")[1] ?? "")).toThrow(
    expect.objectContaining({ message: blocks("text")[0]?.trimEnd() }),
  )
})
