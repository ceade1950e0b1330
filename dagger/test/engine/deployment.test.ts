import { readFileSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { Asked, Told } from "../../stand-ins/server.js"
import { type Checkout, checkout } from "./checkout.js"
import { call, settingsFile } from "./dagger.js"
import { providers, registryFlags, scannerFlags, sites, spaces, tokens, undoIn } from "./providers.js"

const site = sites.staging
/** The variables that the settings name for staging. */
const ofStaging = { NETLIFY_TOKEN: "", NETLIFY_TOKEN_STAGING: tokens.NETLIFY_TOKEN }
const frontendTokens = ["--netlify-token=env://NETLIFY_TOKEN", "--github-token=env://GITHUB_TOKEN"]

let clone: Checkout
beforeAll(() => {
  clone = checkout()
  clone.plainSite()
})
afterAll(() => clone[Symbol.dispose]())

const deploy = (it: Awaited<ReturnType<typeof providers>>) =>
  it.call("frontend deploy", [...frontendTokens, "--actor=ana", "report"])

describe("a deployment by dagger call", () => {
  it("goes live, answers no-change the second time after a look, and is reverted by the command that its report shows, and so is that", async () => {
    await using it = await providers(clone)
    const first = clone.head()

    const deployed = await deploy(it)

    expect(deployed.code, deployed.error).toBe(0)
    expect(deployed.stdout).toContain(`frontend of staging: ${first.slice(0, 7)} ended success`)
    expect(deployed.stdout).not.toContain("made no version.json")
    const published = it.sites.published(site)
    expect(published).not.toBe("")

    const [writes, looks] = [it.sites.writes().length, it.sites.log.length]
    const again = await deploy(it)

    expect(again.code, again.error).toBe(0)
    expect(again.stdout).toContain(`frontend of staging: ${first.slice(0, 7)} ended no-change`)
    expect(it.sites.writes().length).toBe(writes)
    expect(it.sites.log.length).toBeGreaterThan(looks)

    const second = clone.commit("another")
    it.history.commit("another", [first], "staging", second)
    // On the disk, and not in the commit.
    writeFileSync(`${clone.path}/frontend/page.html`, "<!doctype html><title>Not committed</title>")
    const next = await deploy(it)
    clone.git("restore", "frontend")
    expect(next.code, next.error).toBe(0)
    expect(it.sites.published(site)).not.toBe(published)
    expect(await (await fetch(it.sites.siteUrl(site))).text()).toContain("One page.")
    const after = it.sites.published(site)
    const back = await it.type(undoIn(next.stdout).replace("…", "a \\$(test) of \\`it\\` <!channel>"), ofStaging)
    expect(back.code, back.error).toBe(0)
    expect(it.sites.published(site)).toBe(published)

    const quarantined = await deploy(it)
    expect(quarantined.code).toBe(1)
    expect(quarantined.error).toContain("ended refused")
    expect(quarantined.error).toContain("it was rolled back by")
    expect(it.sites.published(site)).toBe(published)

    // The rollback's own way back: it names the commit that it left, wherever the checkout stands.
    clone.git("reset", "--quiet", "--hard", first)
    const forth = await it.type(undoIn(back.stdout), ofStaging)
    expect(forth.code, forth.error).toBe(0)
    expect(it.sites.published(site)).toBe(after)
    clone.git("switch", "--quiet", "main")
    clone.git("reset", "--quiet", "--hard", first)
  })

  it("refuses a site that a person has locked, and prints no token", async () => {
    await using it = await providers(clone)
    const next = await deploy(it)
    expect(next.code, next.error).toBe(0)
    const published = it.sites.published(site)
    it.sites.lock(site)
    const first = clone.head()
    it.history.commit("third", [first], "staging", clone.commit("third"))

    const { code, error } = await deploy(it)

    expect(code).toBe(1)
    expect(error).toContain("ended locked")
    expect(error).not.toContain(tokens.NETLIFY_TOKEN)
    expect(it.sites.published(site)).toBe(published)
    clone.git("reset", "--quiet", "--hard", first)
  })

  it("does not change what visitors get when a check fails", async () => {
    await using it = await providers(clone)
    const first = clone.head()
    const unfinished = clone.commit("unfinished", {
      "frontend/page.html": "<!doctype html><title>Physical AI &amp; Humanoid Robotics</title><p>TODO</p>\n",
    })

    // Before it is on the branch, it is not even checked.
    it.history.commit("unfinished", [first], "main", unfinished)
    const elsewhere = await deploy(it)
    it.history.commit("unfinished", [first], "staging", unfinished)
    const { code, error } = await deploy(it)

    expect(elsewhere.code).toBe(1)
    expect(elsewhere.error).toContain(`${unfinished.slice(0, 7)} is not on staging.`)
    expect(elsewhere.error).not.toContain("TODO is left")
    expect(code).toBe(1)
    expect(error).toContain("page.html: TODO is left")
    expect(it.sites.writes()).toEqual([])
    clone.git("reset", "--quiet", "--hard", first)
  })
})

it("deploys the service: checked, scanned, pushed by digest, live; and checks before it repeats that", async () => {
  await using it = await providers(clone)
  const commit = clone.head()
  const deploy = () =>
    it.call("backend deploy", ["--hugging-face-token=env://HF_TOKEN", ...registryFlags, ...scannerFlags, "report"])

  const deployed = await deploy()

  expect(deployed.code, deployed.error).toBe(0)
  expect(deployed.stdout).toContain(`backend of staging: ${commit.slice(0, 7)} ended success`)
  expect(it.hub.dockerfile(spaces.staging)).toMatch(
    /^FROM registry:\d+\/test-[0-9a-f-]+\/deployed@(sha256:[0-9a-f]{64})\nENV IMAGE_DIGEST=\1\n$/,
  )

  const writes = it.hub.writes().length
  const again = await deploy()

  expect(again.stdout).toContain(`backend of staging: ${commit.slice(0, 7)} ended no-change`)
  expect(it.hub.writes().length).toBe(writes)

  const scan = (environment: string) =>
    it.call("backend scan", [
      `--environment=${environment}`,
      "--hugging-face-token=env://HF_TOKEN",
      ...registryFlags,
      ...scannerFlags,
    ])
  const [live, nothing] = [await scan("staging"), await scan("production")]

  expect(live.stdout, live.error).toContain("Nothing stops the image.")
  expect(nothing.code).toBe(1)
  expect(nothing.error).toContain('There is no image of "production" to scan.')
  expect(it.hub.writes().length).toBe(writes)
})

describe("a service that tells no commit and answers in words of its own", () => {
  /** Lets only the page that CORS_ORIGINS names ask, as a service's CORS middleware does. */
  const answers = (_: string, { method, headers }: Asked, env: Record<string, string>): Told => ({
    headers:
      env.CORS_ORIGINS === headers.origin
        ? { "access-control-allow-origin": `${headers.origin}`, "access-control-allow-headers": "content-type" }
        : {},
    ...(method === "OPTIONS" ? { body: "" } : { json: { status: "healthy", services: { qdrant: "Connected" } } }),
  })
  const origin = "https://book.example"
  const place = { needs: ["qdrant"], fromSite: { origin, path: "/chat" }, variables: { CORS_ORIGINS: origin } }
  const deploy = (it: Awaited<ReturnType<typeof providers>>, secrets: string) =>
    it.call(
      "backend deploy",
      [
        ...["--hugging-face-token=env://HF_TOKEN", "--space-secrets=env://SPACE_SECRETS", ...registryFlags],
        ...["--unscanned=this test is about the Space", "report"],
      ],
      { SPACE_SECRETS: secrets },
    )

  it("goes live by the host's word, with its variables and secrets, is served anew with another secret, and is refused, with the setting, where its commit is asked for", async () => {
    await using it = await providers(clone, { commitFrom: "host" }, {}, { place, answers })

    const first = await deploy(it, 'API_KEY="first-secret-value"\nOTHER=unchanged-value')

    expect(first.code, first.error).toBe(0)
    expect(first.stdout).toContain("; its version is proven by the digest in the Space's running revision, sha256:")
    expect(it.hub.variables(spaces.staging).CORS_ORIGINS).toBe(origin)
    expect(it.hub.secrets(spaces.staging)).toEqual({ API_KEY: "first-secret-value", OTHER: "unchanged-value" })

    const same = await deploy(it, 'API_KEY="first-secret-value"\nOTHER=unchanged-value')
    expect(same.stdout, same.error).toContain("ended no-change")

    const another = await deploy(it, 'API_KEY="second-secret-value"\nOTHER=unchanged-value')
    expect(another.stdout, another.error).toContain("ended success")
    expect(it.hub.secrets(spaces.staging).API_KEY).toBe("second-secret-value")

    const before = clone.head()
    it.history.commit("fifth", [before], "main", clone.commit("fifth"))
    const writes = it.hub.writes().length
    writeFileSync(
      it.settings.path,
      readFileSync(it.settings.path, "utf8").replace('"commitFrom":"host"', '"commitFrom":"answer"'),
    )
    const refused = await deploy(it, "API_KEY=third-secret-value")
    clone.git("reset", "--quiet", "--hard", before)

    expect(refused.code).toBe(1)
    expect(refused.error).toContain("ended refused")
    expect(refused.error).toContain('write backend: { "commitFrom": "host" } into delivery.json')
    expect(it.hub.writes()).toHaveLength(writes)
    expect(JSON.stringify([first, same, another, refused])).not.toContain("secret-value")
  })
})

it("deploys a private image by giving the Space the committed files that it was built from", async () => {
  await using it = await providers(clone, { delivery: "source" })
  const commit = clone.head()
  const files = clone.git("ls-files", "backend").split("\n")

  const deployed = await it.call("backend deploy", [
    ...["--hugging-face-token=env://HF_TOKEN", ...registryFlags, "--unscanned=this test is about the Space"],
    "markdown",
  ])

  expect(deployed.code, deployed.error).toBe(0)
  expect(deployed.stdout).toMatch(new RegExp(`^### 🟢 backend of staging: \`${commit.slice(0, 7)}\` ended success`))
  expect(deployed.stdout).toMatch(/\| switch \| \d+\.\d s \| 600 s \|/)
  const there = it.hub.files(spaces.staging)
  expect(Object.keys(there).sort()).toEqual(
    [...files.map((path) => path.replace(/^backend\//, "")), "README.md"].sort(),
  )
  expect(there.Dockerfile).toMatch(
    new RegExp(`\\n# Tested as registry:.*\\nENV COMMIT=${commit}\\nENV IMAGE_DIGEST=sha256:`),
  )
  expect(it.hub.commits(spaces.staging)).toHaveLength(2)
})

describe("bad input", () => {
  it("names the known environments", async () => {
    const { code, error } = await call(
      ["frontend", "deploy", "--netlify-token=env://NETLIFY_TOKEN", "--environment=prod", "report"],
      {
        cwd: clone.path,
        env: tokens,
      },
    )
    expect(code).toBe(1)
    expect(error).toMatch(/prod/)
    expect(error).toMatch(/staging.*production|production.*staging/)
  })

  it("says that a secret is missing, before anything is built", async () => {
    const { code, error } = await call(["frontend", "deploy", "--netlify-token=env://NOT_SET", "report"], {
      cwd: clone.path,
    })
    expect(code).toBe(1)
    expect(error).toMatch(/--netlify-token/)
  })

  it("reports all mistakes of the settings at once, each with its path", async () => {
    using settings = settingsFile((all) => ({
      ...all,
      image: { ...(all.image as object), repository: "Not A Repository" },
      frontend: { minLineCoverage: 170, sourse: "x" },
    }))
    const { code, error } = await call([`--settings=${settings.path}`, "probe"], { cwd: clone.path })
    expect(code).toBe(1)
    expect(error).toMatch(/image\.repository/)
    expect(error).toMatch(/frontend\.minLineCoverage/)
    expect(error).toMatch(/sourse/)
  })

  it("shows the answer of a registry that refuses the image", async () => {
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
      [`--settings=${settings.path}`, "--registry-service=tcp://127.0.0.2:5000", "backend", "publish"],
      { cwd: clone.path },
    )

    expect(code).toBe(1)
    registry.close()

    expect(error).toMatch(/403/)
    expect(error).toContain("next:")
  })
})
