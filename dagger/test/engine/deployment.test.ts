import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { createServer } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { gitHub } from "../../stand-ins/github.js"
import { huggingFace, type RunImage } from "../../stand-ins/hugging-face.js"
import { netlify } from "../../stand-ins/netlify.js"
import { standIn } from "../../stand-ins/server.js"
import { call, hostAddress, repository, run, settingsFile } from "./dagger.js"

const site = "physical-ai-humanoid-robotics-staging.netlify.app"
const tokens = { NETLIFY_TOKEN: "nfp_a-token-for-tests", GITHUB_TOKEN: "a-token-for-tests" }

/** A clone, so that what isn't committed here doesn't matter, and commits can be added. */
let clone = ""
const git = (...args: string[]) =>
  execFileSync("git", ["-c", "user.name=test", "-c", "user.email=test@example.com", ...args], {
    cwd: clone,
    encoding: "utf8",
  }).trim()

beforeAll(async () => {
  clone = mkdtempSync(join(tmpdir(), "checkout-"))
  execFileSync("git", ["clone", "--quiet", repository, clone])
  // The engine's network exists once a container has run on it.
  await run(
    ["query", "-M", "--silent"],
    tmpdir(),
    {},
    '{container{from(address:"node:24-slim"){withExec(args:["true"]){sync}}}}',
  )
})
afterAll(() => rmSync(clone, { recursive: true, force: true }))

async function providers() {
  const address = hostAddress()
  const sites = await netlify({ sites: [site], token: tokens.NETLIFY_TOKEN, address })
  const history = await gitHub({
    repository: "physical-ai/physical-ai-humanoid-robotics",
    token: tokens.GITHUB_TOKEN,
    address,
  })
  history.commit("head", [], "main", git("rev-parse", "HEAD"))
  const settings = settingsFile((all) => ({ ...all, providers: { netlify: sites.url, gitHub: history.url } }))
  const deploy = (...more: string[]) =>
    call(
      [
        `--settings=${settings.path}`,
        "deploy-frontend",
        "--netlify-token=env://NETLIFY_TOKEN",
        "--github-token=env://GITHUB_TOKEN",
        "--actor=ana",
        ...more,
        "report",
      ],
      { cwd: clone, env: tokens },
    )
  return {
    sites,
    history,
    settings,
    deploy,
    async [Symbol.asyncDispose]() {
      settings[Symbol.dispose]()
      await Promise.all([sites.close(), history.close()])
    },
  }
}

describe("a deployment by dagger call", () => {
  it("goes live, says no-change the second time because it looked, and is taken back by its own undo", async () => {
    await using it = await providers()
    const first = git("rev-parse", "HEAD")

    const deployed = await it.deploy()

    expect(deployed.error).toBe("")
    expect(deployed.code).toBe(0)
    expect(deployed.stdout).toContain(`frontend of staging: ${first.slice(0, 7)} ended success`)
    const published = it.sites.published(site)
    expect(published).not.toBe("")

    const [writes, looks] = [it.sites.writes().length, it.sites.log.length]
    const again = await it.deploy()

    expect(again.code).toBe(0)
    expect(again.stdout).toContain(`frontend of staging: ${first.slice(0, 7)} ended no-change`)
    expect(it.sites.writes().length).toBe(writes)
    expect(it.sites.log.length).toBeGreaterThan(looks)

    git("commit", "--quiet", "--allow-empty", "--message", "another")
    const second = git("rev-parse", "HEAD")
    it.history.commit("another", [first], "main", second)
    expect((await it.deploy()).code).toBe(0)
    expect(it.sites.published(site)).not.toBe(published)

    const back = await call(
      [
        `--settings=${it.settings.path}`,
        "rollback-frontend",
        "--netlify-token=env://NETLIFY_TOKEN",
        "--github-token=env://GITHUB_TOKEN",
        "--reason=a $(test) of `it` <!channel>",
        "report",
      ],
      { cwd: clone, env: tokens },
    )
    expect(back.error).toBe("")
    expect(back.code).toBe(0)
    expect(it.sites.published(site)).toBe(published)

    const quarantined = await it.deploy()
    expect(quarantined.code).toBe(1)
    expect(quarantined.error).toContain("ended refused")
    expect(quarantined.error).toContain("it was rolled back by")
    expect(it.sites.published(site)).toBe(published)
    git("reset", "--quiet", "--hard", first)
  })

  it("refuses a site that a person has locked, and prints no token", async () => {
    await using it = await providers()
    expect((await it.deploy()).code).toBe(0)
    const published = it.sites.published(site)
    it.sites.lock(site)
    git("commit", "--quiet", "--allow-empty", "--message", "third")
    it.history.commit("third", [git("rev-parse", "HEAD~1")], "main", git("rev-parse", "HEAD"))

    const { code, error } = await it.deploy()

    expect(code).toBe(1)
    expect(error).toContain("ended locked")
    expect(error).not.toContain(tokens.NETLIFY_TOKEN)
    expect(it.sites.published(site)).toBe(published)
    git("reset", "--quiet", "--hard", "HEAD~1")
  })
})

it("deploys the service: checked, scanned, pushed by digest, live; and looks before it does so again", async () => {
  const address = hostAddress()
  const commit = git("rev-parse", "HEAD")
  // What the container would answer; the rehearsal runs the real one.
  const run: RunImage = async () => {
    const app = await standIn(
      () => ({
        status: 200,
        json: { status: "ok", commit, dependencies: { database: { status: "ok" }, qdrant: { status: "ok" } } },
      }),
      { address },
    )
    return { url: app.url, stop: () => app.close() }
  }
  await using hub = await huggingFace({ spaces: ["physical-ai/backend-staging"], run, address })
  const port = process.env.DAGGER_ENGINE_REGISTRY_PORT ?? "5000"
  using settings = settingsFile((all) => ({
    ...all,
    providers: { huggingFace: hub.url },
    image: { ...(all.image as object), repository: `registry:${port}/test-${process.pid}/deployed` },
  }))
  const deploy = () =>
    call(
      [
        `--settings=${settings.path}`,
        "deploy-backend",
        "--hugging-face-token=env://HF_TOKEN",
        `--registry-service=tcp://127.0.0.1:${port}`,
        `--scan-database=registry:${port}/aquasecurity/trivy-db:2`,
        `--scan-database-service=tcp://127.0.0.1:${port}`,
        "report",
      ],
      { cwd: clone, env: { HF_TOKEN: "hf_a-token-for-tests" } },
    )

  const deployed = await deploy()

  expect(deployed.error).toBe("")
  expect(deployed.code).toBe(0)
  expect(deployed.stdout).toContain(`backend of staging: ${commit.slice(0, 7)} ended success`)
  expect(hub.dockerfile("physical-ai/backend-staging")).toMatch(
    /^FROM registry:\d+\/test-\d+\/deployed@(sha256:[0-9a-f]{64})\nENV IMAGE_DIGEST=\1\n$/,
  )

  const writes = hub.writes().length
  const again = await deploy()

  expect(again.stdout).toContain(`backend of staging: ${commit.slice(0, 7)} ended no-change`)
  expect(hub.writes().length).toBe(writes)
})

describe("bad input", () => {
  it("names the environments that there are", async () => {
    const { code, error } = await call(
      ["deploy-frontend", "--netlify-token=env://NETLIFY_TOKEN", "--environment=prod", "report"],
      {
        cwd: clone,
        env: tokens,
      },
    )
    expect(code).toBe(1)
    expect(error).toMatch(/prod/)
    expect(error).toMatch(/staging.*production|production.*staging/)
  })

  it("says that a secret is missing, before anything is built", async () => {
    const { code, error } = await call(["deploy-frontend", "--netlify-token=env://NOT_SET", "report"], { cwd: clone })
    expect(code).toBe(1)
    expect(error).toMatch(/--netlify-token/)
  })

  it("tells all mistakes of the settings at once, each with its path", async () => {
    using settings = settingsFile((all) => ({
      ...all,
      image: { ...(all.image as object), repository: "Not A Repository" },
      frontend: { minLineCoverage: 170, sourse: "x" },
    }))
    const { code, error } = await call([`--settings=${settings.path}`, "probe"], { cwd: clone })
    expect(code).toBe(1)
    expect(error).toMatch(/image\.repository/)
    expect(error).toMatch(/frontend\.minLineCoverage/)
    expect(error).toMatch(/sourse/)
  })

  it("says what a registry answered that refuses the image", async () => {
    // The engine takes this name without TLS, and the port is part of it; another loopback address keeps it apart from a registry
    // on this machine.
    const registry = createServer((_, response) => {
      response.writeHead(403, { "content-type": "application/json" })
      response.end(JSON.stringify({ errors: [{ code: "DENIED", message: "no write for you" }] }))
    })
    await new Promise<void>((resolve) => registry.listen(5000, "127.0.0.2", resolve))
    using settings = settingsFile((all) => ({
      ...all,
      image: { ...(all.image as object), repository: "registry:5000/book/backend" },
    }))

    const { code, error } = await call(
      [`--settings=${settings.path}`, "publish", "--registry-service=tcp://127.0.0.2:5000"],
      { cwd: clone },
    )

    expect(code).toBe(1)
    registry.close()

    expect(error).toMatch(/403/)
    expect(error).toContain("next:")
  })
})
