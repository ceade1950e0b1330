import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { run as dagger, type Folders, type Project, project, repository } from "./dagger.js"
import { docusaurus, patiently, starter } from "./starter.js"

// Projects that were not written for this pipeline, as published.
let folder = ""
const run = (command: string, ...args: string[]) => patiently(folder, command, ...args)
async function humanize(): Promise<void> {
  writeFileSync(
    join(folder, "requirements.txt"),
    "humanize==4.17.0 --hash=sha256:1d6a36c453dbfbb3f0b34601d2e0b4ce5d48d780305cd45714843f0068fde6ac\n",
  )
  await run("pip", ..."download --quiet --no-deps --no-binary :all: --require-hashes -r requirements.txt".split(" "))
  await run("tar", "-xzf", readdirSync(folder).find((name) => name.endsWith(".tar.gz")) ?? "")
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "third-party-"))
  await Promise.all([
    starter(
      folder,
      "svelte",
      "sv@0.17.1 create svelte --template demo --types ts --no-install --add vitest=usages:unit",
    ),
    starter(folder, "docusaurus", docusaurus),
    humanize(),
  ])
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Writes without asking. */
const initialized = (it: Project) => dagger(["call", "--silent", "--auto-apply", "-m", repository, "init"], it.path)

const third = (folders: Folders, settings: object = {}) =>
  project(Object.fromEntries(Object.entries(folders).map(([name, path]) => [name, join(folder, path)])), settings)

describe("third-party projects, unchanged", () => {
  it("pass the checks: SvelteKit's starter, whose one test loads little of it, and humanize with pytest, hatch and extras", async () => {
    using both = third({ frontend: "svelte", backend: "humanize-4.17.0" }, { frontend: { minLineCoverage: 0 } })

    const checked = await both.call(["ci"])

    expect(checked, checked.error).toMatchObject({ code: 0 })
    expect(checked.stdout).toMatch(
      /passed {2}frontend tests.* 1 tests, \d\.\d % of lines covered \(limit 0 %\), no test loads 9 of the files/,
    )
    // Its .gitignore leaves the translations out that were packed with it, and 146 tests skip without them.
    expect(checked.stdout).toMatch(/passed {2}backend tests.* 762 tests, 146 skipped/)
  })

  it("get an error about what they lack: Docusaurus's starter has no tests", async () => {
    using site = third({ frontend: "docusaurus" })

    const checked = await site.call(["frontend", "test"])

    expect(checked.code).not.toBe(0)
    expect(checked.error).toContain("The frontend has no tests to run.")
  })

  it("pass without tests where the settings say why: Docusaurus's starter", async () => {
    const settings = { frontend: { untested: "a starter, with words alone" } }
    using both = third({ frontend: "docusaurus", backend: "humanize-4.17.0" }, settings)

    const checked = await both.call(["ci"])

    expect(checked, checked.error).toMatchObject({ code: 0 })
    expect(checked.stdout).toMatch(/^not run frontend tests.* NOT TESTED: a starter, with words alone$/m)
    expect(checked.stdout).toMatch(/^passed {2}frontend lint/m)
  })
})

describe("init, on third-party projects that have never heard of it", () => {
  const fresh = (folders: Folders) => {
    const it = third(folders)
    it.remove("delivery.json")
    it.commit("without settings")
    return it
  }

  it("describes Docusaurus's starter so that its site is built without an edit", async () => {
    using it = fresh({ frontend: "docusaurus", backend: "humanize-4.17.0" })

    const made = await initialized(it)
    expect(made.code, made.error).toBe(0)
    expect(it.git("diff", "--name-only")).toBe("")
    it.commit("use the pipeline")
    const built = await it.call(["frontend", "build", "entries"])

    expect(built.code, built.error).toBe(0)
    expect(built.stdout.split("\n")).toEqual(expect.arrayContaining(["docs/", "index.html", "version.json"]))
  })

  it("says what SvelteKit's starter lacks, and that humanize is a library", async () => {
    using svelte = fresh({ frontend: "svelte", backend: "humanize-4.17.0" })
    using library = fresh({ backend: "humanize-4.17.0" })

    const [page, none] = [await svelte.call(["init-report"]), await library.call(["init-report"])]

    expect(page.stdout, page.error).toContain("service: none")
    expect(page.stdout).toContain("the site: SvelteKit writes files only with @sveltejs/adapter-static")
    expect(none.error).toContain("There is nothing here to deliver.")
    expect(none.error).toContain("backend is Python that no server is known for")
  })
})

describe("a project with Yarn 4", () => {
  const manifest = (dependencies: Record<string, string>) =>
    JSON.stringify({
      name: "berry",
      private: true,
      type: "module",
      packageManager: "yarn@4.12.0",
      scripts: { test: "vitest run" },
      devDependencies: { vite: "8.0.8", vitest: "5.1.1", ...dependencies },
    })
  const write = (name: string, text: string) => writeFileSync(join(folder, "berry", name), text)

  beforeAll(async () => {
    mkdirSync(join(folder, "berry"))
    write("package.json", manifest({}))
    write("sum.js", "export const sum = (one, other) => one + other\n")
    write(
      "sum.test.js",
      'import { expect, it } from "vitest"\nimport { sum } from "./sum.js"\nit("adds", () => expect(sum(1, 2)).toBe(3))\n',
    )
    // In CI Yarn does not write a lock file.
    const yarn = "YARN_ENABLE_IMMUTABLE_INSTALLS=false npx --yes @yarnpkg/cli-dist@4.12.0"
    await run("sh", "-c", `cd berry && ${yarn} install --mode=update-lockfile`)
  })

  it("is installed by its lock file and tested", async () => {
    using site = third({ frontend: "berry" })
    const { stdout, error } = await site.call(["frontend", "test"])
    expect(stdout, error).toMatch(/passed {2}frontend tests.* 1 tests, 100\.0 % of lines/)
  })

  it("gets an error when its lock file is out of step", async () => {
    write("package.json", manifest({ "left-pad": "1.3.0" }))
    using site = third({ frontend: "berry" })
    const { code, error } = await site.call(["frontend", "test"])
    expect(code).toBe(1)
    expect(error).toContain("yarn.lock does not fit package.json.")
    expect(error).toContain("next: run `yarn install` in the frontend's folder and commit both files")
  })
})
