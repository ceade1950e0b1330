import { execFileSync } from "node:child_process"
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { call } from "./dagger.js"

// Projects that nobody wrote for this pipeline, as their makers hand them out.
let folder = ""
const run = (command: string, ...args: string[]) => execFileSync(command, args, { cwd: folder, stdio: "pipe" })
const lock = (name: string) =>
  run("npm", "install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", name)

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "third-party-"))
  run(
    "npx",
    "--yes",
    "sv@0.17.1",
    "create",
    "svelte",
    ..."--template demo --types ts --no-install".split(" "),
    "--add",
    "vitest=usages:unit",
  )
  lock("svelte")
  run(
    "npx",
    "--yes",
    "create-docusaurus@3.10.2",
    "docusaurus",
    ..."classic --typescript --package-manager npm --skip-install".split(" "),
  )
  lock("docusaurus")
  run("pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", "humanize==4.17.0")
  run("tar", "-xzf", readdirSync(folder).find((name) => name.endsWith(".tar.gz")) ?? "")
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe("projects of others, unchanged", () => {
  it("pass the checks: SvelteKit's starter with Vitest, and humanize with pytest, hatch and extras", async () => {
    const checked = await call(["ci", `--frontend=${folder}/svelte`, `--backend=${folder}/humanize-4.17.0`])

    expect(checked, checked.error).toMatchObject({ code: 0 })
    expect(checked.stdout).toMatch(/passed {2}frontend tests.* 1 tests, 100\.0 % of lines/)
    expect(checked.stdout).toMatch(/passed {2}backend tests.* 906 tests/)
  })

  it("are told what they lack: Docusaurus's starter has no tests", async () => {
    const checked = await call(["frontend-tests", `--frontend=${folder}/docusaurus`])

    expect(checked.code).not.toBe(0)
    expect(checked.error).toContain("The frontend has no tests to run.")
  })
})
