import { execFile } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { gitHub } from "../../stand-ins/github.js"
import { huggingFace } from "../../stand-ins/hugging-face.js"
import { type NetlifyStandIn, netlify } from "../../stand-ins/netlify.js"
import { runner } from "../support/app.js"

const execute = promisify(execFile)
let folder = ""

// A folder that has the clients already may be named, for a person who calls this again and again.
const { CLIENTS: given = "" } = process.env

beforeAll(async () => {
  folder = given || mkdtempSync(join(tmpdir(), "clients-"))
  if (given) return
  const pip = async () => {
    await execute("python3", ["-m", "venv", join(folder, "py")])
    await execute(join(folder, "py/bin/pip"), ["install", "--quiet", "huggingface_hub==2.4.0", "PyGithub==2.10.0"])
  }
  const npm = execute("npm", [
    ...["install", "--prefix", join(folder, "cli"), "--no-audit", "--no-fund", "--ignore-scripts"],
    "netlify-cli@27.10.0",
  ])
  await Promise.all([pip(), npm])
})
afterAll(() => {
  if (!given) rmSync(folder, { recursive: true, force: true })
})

const quiet = { HF_HUB_DISABLE_TELEMETRY: "1", HF_HUB_DISABLE_XET: "1", HF_HUB_DISABLE_PROGRESS_BARS: "1" }

/** Runs a program of `clients/` in Python, and reads what it prints. */
async function python(program: string, url: string, ...args: string[]): Promise<unknown> {
  const { stdout } = await execute(
    join(folder, "py/bin/python"),
    [join(import.meta.dirname, "clients", program), url, ...args],
    { env: { ...process.env, ...quiet, HF_ENDPOINT: url, HF_HOME: mkdtempSync(join(folder, "hf-")) } },
  )
  return JSON.parse(stdout)
}

describe("huggingface_hub", () => {
  it("makes, fills, lists and downloads a Space at the stand-in, in pages of two", async () => {
    await using hub = await huggingFace({ spaces: ["owner/book"], run: runner(), pageSize: 2 })
    const files = ["Dockerfile", "README.md", "bom.csv", "notes/100%.txt", "notes/what is #1?.txt"]

    expect(await python("hub_client.py", hub.url, "owner/book")).toEqual({
      commit: hub.commits("owner/book")[0]?.oid,
      same: true,
      downloaded: files,
      listed: files,
      commits: ["by the client", "initial commit"],
      variables: { LOG_LEVEL: "info" },
      stage: expect.any(String),
    })
  })

  it("follows a Space to its new name", async () => {
    await using hub = await huggingFace({ spaces: ["owner/book"], run: runner() })
    hub.rename("owner/book", "owner/guide")

    expect(await python("hub_client.py", hub.url, "owner/book", "--renamed")).toMatchObject({
      commit: hub.commits("owner/guide")[0]?.oid,
      same: true,
    })
  })
})

describe("PyGithub", () => {
  const repository = async () => {
    const server = await gitHub({ token: "ghp_x", pageSize: 2 })
    server.commit("side", [server.commit("root", [], "main")], "staging")
    return server
  }
  const whole = {
    name: "owner/book",
    issues: ["issue 4", "issue 3", "issue 2", "issue 1", "issue 0"],
    deployments: 5,
    states: ["inactive", "success", "in_progress"],
    branch: false,
    order: "ahead",
    pulls: 6,
    merged: true,
  }

  it("pages, deploys, opens issues and pull requests, and merges at the stand-in", async () => {
    await using server = await repository()
    expect(await python("github_client.py", server.url, "owner/book")).toEqual(whole)
  })

  it("waits for limits that the stand-in says in GitHub's ways", async () => {
    await using server = await repository()
    server.fail({
      ...{ on: /GET .*\/issues/, kind: "status", status: 403, headers: { "retry-after": "1" } },
      body: '{"message":"You have exceeded a secondary rate limit."}',
    })
    expect(await python("github_client.py", server.url, "owner/book")).toEqual(whole)
  })
})

describe("netlify deploy", () => {
  /** Deploys a folder with Netlify's command line, as a person does. */
  async function deployed(api: NetlifyStandIn, site: string, ...more: string[]) {
    const home = mkdtempSync(join(folder, "home-"))
    const { stdout } = await execute(
      join(folder, "cli/node_modules/.bin/netlify"),
      ["deploy", `--dir=${site}`, "--no-build", "--site=book", "--json", ...more],
      {
        cwd: site,
        env: {
          ...{ PATH: process.env.PATH, HOME: home, CI: "1", NETLIFY_TELEMETRY_DISABLED: "1" },
          ...{ NETLIFY_API_URL: `${api.url}/api/v1`, NETLIFY_AUTH_TOKEN: "nfp_right" },
        },
      },
    )
    return JSON.parse(stdout) as { deploy_id: string; deploy_url: string; url?: string }
  }

  it("makes a draft and then a production deploy at the stand-in, which keeps its _redirects to itself", async () => {
    await using api = await netlify({ sites: ["book"], token: "nfp_right" })
    const site = mkdtempSync(join(folder, "site-"))
    writeFileSync(join(site, "index.html"), "<title>Book</title>")
    writeFileSync(join(site, "_redirects"), "/old /new 301\n")

    const draft = await deployed(api, site)
    expect(api.published("book")).toBe("")
    expect(await (await fetch(draft.deploy_url)).text()).toBe("<title>Book</title>")

    const production = await deployed(api, site, "--prod")
    expect(api.published("book")).toBe(production.deploy_id)
    expect(await (await fetch(api.siteUrl("book"))).text()).toBe("<title>Book</title>")
    expect((await fetch(`${api.siteUrl("book")}/_redirects`)).status).toBe(404)
    expect(api.deploys("book").map((one) => [one.state, one.draft])).toEqual([
      ["ready", false],
      ["ready", true],
    ])
  })
})
