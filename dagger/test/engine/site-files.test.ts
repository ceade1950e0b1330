import { createHash } from "node:crypto"
import { existsSync, lstatSync, mkdirSync, readFileSync, symlinkSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { describe, expect, it } from "vitest"
import { netlify } from "../../stand-ins/netlify.js"
import { hostAddress, type Project, project, run } from "./dagger.js"

const token = "nfp_a-token-for-tests"
const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${"4d7a".repeat(16)}\nsize 12345\n`

/** A site whose build copies the folder `public` as it is, links too. */
function site(settings: object = {}, more: object = {}): Project & { link: (path: string, target: string) => void } {
  const it = project(
    {},
    {
      frontend: { source: "web", output: "out", untested: "it is one page", ...settings },
      environments: { staging: { branch: "main", frontend: { site: "acme-test" } } },
      ...more,
    },
  )
  const manifest = { name: "web", version: "0.0.0", private: true, scripts: { build: "cp -a public out" } }
  it.write("web/package.json", JSON.stringify(manifest))
  it.write(
    "web/package-lock.json",
    JSON.stringify({ name: "web", version: "0.0.0", lockfileVersion: 3, packages: { "": manifest } }),
  )
  it.write("web/public/index.html", "<!doctype html><title>Test</title><p>One page.</p>\n")
  const link = (path: string, target: string) => {
    mkdirSync(dirname(join(it.path, "web/public", path)), { recursive: true })
    symlinkSync(target, join(it.path, "web/public", path))
  }
  return { ...it, link, [Symbol.dispose]: () => it[Symbol.dispose]() }
}

async function built(it: Project) {
  it.commit("what is built")
  const out = join(it.path, "exported")
  const called = await it.call(["frontend", "build", `--output=${out}`])
  return { ...called, text: (path: string) => readFileSync(join(out, path), "utf8"), out }
}

describe("what is built is what visitors get", () => {
  it("links within a site become what they point to, and netlify.toml's rules stand behind the site's own", async () => {
    using it = site()
    it.write("web/public/docs/2.1/page.html", "<p>2.1</p>\n")
    it.link("docs/latest", "2.1")
    it.link("docs/index.html", "../index.html")
    it.write("web/public/config.json", '{ "theme": "dark" }\n')
    it.write("web/public/empty.txt", "")
    it.write("web/public/_redirects", "/own /there 302\n")
    it.write(
      "netlify.toml",
      `[build]
  base = "web"
  publish = "web/dist"
[[redirects]]
  from = "/old/*"
  to = "/docs/:splat"
  force = true
  query = {id = ":id"}
  conditions = {Country = ["us", "gb"]}
[[headers]]
  for = "/*"
  [headers.values]
    Cache-Control = '''
    max-age=0,
    no-cache'''
`,
    )

    const { code, error, text, out } = await built(it)

    expect(code, error).toBe(0)
    expect(lstatSync(join(out, "docs/latest")).isDirectory()).toBe(true)
    expect(text("docs/latest/page.html")).toBe("<p>2.1</p>\n")
    expect(lstatSync(join(out, "docs/index.html")).isFile()).toBe(true)
    expect(text("docs/index.html")).toBe(text("index.html"))
    expect(text("config.json")).toBe('{ "theme": "dark" }\n')
    expect(text("empty.txt")).toBe("")
    expect(text("_redirects")).toBe(
      "/own /there 302\n\n# From netlify.toml\n/old/* id=:id /docs/:splat 301! Country=us,gb\n",
    )
    expect(text("_headers")).toBe("# From netlify.toml\n/*\n  Cache-Control: max-age=0, no-cache\n")
  })

  it("a link out of the site is refused by its name", async () => {
    using it = site()
    it.link("docs/secret.txt", "../../package.json")

    const { code, error, out } = await built(it)

    expect(code).not.toBe(0)
    expect(error).toContain("The site holds a link that leads out of it")
    expect(error).toContain("docs/secret.txt -> ../../package.json")
    expect(existsSync(out)).toBe(false)
  })

  it("a pointer of Git LFS is refused before the build runs", async () => {
    using it = site()
    it.edit("web/package.json", (text) => text.replace("cp -a public out", "exit 1"))
    it.write("web/public/img/logo.png", pointer)

    const { code, error } = await built(it)

    expect(code).not.toBe(0)
    expect(error).toContain("The site's source holds a pointer of Git LFS in place of a file.")
    expect(error).toContain("public/img/logo.png")
    expect(error).toContain("git lfs pull")
  })

  it("a pointer in the image's context is refused, and one that .dockerignore leaves out is not", async () => {
    using it = project(
      {},
      {
        backend: { source: "api" },
        image: { repository: "registry:5000/acme/backend" },
        environments: { staging: { branch: "main", backend: { space: "acme/test" } } },
      },
    )
    it.write("api/Dockerfile", "FROM scratch\nCOPY . /app/\n")
    it.write("api/model.bin", pointer)
    it.write("api/.dockerignore", "model.bin\n")
    it.commit("ignored")
    const ignored = await it.call(["backend", "image", "user"])
    it.write("api/.dockerignore", "other.bin\n")
    it.commit("taken")
    const taken = await it.call(["backend", "image", "user"])

    expect(ignored.code, ignored.error).toBe(0)
    expect(taken.code).not.toBe(0)
    expect(taken.error).toContain("The image's context holds a pointer of Git LFS in place of a file.")
    expect(taken.error).toContain("model.bin")
  })
})

describe("a deployment of a site with a netlify.toml", () => {
  it("uploads its rules and tells of them; what only Netlify's builders give stops it before anything is uploaded", async () => {
    // The engine's network exists once a container has run on it.
    const first = '{container{from(address:"node:24-slim"){withExec(args:["true"]){sync}}}}'
    await run(["query", "-M", "--silent"], tmpdir(), {}, first)
    await using sites = await netlify({ sites: ["acme-test.netlify.app"], token, address: hostAddress() })
    using it = site(
      {},
      {
        providers: { netlify: sites.url },
        probe: { times: 2, seconds: 20, wakeUpSeconds: 10, firstPauseMilliseconds: 50, slowestPauseMilliseconds: 500 },
        environments: {
          staging: {
            branch: "main",
            frontend: { site: "acme-test", url: sites.siteUrl("acme-test.netlify.app"), title: "Test" },
          },
        },
      },
    )
    const deploy = () =>
      it.call(["frontend", "deploy", "--netlify-token=env://NETLIFY_TOKEN", "report"], { NETLIFY_TOKEN: token })
    it.write(
      "web/netlify.toml",
      `[build]
  publish = "dist"
[build.environment]
  API_URL = "https://api.example.org"
[[redirects]]
  from = "/old"
  to = "/"
[[edge_functions]]
  path = "/geo"
  function = "geo"
[[plugins]]
  package = "netlify-plugin-submit-sitemap"
`,
    )
    it.commit("edge functions")
    const refused = await deploy()
    expect(refused.code).not.toBe(0)
    expect(refused.error).toContain("web/netlify.toml asks for what an upload of files can't give.")
    expect(refused.error).toContain("edge functions: geo")
    expect(refused.error).toContain("build plugins: netlify-plugin-submit-sitemap")
    expect(sites.deploys("acme-test.netlify.app")).toEqual([])

    it.edit("delivery.json", (text) =>
      text.replace('"untested"', '"netlifyWithout": ["edge_functions", "plugins"], "untested"'),
    )
    it.commit("does without them")
    const deployed = await deploy()

    expect(deployed.code, deployed.error).toBe(0)
    expect(deployed.stdout).toContain("web/netlify.toml: 1 redirect added to the upload")
    expect(deployed.stdout).toContain("web/netlify.toml publishes web/dist, the settings web/out")
    expect(deployed.stdout).toContain("API_URL")
    const sha = createHash("sha1").update("# From netlify.toml\n/old / 301\n").digest("hex")
    expect(sites.files("acme-test.netlify.app")).toMatchObject({ _redirects: sha })
    expect(Object.keys(sites.files("acme-test.netlify.app")).sort()).toEqual([
      "_redirects",
      "index.html",
      "version.json",
    ])
  })
})
