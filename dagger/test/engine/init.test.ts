import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { stripVTControlCharacters } from "node:util"
import { afterAll, beforeAll, expect, it } from "vitest"
import { readCommentedJson } from "../../lib/settings/commented-json.js"
import { gitHub } from "../../stand-ins/github.js"
import { huggingFace } from "../../stand-ins/hugging-face.js"
import { netlify } from "../../stand-ins/netlify.js"
import { hostAddress, type Project, repository, run } from "./dagger.js"
import { answering, imageRepository, registryFlags, tokens } from "./providers.js"
import { docusaurus, starter } from "./starter.js"
import { teaShop } from "./tea-shop.js"

const initialized = (it: Project) =>
  run(
    ["call", "--silent", "--auto-apply", "-m", repository, "init", "--module=github.com/acme/delivery@v1.0.0"],
    it.path,
  )

let starters = ""
// The engine's network exists once a container has run on it.
beforeAll(async () => {
  starters = mkdtempSync(join(tmpdir(), "starters-"))
  await starter(starters, "docusaurus", docusaurus)
  const query = '{container{from(address:"node:24-slim"){withExec(args:["true"]){sync}}}}'
  await run(["query", "-M", "--silent"], tmpdir(), {}, query)
})

afterAll(() => rmSync(starters, { recursive: true, force: true }))

it("takes a repository that has never heard of it from init to a deployment, with no edit by hand", async () => {
  using it = teaShop(join(starters, "docusaurus"))
  const before = it.git("rev-parse", "HEAD")

  const made = await initialized(it)

  expect(made.code, made.error).toBe(0)
  const commit = it.commit("use the pipeline")
  const changes = it.git("diff", "--name-status", before, commit).split("\n")
  // It changed nothing that was there.
  expect(changes.filter((line) => !line.startsWith("A\t"))).toEqual(["M\t.gitignore"])
  expect(it.git("diff", "--numstat", before, commit, "--", ".gitignore")).toMatch(/^\d+\t0\t/)
  expect(readFileSync(join(it.path, "netlify.toml"), "utf8")).toBe("# mine\n")
  expect(changes.map((line) => line.slice(2))).toEqual(
    expect.arrayContaining(["delivery.json", "dagger.json", "api/Dockerfile", ".github/workflows/ci.yml"]),
  )

  const checked = await it.call(["ci"])
  expect(checked.code, checked.error).toBe(0)
  expect(checked.stdout).toMatch(/^passed {2}backend tests.* 1 tests, 100\.0 % of lines/m)
  expect(checked.stdout).toMatch(/^passed {2}workflow lint/m)

  const folder = mkdtempSync(join(tmpdir(), "rehearsal-"))
  const rehearsed = await it.call(["rehearse", `--output=${folder}`])
  expect(rehearsed.code, rehearsed.error).toBe(0)
  const report = readFileSync(join(folder, "timeline.txt"), "utf8").split("\n")
  const { conclusion, leftOut, byHand } = JSON.parse(readFileSync(join(folder, "timeline.json"), "utf8"))
  rmSync(folder, { recursive: true })
  expect(report[0]).toMatch(/^The rehearsal passed: \d+ scenarios in /)
  expect(report.slice(2, 8)).toEqual(["Proven", ...conclusion.map((line: string) => `  ${line}`)])
  expect(conclusion[2]).toMatch(
    /the backend was rolled-back \(http:\/\/\S+\/health answered 503, expected 200\); the frontend failed before visitors saw it/,
  )
  expect(leftOut[0]).toBe(
    "the migration, a contract step and the rollback over it: the service has no Alembic revisions, and reads no database's address",
  )
  expect(byHand[0]).toBe("Make the Netlify sites tea-staging.netlify.app and tea.netlify.app.")

  expect(await deployed(it, commit)).toContain(`both components of staging: ${commit.slice(0, 7)} ended success`)

  // None by hand; and what init wrote is all that it would write.
  expect(it.git("status", "--porcelain")).toBe("")
  expect(it.git("rev-parse", "HEAD")).toBe(commit)
  const again = await it.call(["init", "--module=github.com/acme/delivery@v1.0.0", "is-empty"])
  expect(again.stdout, again.error).toBe("true")
})

/** Deploys to staging, with the addresses of stand-ins in the settings that init wrote. */
async function deployed(it: Project, commit: string): Promise<string> {
  const address = hostAddress()
  await using sites = await netlify({ sites: ["tea-staging.netlify.app"], token: tokens.NETLIFY_TOKEN, address })
  await using hub = await huggingFace({
    spaces: ["acme/tea-staging"],
    token: tokens.HF_TOKEN,
    run: answering(address, () => ({ json: { status: "ok" } })),
    address,
  })
  await using history = await gitHub({ repository: "acme/tea", token: tokens.GITHUB_TOKEN, address })
  history.commit("a tea shop", [], "staging", commit)
  const own = readCommentedJson(readFileSync(join(it.path, "delivery.json"), "utf8")) as {
    environments: { staging: { branch: string; frontend: object; backend: object } }
  }
  const { staging } = own.environments
  const settings = join(mkdtempSync(join(tmpdir(), "settings-")), "delivery.json")
  const place = {
    ...staging,
    frontend: { ...staging.frontend, url: sites.siteUrl("tea-staging.netlify.app") },
    backend: { ...staging.backend, url: hub.spaceUrl("acme/tea-staging") },
  }
  writeFileSync(
    settings,
    JSON.stringify({
      ...own,
      image: { repository: imageRepository },
      providers: { netlify: sites.url, huggingFace: hub.url, gitHub: history.url },
      probe: { times: 2, seconds: 20, wakeUpSeconds: 10, firstPauseMilliseconds: 50, slowestPauseMilliseconds: 500 },
      environments: { staging: place },
    }),
  )
  const flags = [`--settings=${settings}`, "--github-token=env://GITHUB_TOKEN", ...registryFlags]
  const given = ["--netlify-token=env://NETLIFY_TOKEN", "--hugging-face-token=env://HF_TOKEN"]
  const { code, stdout, error } = await it.call(
    [...flags, "deploy", ...given, "--unscanned=this test is about init"],
    tokens,
  )
  rmSync(settings)
  expect(code, error).toBe(0)
  expect(await (await fetch(`${sites.siteUrl("tea-staging.netlify.app")}/docs/intro/`)).text()).toContain(
    "Tutorial Intro",
  )
  return stdout
}

it("changes nothing in this repository, and says why", async () => {
  const { code, stdout, error } = await run(
    ["call", "--progress=plain", "-vvv", "init-report", "--module=github.com/acme/delivery@v1.0.0"],
    repository,
  )

  expect(code, error).toBe(0)
  // No pattern at all would be a request for everything, node_modules too.
  const asked = stripVTControlCharacters(error).match(/Workspace\.directory\(path: "\/", .*/g) ?? []
  expect(asked).toContainEqual(expect.stringContaining('exclude: ["**/node_modules"'))
  expect(asked.filter((request) => request.includes("include: []"))).toEqual([])
  expect(stdout).toContain("Nothing is written.")
  expect(stdout).toContain("dagger.json: it is this module's own")
  expect(stdout).toContain("frontend/netlify.toml: it is there")
  expect(stdout).toMatch(/\.github\/workflows: \S+ calls Dagger already/)
})
