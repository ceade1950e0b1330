import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { Backend } from "../../lib/settings/backend-schema.js"
import { Frontend } from "../../lib/settings/frontend-schema.js"
import { readSettings } from "../../lib/settings/settings.js"
import { keysAt } from "../../lib/settings/settings-schema.js"

const page = readFileSync("docs/deployment/your-project.md", "utf8")
const file = /^```json\n([\s\S]*?)^```$/m.exec(page)?.[1] ?? ""

/** Rows of the table whose first cell is headed so: the keys of the first cell, and the example in the last. */
function rowsOf(head: string): { keys: string[]; example: string }[] {
  const [, table = ""] = page.split(`| ${head} |`)
  const rows = table.split("\n\n", 1)[0]?.split("\n").slice(2) ?? []
  return rows.map((row) => {
    const cells = row.split(" | ")
    const keys = [...(cells[0] ?? "").matchAll(/`(\w+)`/g)].map(([, key = ""]) => key)
    return { keys, example: /^`(.+)` \|$/.exec(cells.at(-1) ?? "")?.[1] ?? "" }
  })
}

const components = [
  { name: "frontend", schema: Frontend },
  { name: "backend", schema: Backend },
] as const

it("shows a whole file that is accepted as it stands", () => {
  expect(Object.keys(readSettings(file).environments)).toEqual(["staging"])
})

describe.each(components)("the settings of the $name", ({ name, schema }) => {
  const rows = rowsOf(`key of \`${name}\``)

  it("are all named, and no other", () => {
    expect(rows.flatMap(({ keys }) => keys).sort()).toEqual(keysAt([name]).sort())
  })

  it.each(rows)("$keys has an example that is accepted", ({ keys, example }) => {
    const given = JSON.parse(`{ ${example} }`) as object
    expect(schema.safeParse(given).error).toBeUndefined()
    expect(keys).toContain(Object.keys(given)[0])
  })
})

it("names the setting of the linters", () => {
  expect(keysAt([])).toContain("lint")
  expect(page).toContain('`"lint": "all"`')
})

it("is what the README leads to", () => {
  expect(readFileSync("README.md", "utf8")).toContain("(docs/deployment/your-project.md)")
})
