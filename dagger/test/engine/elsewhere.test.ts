import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { netlify } from "../../stand-ins/netlify.js"
import { hostAddress, type Project, project, repository, run } from "./dagger.js"
import { gitServer } from "./git-server.js"

const version = "v0.1.0"
const site = "shop-staging.netlify.app"
const token = "nfp_a-token-for-tests"

let git: Awaited<ReturnType<typeof gitServer>>
beforeAll(async () => {
  git = await gitServer(version)
})
afterAll(() => git[Symbol.asyncDispose]())

/** A shop: `web/` and `api/`, which have no package to install, and a commit that no other repository has. */
function shop(netlifyApi: string, siteUrl: string): Project {
  const it = project(
    {},
    {
      project: { title: "Shop", source: "https://github.com/acme/shop" },
      image: { repository: "registry:5000/acme/shop" },
      frontend: { source: "web", output: "out", untested: "it is one page" },
      backend: { source: "api" },
      providers: { netlify: netlifyApi },
      probe: { times: 2, seconds: 20, wakeUpSeconds: 10, firstPauseMilliseconds: 50, slowestPauseMilliseconds: 500 },
      environments: {
        staging: {
          branch: "staging",
          frontend: { site: "shop-staging", url: siteUrl },
          backend: { space: "acme/shop" },
        },
      },
    },
  )
  const manifest = { name: "web", version: "0.0.0", private: true, scripts: { build: "node build.mjs", lint: "true" } }
  it.write("web/package.json", JSON.stringify(manifest))
  it.write(
    "web/package-lock.json",
    JSON.stringify({ name: "web", version: "0.0.0", lockfileVersion: 3, packages: { "": manifest } }),
  )
  it.write("web/build/keep.html", "<p>a source folder that has the name of an output folder elsewhere</p>\n")
  it.write(
    "web/build.mjs",
    `import { copyFileSync, mkdirSync, writeFileSync } from "node:fs"
mkdirSync("out", { recursive: true })
writeFileSync("out/index.html", "<!doctype html><title>Shop</title><p>Only in this shop.</p>")
copyFileSync("build/keep.html", "out/keep.html")
`,
  )
  it.write("api/requirements.txt", "")
  it.write(
    "api/prices.py",
    '"""Prices of the shop."""\n\n\ndef price() -> int:\n    """Gives the one price."""\n    return 3\n',
  )
  it.write("api/test_prices.py", "from prices import price\n\n\ndef test_price() -> None:\n    assert price() == 3\n")
  it.commit("a shop")
  return it
}

interface Way {
  /** Makes the shop's repository use the module. */
  prepare: (it: Project) => void
  /** Words between `dagger call` and the function. */
  before: () => string[]
  /** The beginning of the commands that a report names. */
  typed: string
}

const manifestOf = (more: object) => JSON.stringify({ name: "shop", engineVersion: "v0.21.8", ...more })
const ways: Record<string, Way> = {
  "by its address": {
    prepare: () => {},
    before: () => ["-m", git.module],
    typed: "dagger call -m http://127\\.0\\.0\\.7/delivery\\.git@[0-9a-f]{40}",
  },
  "as a blueprint": {
    prepare: (it) => it.write("dagger.json", manifestOf({ blueprint: { name: "delivery", source: git.module } })),
    before: () => [],
    typed: "dagger call",
  },
  "as a toolchain": {
    prepare: (it) => it.write("dagger.json", manifestOf({ toolchains: [{ name: "delivery", source: git.module }] })),
    before: () => ["delivery"],
    typed: "dagger call delivery",
  },
  "as a toolchain of another name": {
    prepare: (it) => it.write("dagger.json", manifestOf({ toolchains: [{ name: "ship", source: git.module }] })),
    before: () => ["ship"],
    typed: "dagger call ship",
  },
}

/** Puts one of the example modules into the shop, with the served module in place of the one beside it. */
function withExample(it: Project, language: string): void {
  cpSync(join(repository, "examples", language), it.path, {
    recursive: true,
    filter: (path) => !/\/(?:node_modules|sdk|internal)(?:\/|$)|\.gen\.go$/.test(path.slice(repository.length)),
  })
  it.edit("dagger.json", (text) => text.replace('"../.."', JSON.stringify(git.module)))
}

async function withNetlify<Result>(act: (it: Awaited<ReturnType<typeof netlify>>) => Promise<Result>): Promise<Result> {
  // The engine's network exists once a container has run on it.
  await run(
    ["query", "-M", "--silent"],
    tmpdir(),
    {},
    '{container{from(address:"node:24-slim"){withExec(args:["true"]){sync}}}}',
  )
  await using sites = await netlify({ sites: [site], token, address: hostAddress() })
  return await act(sites)
}

async function succeeded(args: string[], it: Project): Promise<string> {
  const { code, stdout, error } = await run(["call", "--silent", ...args], it.path, { NETLIFY_TOKEN: token })
  expect(code, error).toBe(0)
  return stdout
}

const page = (url: string, path: string) => fetch(`${url}${path}`).then((answer) => answer.text())

describe("a repository that has never heard of the module uses it", () => {
  it.each(Object.entries(ways))(
    "%s: its folders, its commit, its bytes live",
    async (_, { prepare, before, typed }) => {
      await withNetlify(async (sites) => {
        using it = shop(sites.url, sites.siteUrl(site))
        prepare(it)
        const commit = it.commit("use the module")

        const checked = await succeeded([...before(), "ci"], it)
        expect(checked).toMatch(/^not run frontend tests.* NOT TESTED: it is one page$/m)
        expect(checked).toMatch(/^passed {2}backend tests.* 1 tests, 100\.0 % of lines/m)

        const out = join(it.path, "exported")
        await succeeded([...before(), "frontend", "build", `--output=${out}`], it)
        // Its build makes none.
        expect(JSON.parse(readFileSync(join(out, "version.json"), "utf8"))).toEqual({ commit })
        expect(readFileSync(join(out, "keep.html"), "utf8")).toContain("a source folder that has the name")

        const deployed = await succeeded(
          [...before(), "frontend", "deploy", "--netlify-token=env://NETLIFY_TOKEN", "report"],
          it,
        )
        expect(deployed).toContain(`frontend of staging: ${commit.slice(0, 7)} ended success`)
        expect(deployed).toContain("the site; the build made no version.json: added one with the commit")
        expect(await page(sites.siteUrl(site), "/")).toContain("Only in this shop.")
        expect(JSON.parse(await page(sites.siteUrl(site), "/version.json"))).toEqual({ commit })

        expect(await succeeded([...before(), "status"], it)).toMatch(
          new RegExp(`^next: ${typed} (?:probe|--github-token=env://GITHUB_TOKEN doctor) --environment=staging`, "m"),
        )
      })
    },
  )

  it("init writes the address by which the module came, with its commit", async () => {
    using it = shop("https://api.netlify.example", "https://shop.example")
    const made = await succeeded(["-m", git.module, "init", "layer", "file", "--path=dagger.json", "contents"], it)

    const { blueprint } = JSON.parse(made) as { blueprint: { source: string } }
    expect(blueprint.source).toMatch(/^http:\/\/127\.0\.0\.7\/delivery\.git@[0-9a-f]{40}$/)
  })

  it.each(["typescript", "go"])("as a dependency of the example module in %s", async (language) => {
    await withNetlify(async (sites) => {
      using it = shop(sites.url, sites.siteUrl(site))
      withExample(it, language)
      const commit = it.commit("a module of its own")

      expect(await succeeded(["check"], it)).toMatch(/^passed {2}backend tests.* 1 tests, 100\.0 % of lines/m)

      const out = join(it.path, "exported")
      await succeeded(["site", `--output=${out}`], it)
      expect(JSON.parse(readFileSync(join(out, "version.json"), "utf8"))).toEqual({ commit })
      expect(readFileSync(join(out, "security.txt"), "utf8")).toContain("security@example.org")

      const released = await succeeded(["release", "--netlify-token=env://NETLIFY_TOKEN"], it)
      expect(released).toContain(`frontend of staging: ${commit.slice(0, 7)} ended success`)
      expect(released).toMatch(/\nchecked and deployed\n$/)
      expect(await page(sites.siteUrl(site), "/")).toContain("Only in this shop.")
    })
  })
})

describe("the commit of a caller", () => {
  const headOf = async (it: Project, cwd = it.path) => {
    const version = ["frontend", "build", "file", "--path=version.json", "contents"]
    const { stdout, error } = await run(["call", "--silent", "-m", repository, ...version], cwd)
    return { stdout: stdout.trim(), error }
  }
  const local = () => shop("https://api.netlify.example", "https://shop.example")

  it("is read from a subfolder, a detached head and a shallow clone alike", async () => {
    using it = local()
    const commit = it.git("rev-parse", "HEAD")
    expect((await headOf(it, join(it.path, "web"))).stdout).toBe(JSON.stringify({ commit }))

    it.commit("another")
    it.git("checkout", "--quiet", "--detach", commit)
    expect((await headOf(it)).stdout).toBe(JSON.stringify({ commit }))

    const shallow = mkdtempSync(join(tmpdir(), "shallow-"))
    it.git("clone", "--quiet", "--depth=1", `file://${it.path}`, shallow)
    expect((await headOf(it, shallow)).stdout).toBe(JSON.stringify({ commit }))
    rmSync(shallow, { recursive: true })
  })

  it("can't be read in a worktree, on a branch without a commit, or without a repository: each has an error of its own", async () => {
    using it = local()
    const worktree = join(it.path, "../a-worktree-of-a-shop")
    it.git("worktree", "add", "--quiet", worktree, "-b", "beside")
    const inWorktree = await headOf(it, worktree)
    rmSync(worktree, { recursive: true })
    expect(inWorktree.error.trim()).toBe(
      "Error: The commit can't be read.\n  why: the module was called from a Git worktree, whose .git is a file that points out of it, and nothing outside reaches the engine\n  next: call it in the main checkout, or in a clone: `git clone . ../clone`",
    )

    it.git("checkout", "--quiet", "--orphan", "unborn")
    expect((await headOf(it)).error.trim()).toBe(
      "Error: The commit can't be read.\n  why: the branch has no commit yet\n  next: commit first, then run the same command again",
    )

    rmSync(join(it.path, ".git"), { recursive: true })
    expect((await headOf(it)).error.trim()).toBe(
      "Error: The commit can't be read.\n  why: the module was not called from a Git repository\n  next: call it inside the repository (`git init` and a commit make one), or give --commit with the full hash where a function has it",
    )
  })
})

describe("a folder or a clone that can't be taken whole", () => {
  const build = ["frontend", "build", "entries"]
  const local = () => shop("https://api.netlify.example", "https://shop.example")
  const withSource = (it: Project, source: string) =>
    it.edit("delivery.json", (text) => text.replace('"source":"web"', `"source":${JSON.stringify(source)}`))

  it("is refused as a link, in its own place or above it, and taken by its own name", async () => {
    using it = local()
    symlinkSync(it.path, join(it.path, "linked"))
    symlinkSync("web", join(it.path, "page"))
    withSource(it, "page")
    expect((await it.call(build)).error.trim()).toBe(
      'Error: The folder "page" can\'t be taken as a source.\n  why: "page" is a link or a file, and the engine takes folders as they lie\n  next: name the folder that it leads to in delivery.json',
    )

    it.edit("delivery.json", (text) => text.replace('"source":"page"', '"source":"linked/web"'))
    expect((await it.call(build)).error).toContain('why: "linked" is a link or a file')

    it.edit("delivery.json", (text) => text.replace('"source":"linked/web"', '"source":"./web/"'))
    expect((await it.call(build)).stdout).toContain("keep.html")
  })

  it("is refused by name when Git keeps a file that .gitignore names, before a build would lose it", async () => {
    using it = local()
    it.write("web/kept.tmp", "kept\n")
    it.commit("a file")
    it.write(".gitignore", "*.tmp\n")
    it.commit("and a rule")

    expect((await it.call(build)).error.trim()).toBe(
      'Error: Git tracks files that .gitignore excludes.\n  why: one file is committed and ignored, so the checks of a working copy don\'t see it: "web/kept.tmp"\n  next: add an exception to .gitignore (a line that begins with !), or remove them with `git rm --cached`',
    )
  })

  it("is told in our words when a clone borrows its objects from another one", async () => {
    using it = local()
    const shared = mkdtempSync(join(tmpdir(), "shared-"))
    it.git("clone", "--quiet", "--shared", it.path, shared)

    const { error } = await run(["call", "--silent", "-m", repository, ...build], shared)
    rmSync(shared, { recursive: true })

    expect(error).toMatch(
      /^Error: The commit can't be read\.\n {2}why: Git can't read the repository: .*\n {2}next: make it whole: /m,
    )
  })
})

describe("a project with one component only", () => {
  it("has its checks; the functions of the other one say that it isn't described", async () => {
    using it = project(
      {},
      {
        project: { title: "Docs", source: "https://github.com/acme/docs" },
        frontend: { untested: "it is one page", source: "." },
        environments: { staging: { branch: "staging", frontend: { site: "docs-staging" } } },
      },
    )
    const manifest = { name: "docs", version: "0.0.0", private: true, scripts: { build: "mkdir build", lint: "true" } }
    it.write("package.json", JSON.stringify(manifest))
    it.write("package-lock.json", JSON.stringify({ lockfileVersion: 3, packages: { "": manifest } }))
    it.commit("docs")

    const checked = await it.call(["ci"])
    expect(checked.code, checked.error).toBe(0)
    expect(checked.stdout).toMatch(/^passed {2}frontend lint/m)
    expect(checked.stdout).not.toContain("backend")

    const image = await it.call(["backend", "image", "sync"])
    expect(image.error.trim()).toBe(
      "Error: This project has no backend.\n  why: the settings describe none\n  next: call a function of the other component, or add backend to delivery.json; docs/deployment/reference/settings.md describes its keys",
    )
  })
})

it("says where the settings belong when there are none", async () => {
  using it = project({})
  it.remove("delivery.json")

  const { code, error } = await it.call(["ci"])

  expect(code).toBe(1)
  expect(error.trim()).toBe(
    "Error: The settings can't be read.\n  why: there is no delivery.json in the root of the repository\n  next: write one there; docs/deployment/environments.md has the shortest example; or give another file with --settings",
  )
})
