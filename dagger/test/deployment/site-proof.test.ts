import { generateKeyPairSync } from "node:crypto"
import { expect, it } from "vitest"
import { deploy } from "../../lib/deployment/deployment.js"
import { promote } from "../../lib/deployment/promotion.js"
import { provenSite } from "../../lib/deployment/site-proof.js"
import { GitHub } from "../../lib/providers/github/github.js"
import { GitHubBranch } from "../../lib/providers/github/production-branch.js"
import type { NetlifyHost } from "../../lib/providers/netlify/netlify.js"
import { Verdict } from "../../src/exposed-types.js"
import { gitHub } from "../../stand-ins/github.js"
import { netlify } from "../../stand-ins/netlify.js"
import { registry } from "../../stand-ins/registry.js"
import { commit, site, siteRelease } from "../support/app.js"
import { archive, keep } from "../support/archive.js"
import { fastClock } from "../support/fast-clock.js"
import { places } from "../support/places.js"
import { frontend } from "../support/targets.js"

/** What sites have that Netlify applies, serves at another address, or shows to nobody without a password. */
const real = {
  _redirects: "/moved.html /about 301!\n",
  _headers: "/private/*\n  Basic-Auth: ana:hunter2\n",
  "about.html": "<!doctype html><title>About</title>",
  "moved.html": "<!doctype html><title>Moved</title>",
  "private/index.html": "<!doctype html><title>Private</title>",
}
const release = (letter: string, files: Record<string, string> = {}) => ({
  ...siteRelease(letter),
  artifact: new Map([
    ...site(letter),
    ...Object.entries(files).map(([path, text]) => [path, Buffer.from(text)] as const),
  ]),
})

/** Staging and production of a site, with a registry that keeps what is built. */
async function stages({ publicKey = "", prettyUrls = true } = {}) {
  const clock = fastClock()
  const api = await netlify({ sites: ["staging", "production"], prettyUrls })
  const store = await registry({ repository: "acme/book-site" })
  const server = await gitHub({ now: clock.now })
  server.commit("a", [server.commit("root", [], "main")], "", commit("a"))
  const github = new GitHub({ repository: "owner/book", token: "ghp_x", api: server.url }, clock)
  const kept = await places(clock)
  const at = (name: string) => ({ ...frontend(api, { clock, site: name, environment: name }), ...kept })
  const [staging, production, sites] = [at("staging"), at("production"), archive(store, { publicKey })]
  return {
    api,
    sites,
    staging,
    /** Deploys to staging, lets it prove itself, and promotes it. */
    async promoted(deployed: ReturnType<typeof release>, from: typeof sites | undefined = sites) {
      await deploy(deployed, staging)
      await clock.sleep(400_000)
      return promote(staging, production, {
        wanted: "",
        policy: { provenSeconds: 300 },
        branch: new GitHubBranch(github, "main"),
        artifact: (proven) => provenSite(proven, staging.host as NetlifyHost, from, publicKey !== ""),
      })
    },
    /** What both environments publish, without the file that is each one's own. */
    published: () =>
      ["staging", "production"].map((name) => {
        const { "config.json": _, ...files } = api.files(name)
        return files
      }),
    [Symbol.asyncDispose]: async () => void (await Promise.all([api.close(), store.close(), server.close()])),
  }
}

const took = ({ steps }: { steps: { name: string; detail: string }[] }) =>
  steps.find(({ name }) => name === "take what was proven")?.detail

it("promotes the very files of a site with redirects, headers, pretty addresses and a password from the registry", async () => {
  await using it = await stages()
  await keep(it.sites, release("a", real))

  const promoted = await it.promoted(release("a", real))

  expect(promoted, promoted.reason).toMatchObject({ verdict: Verdict.Success, liveCommit: commit("a") })
  expect(took(promoted)).toBe("from ghcr.io/acme/book-site, the very files")
  const [inStaging, inProduction] = it.published()
  expect(Object.keys(inProduction ?? {})).toEqual(expect.arrayContaining(Object.keys(real)))
  expect(inProduction).toEqual(inStaging)
})

it("fetches a plain site that is kept nowhere from what is live, and says so", async () => {
  await using it = await stages({ prettyUrls: false })

  const promoted = await it.promoted(release("a"))

  expect(promoted, promoted.reason).toMatchObject({ verdict: Verdict.Success })
  expect(took(promoted)).toBe(
    "fetched file by file from what is live, for ghcr.io/acme/book-site shows none of this commit",
  )
  const [inStaging, inProduction] = it.published()
  expect(inProduction).toEqual(inStaging)
})

it.each([
  ["rules", "Netlify applies _headers and _redirects, and serves it to nobody", real, false],
  ["pretty addresses", "GET /", {}, true],
  [
    "a password",
    "Netlify applies _headers, and serves it to nobody",
    { _headers: real._headers, "private/index.html": "x" },
    false,
  ],
])(
  "refuses a site with %s that is kept nowhere: it can't be fetched as it was uploaded",
  async (_, why, files, prettyUrls) => {
    await using it = await stages({ prettyUrls })

    expect(await it.promoted(release("a", files as Record<string, string>))).toMatchObject({
      verdict: Verdict.Refused,
      failed: "The files of staging.netlify.app can't be promoted.",
      reason: expect.stringContaining(
        `no registry keeps them, and what is live there can't be fetched as it was uploaded: ${why}`,
      ),
      next: "deploy the commit there again with --registry-token, which keeps the very files in the registry, then promote it",
      liveId: "",
    })
  },
)

it("refuses what the registry keeps when the deployment was made of other files", async () => {
  await using it = await stages()
  await keep(it.sites, release("a", { "about.html": "<title>built at another hour</title>" }))

  expect(await it.promoted(release("a", real))).toMatchObject({
    verdict: Verdict.Refused,
    failed: "The site of aaaaaaa can't be promoted.",
    reason: `the files of this commit in ghcr.io/acme/book-site are not those that deploy ${it.api.published("staging")} was made of, so nobody has tried them: the settings changed since, or it was deployed without --registry-token`,
    liveId: "",
  })
})

it("never fetches where the settings have a public key: what is live is signed by nobody", async () => {
  const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
  await using it = await stages({ publicKey: String(publicKey.export({ format: "pem", type: "spki" })) })

  expect(await it.promoted(release("a"))).toMatchObject({
    verdict: Verdict.Refused,
    reason:
      "ghcr.io/acme/book-site has none of this commit, and the settings have a publicKey: what is fetched from Netlify is signed by nobody",
    liveId: "",
  })
})
