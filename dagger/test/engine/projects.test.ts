import { readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Project, packageIndex, project } from "./dagger.js"
import { type PostgreSQL, postgreSQL } from "./database.js"

/** A small project of a shape that is met often, with its lock files written now, by the program that owns them. */
async function written(name: string, lock: string): Promise<Project> {
  const made = project({ ".": `dagger/test/engine/projects/${name}` })
  expect(readFileSync(join(made.path, "delivery.json"), "utf8").split("\n").length).toBeLessThan(20)
  if (name === "library")
    made.edit(
      "service/pyproject.toml",
      (text) => `${text}\n[[tool.poetry.source]]\nname = "simple"\nurl = "${packageIndex()}"\npriority = "primary"\n`,
    )
  await made.run(lock)
  made.commit("locked")
  return made
}
const npm = "npm install --package-lock-only --ignore-scripts --no-audit --no-fund"
const pnpm = "npx --yes pnpm@10.20.0 install --lockfile-only --ignore-scripts && rm -rf node_modules"
const python = (tool: string, command: string, folder: string) =>
  `tools=$(mktemp -d) && python3 -m venv $tools && $tools/bin/pip install -q ${tool} && cd ${folder} && $tools/bin/${command} && rm -r $tools`

const page = ["frontend", "build", "file", "--path=index.html", "contents"]
/** What a program of the image says. */
const inImage = (...args: string[]) => ["backend", "image", "with-exec", `--args=${args.join(",")}`, "stdout"]

/** The first lines that anybody sees of a failure. */
const firstLines = (error: string) => error.trim().split("\n").slice(0, 5).join("\n")

describe("a site in the root, with npm and Jest", () => {
  let book: Project
  beforeAll(async () => {
    book = await written("handbook", npm)
  })
  afterAll(() => book?.[Symbol.dispose]())

  it("passes and is built", async () => {
    const checked = await book.call(["ci"])
    expect(checked.stdout, checked.error).toMatch(/^passed {2}frontend tests.* 2 tests, 100\.0 % of lines/m)

    const built = await book.call(page)
    expect(built.stdout, built.error).toContain("<h1>Field handbook</h1>")
  })

  it("names the package that the lock file lacks", async () => {
    book.edit("package.json", (text) => text.replace('"jest":', '"markdown-it-anchor": "9.2.0",\n    "jest":'))

    const { code, error } = await book.call(["ci"])

    expect(code).toBe(1)
    expect(firstLines(error)).toContain("package-lock.json does not fit package.json")
    expect(firstLines(error)).toContain("markdown-it-anchor")
  })
})

describe("a site of Vite in a pnpm workspace, with Playwright as test", () => {
  let shop: Project
  beforeAll(async () => {
    shop = await written("storefront", pnpm)
  })
  afterAll(() => shop?.[Symbol.dispose]())

  it("passes by the one script that needs no browser, and is built with its neighbour", async () => {
    const checked = await shop.call(["ci"])
    expect(checked.stdout, checked.error).toMatch(
      /^passed {2}frontend tests.* 1 tests, 100\.0 % of lines covered \(limit 70 %\), by the script test:unit, for test needs a browser$/m,
    )
    expect(checked.stdout).toMatch(/^passed {2}frontend lint/m)

    const built = await shop.call(page)
    expect(built.stdout, built.error).toContain("<title>Acme shop</title>")
  })

  it("is told of the browser where there is no such script", async () => {
    shop.edit("apps/shop/package.json", (text) => text.replace('"test:unit": "vitest run"', '"e2e": "playwright test"'))

    const { code, error } = await shop.call(["ci"])

    expect(code).toBe(1)
    expect(firstLines(error)).toContain("The frontend's tests need a browser, and none is there.")
    expect(error).toContain("frontend.testScript")
  })
})

describe("a service with uv, Alembic in alembic/versions, a settings class, and tests that need PostgreSQL", () => {
  let orders: Project
  let postgres: PostgreSQL
  beforeAll(async () => {
    ;[orders, postgres] = await Promise.all([
      written("orders", python("uv==0.13.9", "uv lock -q", "api")),
      postgreSQL(),
    ])
  })
  afterAll(async () => {
    orders?.[Symbol.dispose]()
    await postgres?.[Symbol.asyncDispose]()
  })

  it("passes, becomes an image, and its migration is planned", async () => {
    const checked = await orders.call(["ci"])
    expect(checked.stdout, checked.error).toMatch(/^passed {2}backend tests.* 3 tests, 9\d\.\d % of lines/m)

    const planned = await orders.call(["backend", "migration-plan", "--database-url=env://DATABASE_URL"], {
      DATABASE_URL: postgres.url("postgres"),
    })
    expect(planned.stdout, planned.error).toMatch(/^empty → 8c1f0a2b: 8c1f0a2b expand\n/)
    expect(planned.stdout).toContain("CREATE TABLE orders (")
  })

  it("names the variable that nobody gave", async () => {
    orders.edit("delivery.json", (text) => text.replace(/,\s+"env": \{.*\}/, ""))

    const { code, error } = await orders.call(["ci"])

    expect(code).toBe(1)
    expect(firstLines(error)).toMatch(/payment_api_key/i)
  })
})

describe("a service with Poetry and an older Python", () => {
  let library: Project
  beforeAll(async () => {
    library = await written("library", python("poetry==2.2.1", "poetry lock -q -n", "service"))
  })
  afterAll(() => library?.[Symbol.dispose]())

  it("passes, and becomes an image", async () => {
    const checked = await library.call(["ci"])
    expect(checked.stdout, checked.error).toMatch(/^passed {2}backend tests.* 3 tests, 100\.0 % of lines/m)

    const said = await library.call(inImage(".venv/bin/flask", "--app", "library.app", "routes"))
    expect(said.stdout, said.error).toContain("/loans/<int:day>")
  })

  it("names the import that this Python does not have", async () => {
    // With a line of its own, or an engine that has run this test before would not run them.
    const line = `# ${crypto.randomUUID()}`
    library.edit("service/library/loans.py", (text) => `from typing import override\n\n${line}\n${text}`)

    const { code, error } = await library.call(["ci"])

    expect(code).toBe(1)
    expect(firstLines(error)).toContain("ImportError: cannot import name 'override' from 'typing'")
    expect(error).toMatch(/^FAILED {2}backend tests +[\d.]+ s {2}packages from the cache, /m)
  })
})

describe("a site and a service, whose Dockerfile sees the root", () => {
  let portal: Project
  beforeAll(async () => {
    portal = await written("portal", `cd web && ${npm}`)
  })
  afterAll(() => portal?.[Symbol.dispose]())

  it("pass, and become a site and an image", async () => {
    const checked = await portal.call(["ci"])
    expect(checked.stdout, checked.error).toMatch(/^passed {2}frontend tests.* 1 tests, 100\.0 % of lines/m)
    expect(checked.stdout).toMatch(/^passed {2}backend tests.* 3 tests, 100\.0 % of lines/m)

    const [built, said] = [
      await portal.call(page),
      await portal.call(inImage(".venv/bin/python", "-c", "import portal.app; print(portal.app.greeting('de'))")),
    ]
    expect(built.stdout, built.error).toContain("<h1>Portal</h1>")
    expect(said.stdout, said.error).toBe("Willkommen\n")
  })

  it("names what the Dockerfile copies and nobody committed", async () => {
    portal.git("mv", "shared", "common")

    const { code, error } = await portal.call(inImage("true"))

    expect(code).toBe(1)
    expect(firstLines(error)).toContain('The Dockerfile copies "shared/greetings.json", which the build does not find.')
  })
})
