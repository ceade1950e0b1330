import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { type Checkout, checkout } from "./checkout.js"
import { type Called, inShell, repository } from "./dagger.js"

const page = readFileSync(join(repository, "docs/deployment/first-hour.md"), "utf8")
const [, table = ""] = /^\| break \| type \| you see \|\n.*\n([\s\S]*?)\n\n/m.exec(page) ?? []
const rows = new Map(
  table.split("\n").map((row) => {
    const [, what = "", type = "", see = ""] = /^\| (.*) \| `(.*)` \| (.*) \|$/.exec(row) ?? []
    return [what.replace(/^an? |^the /, "").replace(/:.*/, ""), { what, type, see }]
  }),
)

let broken: Checkout
beforeAll(() => {
  broken = checkout()
})
afterAll(() => broken[Symbol.dispose]())

const edit = (file: string, change: (text: string) => string) => {
  const before = readFileSync(join(broken.path, file), "utf8")
  const after = change(before)
  if (after === before) throw new Error(`${file} is as it was`)
  writeFileSync(join(broken.path, file), after)
}

/** Breaks as the page says, types its line, and puts everything back as it says. */
async function tried(row: string, breaks: () => void, line = rows.get(row)?.type ?? ""): Promise<Called> {
  breaks()
  try {
    return await inShell(line.replace("dagger call", "dagger call --silent"), broken.path)
  } finally {
    broken.git("restore", ".")
  }
}

it("the first hour has a way to break each thing, and no other", () => {
  expect([...rows.keys()]).toEqual(["test", "coverage", "site", "image", "setting", "workflow"])
})

it("a broken test is shown by its name, with its assertion", async () => {
  const { code, error } = await tried("test", () =>
    edit("backend/tests/test_health.py", (text) => text.replace("== 200", "== 201")),
  )

  expect(code).toBe(1)
  expect(error).toMatch(/✗ tests\.test_health › test_\w+/)
  expect(error).toContain("assert 200 == 201")
})

it("too few tests are shown as the share of lines, the limit, and the files with the most open lines", async () => {
  const { code, error } = await tried("coverage", () => {
    const tests = join(broken.path, "backend/tests")
    for (const file of readdirSync(tests))
      if (/^test_.*\.py$/.test(file) && file !== "test_settings.py") rmSync(join(tests, file))
  })

  expect(code).toBe(1)
  expect(error).toMatch(/line coverage is \d\d\.\d %, the limit is 70 %; most uncovered: app\/\w+/)
})

it("a broken link is shown with the page that has it", async () => {
  const { code, error } = await tried("site", () =>
    edit("frontend/docs/humanoid-locomotion.md", (text) => `${text}\n[nowhere](/no-such-page)\n`),
  )

  expect(code).toBe(1)
  expect(error).toContain("/no-such-page")
  expect(error).toContain("/humanoid-locomotion")
})

it("a step of the image that fails is shown by its command, also one that prints nothing", async () => {
  const { code, error } = await tried("image", () =>
    edit("backend/Dockerfile", (text) => text.replace(/^COPY requirements\.txt \.$/m, "$&\nRUN false")),
  )

  expect(code).toBe(1)
  expect(error).toContain("The backend's image could not be built.")
  expect(error).toMatch(/why: the build printed:\n(?: {4}.*\n)*? {4}exit code 1: \/bin\/sh -c false\n/)
})

it("a wrong key of the settings is named by the calls that read them, and shown by the one that does not", async () => {
  const breaks = () => edit("delivery.json", (text) => text.replace('"title"', '"titel"'))
  const shown = await tried("setting", breaks)
  const [, other = ""] = /`(dagger call probe)`/.exec(rows.get("setting")?.see ?? "") ?? []
  const { code, error } = await tried("setting", breaks, other)

  expect(shown).toMatchObject({ code: 0 })
  expect(shown.stdout).toContain('"titel"')
  expect(code).toBe(1)
  expect(error).toContain("project.titel: no such key; did you mean title?")
})

it("a wrong key of a workflow is shown with its file, its line and its rule", async () => {
  const { code, error } = await tried("workflow", () =>
    edit(".github/workflows/ci.yml", (text) => text.replace("    permissions:", "    permisions:")),
  )

  expect(code).toBe(1)
  expect(error).toMatch(/\.github\/workflows\/ci\.yml:\d+:\d+: unexpected key "permisions" .*\[syntax-check\]/)
})
