import { readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { type Checkout, checkout } from "./checkout.js"
import type { Called } from "./dagger.js"
import { type PostgreSQL, postgreSQL } from "./database.js"
import { providers, registryFlags, sites, spaces, undoIn } from "./providers.js"

let clone: Checkout
let postgres: PostgreSQL
beforeAll(async () => {
  clone = checkout()
  clone.plainSite()
  const build = readFileSync(join(clone.path, "frontend/build.mjs"), "utf8")
  const rules = `writeFileSync("build/_redirects", "/old / 301\\n")
writeFileSync("build/_headers", "/*\\n  X-Frame-Options: DENY\\n")
`
  clone.commit("rules that Netlify applies and serves to nobody", { "frontend/build.mjs": `${build}${rules}` })
  postgres = await postgreSQL()
  for (const name of ["staging", "production"]) await postgres.create(name)
})
afterAll(async () => {
  clone[Symbol.dispose]()
  await postgres[Symbol.asyncDispose]()
})

const gitHubToken = "--github-token=env://GITHUB_TOKEN"
const frontendToken = "--netlify-token=env://NETLIFY_TOKEN"
const backendToken = "--hugging-face-token=env://HF_TOKEN"
const unscanned = "--unscanned=this test is about what is live"

function succeeded(called: Called): string {
  expect(called.code, called.error).toBe(0)
  return called.stdout
}

it("goes to staging as one release, is promoted unchanged, and is reverted as a whole, by the command that the promotion shows, or by component", async () => {
  await using it = await providers(clone)
  const flags = [
    ...[frontendToken, backendToken, gitHubToken, ...registryFlags],
    ...["--database-url=env://DATABASE_URL", "--actor=ana"],
  ]
  const call = async (name: string, environment: "staging" | "production", ...more: string[]) => {
    const fitting = name === "backend rollback" ? flags.filter((flag) => flag !== frontendToken) : flags
    // With its line end, as a file or a form hands it over.
    return succeeded(await it.call(name, [...fitting, ...more], { DATABASE_URL: `${postgres.url(environment)}\n` }))
  }
  const live = () => ({
    sites: [it.sites.published(sites.staging), it.sites.published(sites.production)],
    images: [it.hub.dockerfile(spaces.staging), it.hub.dockerfile(spaces.production)],
  })
  const [a, short] = [clone.head(), (commit: string) => commit.slice(0, 7)]

  const deployed = await call("deploy", "staging", unscanned)

  expect(deployed).toContain("migrate the database")
  expect(deployed).toContain("empty → 0003")
  expect(deployed).toContain(`both components of staging: ${short(a)} ended success`)
  expect(it.hub.secrets(spaces.staging)).toMatchObject({ DATABASE_URL: postgres.url("staging") })

  const promoted = await call("promote", "production", "--proven-seconds=1")

  expect(promoted).toContain(`backend of production: ${short(a)} ended success`)
  expect(promoted).toContain(`frontend of production: ${short(a)} ended success`)
  expect(promoted).toMatch(/take what was proven .* from registry:\S+-site, the very files/)
  expect(Object.keys(it.sites.files(sites.production))).toEqual(expect.arrayContaining(["_redirects", "_headers"]))
  expect(it.history.ref("refs/heads/main")).toBe(a)
  const first = live()
  expect(first.images[1]).toBe(first.images[0])
  expect(await postgres.query("production", "SELECT version_num FROM alembic_version")).toBe("0003")

  const b = clone.commit("another")
  it.history.commit("another", [a], "staging", b)
  const next = await call("deploy", "staging", unscanned)
  expect(next).toContain(`both components of staging: ${short(b)} ended success`)
  // Another commit, and nothing else of the service: what was tested and linted before is not done again.
  expect(next).toMatch(
    /^ {2}run the checks .*, backend tests passed \(from the cache, .*, backend lint passed \(from the cache\)/m,
  )
  const again = await call("promote", "production", "--proven-seconds=1")
  expect(again).toContain(`${short(b)} ended success`)
  // A merge commit: the branch had `a` only.
  expect(it.history.ref("refs/heads/main")).not.toBe(a)
  const second = live()
  expect(second.images[1]).not.toBe(first.images[1])

  const listed = await succeeded(
    await it.call("backend releases", [backendToken, gitHubToken, "--environment=production"]),
  )
  expect(listed.trim().split("\n")).toEqual([
    expect.stringMatching(new RegExp(`^${short(b)} .* ana  success  registry:.*  it is live$`)),
    expect.stringMatching(new RegExp(`^${short(a)} .* ana  success  registry:.*  usable$`)),
  ])

  // A workflow passes a secret that is not stored as empty: whether the release fits the database is unknown, so it is not served.
  const blind = await it.call(
    "backend rollback",
    [
      ...[backendToken, gitHubToken, ...registryFlags, "--database-url=env://DATABASE_URL"],
      ...["--environment=production", "--reason=prices are wrong", "report"],
    ],
    { DATABASE_URL: "" },
  )
  expect(blind.code).toBe(1)
  expect(blind.error).toContain("ended refused")
  expect(blind.error).toContain("failed: The release has a schema, and no database was given.")
  expect(blind.error).toContain("it needs revision 0003, and --database-url is missing or empty")
  expect(live()).toEqual(second)

  const asFirst = it.sites.files(sites.production)
  it.sites.forget(first.sites[1] ?? "")
  const back = succeeded(await it.type(undoIn(again), { DATABASE_URL: postgres.url("production") }))
  expect(back).toContain(`both components of production: ${short(a)} ended success`)
  expect(back).toMatch(/take the release from the registry .* from registry:\S+-site, verified/)
  // Netlify has forgotten that deploy: the same files have another name there now.
  expect(live()).toEqual({
    sites: [second.sites[0], expect.not.stringMatching(new RegExp(`^(?:${first.sites[1]}|${second.sites[1]})$`))],
    images: [second.images[0], first.images[1]],
  })
  expect(Object.keys(it.sites.files(sites.production)).sort()).toEqual(Object.keys(asFirst).sort())

  const component = await call("backend rollback", "staging", "--reason=too slow", "report")
  expect(component).toContain(`backend of staging: ${short(a)} ended success`)
  expect(live().images).toEqual(first.images)

  const probed = await succeeded(await it.call("probe", ["--environment=production", `--commit=${a}`]))
  expect(probed).toBe(
    `frontend at ${it.sites.siteUrl(sites.production)} is healthy\nbackend at ${it.hub.spaceUrl(spaces.production)} is healthy\n`,
  )
})
