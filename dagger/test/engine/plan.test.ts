import { readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { type Checkout, checkout } from "./checkout.js"
import { type PostgreSQL, postgreSQL } from "./database.js"
import { providers, registryFlags, spaces } from "./providers.js"

let clone: Checkout
let postgres: PostgreSQL
beforeAll(async () => {
  clone = checkout()
  clone.plainSite()
  const env = readFileSync(join(clone.path, "backend/migrations/env.py"), "utf8")
  clone.commit("migrations that need what staging and production have and its tests have not", {
    "backend/migrations/env.py": env.replace("from logging", "import os\nfrom logging").replace(
      "    context.configure(\n        connection=connection,",
      `    if connection.dialect.name == "postgresql" and os.environ.get("TENANT") != "acme":
        raise CommandError("these are not the variables of the environment")
$&`,
    ),
  })
  postgres = await postgreSQL()
  for (const name of ["staging", "production"]) await postgres.create(name)
})
afterAll(async () => {
  clone[Symbol.dispose]()
  await postgres[Symbol.asyncDispose]()
})

it("says what a deployment and a promotion would do, and what refuses them, and writes nothing anywhere", async () => {
  await using it = await providers(clone, {}, {}, { place: { variables: { TENANT: "acme" } } })
  const hosts = ["--netlify-token=env://NETLIFY_TOKEN", "--hugging-face-token=env://HF_TOKEN"]
  const flags = [...hosts, "--github-token=env://GITHUB_TOKEN", ...registryFlags, "--database-url=env://DATABASE_URL"]
  const call = (name: string, environment: "staging" | "production", ...more: string[]) =>
    it.call(name, [...flags, "--actor=ana", ...more], { DATABASE_URL: postgres.url(environment) })
  const unscanned = "--unscanned=this test is about plans"
  const plan = async (name: string, environment: "staging" | "production", ...more: string[]) => {
    const writes = () => [it.sites, it.hub, it.history].map((server) => server.writes())
    const before = writes()
    const { code, stdout, error } = await call(name, environment, "--plan", ...more)
    expect(code, error).toBe(0)
    expect(writes()).toEqual(before)
    return stdout
  }
  const a = clone.head()

  const first = await plan("deploy", "staging", unscanned)

  expect(first).toContain(`backend of staging: ${a.slice(0, 7)} would go live\n`)
  expect(first).toContain(`frontend of staging: ${a.slice(0, 7)} would go live\n`)
  expect(first).toMatch(/^ {2}publish the image +the image would be built, .* and pushed as registry:/m)
  expect(first).toMatch(/^ {2}migrate the database +empty → 0003: 0001 expand, 0002 expand, 0003 expand; 0001 is "/m)
  expect(first).toMatch(/^ {2}take the lock +free$/m)
  expect(first.trimEnd()).toMatch(/Nothing was written\. The same command without --plan does it\.$/)
  expect(await postgres.query("staging", "SELECT to_regclass('alembic_version') IS NULL")).toBe("t")

  const deployed = await call("deploy", "staging", unscanned)
  expect(deployed.code, deployed.error).toBe(0)
  const again = await plan("deploy", "staging", unscanned)

  expect(again).toContain(`backend of staging: ${a.slice(0, 7)} would change nothing\n`)
  expect(again).toMatch(
    /^ {2}publish the image +registry:\S+@sha256:\S+ is there: it would be scanned again, and not pushed again/m,
  )

  const promotion = await plan("promote", "production", "--proven-seconds=1")
  expect(promotion).toContain(`backend of production: ${a.slice(0, 7)} would go live\n`)
  expect(promotion).toMatch(/^ {2}prove it in staging +it serves registry:\S+, its newest deployment, healthy now/m)
  expect(promotion).toMatch(/^ {2}migrate the database +empty → 0003/m)
  expect(promotion).toMatch(/^ {2}check the branch +would go to main by direct merge$/m)
  const early = await plan("promote", "production", "--proven-seconds=86400")
  expect(early).toContain(`backend of production: ? would end refused\n`)
  expect(early).toContain("  not reached: the backend before it would end refused\n")
  expect(it.hub.dockerfile(spaces.production)).not.toContain("sha256:")

  clone.commit("of no branch")
  const refused = await plan("deploy", "staging", unscanned)
  expect(refused).toMatch(/^failed: /m)
  const component = await it.call("frontend deploy", [
    ...["--netlify-token=env://NETLIFY_TOKEN", "--github-token=env://GITHUB_TOKEN", "--from-any-branch=a test"],
    ...["--plan", "verdict"],
  ])
  expect(component.code, component.error).toBe(0)
})
