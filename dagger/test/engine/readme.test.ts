import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { blocksOf, filledIn } from "../support/followed-page.js"
import { type Checkout, checkout } from "./checkout.js"
import { repository } from "./dagger.js"
import { type PostgreSQL, postgreSQL } from "./database.js"
import { providers, registryFlags, scannerFlags, sites, spaces, tokens } from "./providers.js"
import { daggerIn, shellIn } from "./reader.js"

let clone: Checkout
let postgres: PostgreSQL
beforeAll(async () => {
  clone = checkout()
  clone.plainSite()
  postgres = await postgreSQL()
  await postgres.create("staging")
})
afterAll(async () => {
  clone[Symbol.dispose]()
  await postgres[Symbol.asyncDispose]()
})

it("the commands of README for those who have accounts run as they stand there", async () => {
  const block = blocksOf(readFileSync(join(repository, "README.md"), "utf8")).find(
    ({ heading }) => heading === "With accounts",
  )
  if (!block) throw new Error("README has no commands below: With accounts")
  const home = mkdtempSync(join(tmpdir(), "reader-"))
  await using it = await providers(clone)
  daggerIn(home, [`--settings=${it.settings.path}`, ...registryFlags, ...scannerFlags])
  const type = shellIn(clone.path, home, {
    GITHUB_TOKEN: tokens.GITHUB_TOKEN,
    NETLIFY_TOKEN_STAGING: tokens.NETLIFY_TOKEN,
    HF_TOKEN_STAGING: tokens.HF_TOKEN,
    DATABASE_URL_STAGING: postgres.url("staging"),
  })
  // As the page that it refers to leaves them: secrets stored, branches protected, a version live.
  it.history.environment("staging", [])
  for (const name of ["NETLIFY_TOKEN_STAGING", "HF_TOKEN_STAGING", "DATABASE_URL_STAGING"])
    it.history.secret("staging", name, new Date().toISOString())
  const hosts = ["--netlify-token=env://NETLIFY_TOKEN", "--hugging-face-token=env://HF_TOKEN"]
  const protectedNow = await it.call("protect", ["--github-token=env://GITHUB_TOKEN"])
  expect(protectedNow.code, protectedNow.error).toBe(0)
  const before = await it.call(
    "deploy",
    [
      ...[...hosts, "--github-token=env://GITHUB_TOKEN", "--database-url=env://DATABASE_URL", ...registryFlags],
      "--unscanned=the next one is scanned",
    ],
    { DATABASE_URL: postgres.url("staging") },
  )
  expect(before.code, before.error).toBe(0)
  const [a, served] = [clone.head(), it.hub.dockerfile(spaces.staging)]
  const b = clone.commit("a change", {
    "frontend/page.html": "<!doctype html><title>Physical AI &amp; Humanoid Robotics</title><p>A change.</p>\n",
  })
  it.history.commit("a change", [a], "change", b, ["frontend/page.html"])
  it.history.commit("merged", [a], "staging", b, ["frontend/page.html"])
  const pull = it.history.openPullRequest("change", "main")

  const text = filledIn(block.text, { "--pull-request=12": `--pull-request=${pull}` })
  expect(text).not.toBe(block.text)
  const { status, stdout, stderr } = await type({ ...block, text }, "")

  expect(status, `${stdout}\n${stderr}`).toBe(0)
  const [old, short] = [a, b].map((commit) => commit.slice(0, 7))
  const seen = [
    // status
    `^staging +backend +${old} +${old} .* healthy$`,
    // doctor
    "^What a deployment to staging needs:$",
    "^.*; nothing was changed$",
    // frontend preview
    `^preview of #${pull}: http:\\S+ is healthy$`,
    // deploy
    `^both components of staging: ${short} ended success`,
    // rollback
    `^both components of staging: ${old} ended success`,
  ]
  let from = 0
  for (const line of seen) {
    const found = new RegExp(line, "m").exec(stdout.slice(from))
    expect(found, `${line} is not in\n${stdout.slice(from)}`).not.toBe(null)
    from += (found?.index ?? 0) + (found?.[0].length ?? 0)
  }
  expect(it.hub.dockerfile(spaces.staging)).toBe(served)
  expect(await (await fetch(`${it.sites.siteUrl(sites.staging)}/version.json`)).json()).toMatchObject({ commit: a })
  // Production was not named, so it has nothing.
  expect(it.sites.published(sites.production)).toBe("")
  rmSync(home, { recursive: true })
})
