import { createHash } from "node:crypto"
import { afterEach, beforeEach, expect, it } from "vitest"
import { MigrationClass } from "../../lib/database/schema.js"
import { noTracer } from "../../lib/deployment/tracer.js"
import { type Dependencies, rehearse, Version } from "../../lib/rehearsal/rehearsal.js"
import { readSettings } from "../../lib/settings/settings.js"
import { BuildFailure } from "../../stand-ins/hugging-face.js"
import { registry } from "../../stand-ins/registry.js"
import { standIn } from "../../stand-ins/server.js"
import { archive, keep } from "../support/archive.js"
import { fastClock } from "../support/fast-clock.js"

const commit = "0123456789abcdef0123456789abcdef01234567"
const site = { frontend: { site: "shop" } }
const siteBefore = { frontend: { site: "shop-next" } }
const space = { backend: { space: "acme/shop" } }
const spaceBefore = { backend: { space: "acme/shop-next" } }

const settings = (environments: object) =>
  readSettings(
    JSON.stringify({
      project: { title: "Shop", source: "https://github.com/acme/shop" },
      image: { repository: "ghcr.io/acme/shop" },
      environments,
    }),
  )
const digestOf = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`

let server: Awaited<ReturnType<typeof registry>>
beforeEach(async () => {
  server = await registry({ repository: "acme/book-site" })
})
afterEach(() => server[Symbol.asyncDispose]())

/** A project whose service runs on this machine, in place of a container. */
function project(environments: object, more: Partial<Dependencies> = {}): Dependencies {
  const kept = archive(server)
  const built = new Map<string, { commit: string; version: Version }>()
  const pages = (commit: string) =>
    new Map([
      ["index.html", Buffer.from("<!doctype html><title>Shop</title>")],
      ["version.json", Buffer.from(JSON.stringify({ commit }))],
    ])
  return {
    commit,
    settings: settings(environments),
    checks: async () => "passed",
    site: async (commit) => (await keep(kept, { commit, artifact: pages(commit) })).site,
    archive: kept,
    image: async (commit, version) => {
      const digest = digestOf(commit + version)
      built.set(digest, { commit, version })
      return { repository: "registry:5000/rehearsal/backend", digest }
    },
    scan: async () => ({ clean: true, text: "Nothing stops the image." }),
    run: async ({ digest }) => {
      const image = built.get(digest)
      if (!image) throw new BuildFailure(`${digest}: not found`)
      const app = await standIn(() =>
        image.version === Version.Broken
          ? { status: 503, json: {} }
          : { json: { status: "ok", commit: image.commit, dependencies: { cache: "up", openai: "off" } } },
      )
      return { url: app.url, stop: () => app.close() }
    },
    database: undefined,
    hasSchema: false,
    leftOut: [],
    clock: fastClock(new Date().toISOString()),
    tracer: noTracer,
    ...more,
  }
}

const scenariosOf = async (dependencies: Dependencies) => {
  const done = await rehearse(dependencies)
  return {
    ...done,
    lines: done.events
      .filter(({ component, environment }) => component || environment)
      .map(({ name, verdict }) => `${name}: ${verdict}`),
  }
}

const both = {
  before: { branch: "next", ...siteBefore, ...spaceBefore },
  live: { production: true, branch: "main", ...site, ...space },
}

it("is of a site and a service without a schema, in environments of any name", async () => {
  const { lines, conclusion, passed, leftOut, events, status } = await scenariosOf(
    project(both, { leftOut: ["the migration"] }),
  )

  expect(passed).toBe(true)
  expect(lines).toEqual([
    "deploy both components (before): success",
    "promote (backend, live): success",
    "promote (frontend, live): success",
    "deploy again (backend, live): no-change",
    "deploy a broken candidate (backend, live): rolled-back",
    "deploy a stale build (frontend, live): failed",
    "deploy a later version (backend, live): success",
    "roll back to the last good (backend, live): success",
    "deploy the version left (backend, live): refused",
  ])
  expect(conclusion).toHaveLength(5)
  expect(conclusion[2]).toMatch(
    /^Broken candidates did not stay: the backend was rolled-back \(http:\/\/\S+\/health answered 503, expected 200\); the frontend failed before visitors saw it\. Then live backend serves 0123456, live frontend serves 0123456, the old commit\.$/,
  )
  expect(leftOut).toEqual(["the migration"])
  expect(events.find(({ name }) => name === "preview a pull request")?.detail).toMatch(
    /^a draft answered with its commit, its one comment was edited; #\d+: removed 1 draft; its comment was edited$/,
  )
  expect(events.map(({ name }) => name)).toContain("look at everything")
  expect(status).toMatch(/^next: /m)
})

it("leaves the page of each deployment, numbered in order, and every message that Slack got", async () => {
  const { deployments, messages, conclusion } = await rehearse(project(both))

  expect(Object.entries(deployments).map(([name, page]) => `${name}: ${/<title>(.*)</.exec(page)?.[1]}`)).toEqual([
    "01-deploy-both-components-backend-before.html: backend of before: 0123456 ended success",
    "02-deploy-both-components-frontend-before.html: frontend of before: 0123456 ended success",
    "03-promote-backend-live.html: backend of live: 0123456 ended success",
    "04-promote-frontend-live.html: frontend of live: 0123456 ended success",
    "05-deploy-again-backend-live.html: backend of live: 0123456 ended no-change",
    expect.stringMatching(
      /^06-deploy-a-broken-candidate-backend-live\.html: backend of live: \w{7} ended rolled-back$/,
    ),
    expect.stringMatching(/^07-deploy-a-stale-build-frontend-live\.html: frontend of live: \w{7} ended failed$/),
    expect.stringMatching(/^08-deploy-a-later-version-backend-live\.html: backend of live: \w{7} ended success$/),
    "09-roll-back-to-the-last-good-backend-live.html: backend of live: 0123456 ended success",
    expect.stringMatching(/^10-deploy-the-version-left-backend-live\.html: backend of live: \w{7} ended refused$/),
  ])
  expect(conclusion[4]).toContain(`Slack got ${messages.length} messages`)
  expect(messages.map(({ text }) => text.replace(/(?!0123456)[0-9a-f]{7}/, "another"))).toEqual([
    "⚪ both components of before: the deployment of 0123456 has started",
    "🟢 both components of before: 0123456 is live",
    "⚪ backend of live: a promotion has started",
    "🟢 backend of live: 0123456 was promoted and is live",
    "⚪ frontend of live: a promotion has started",
    "🟢 frontend of live: 0123456 was promoted and is live",
    "⚪ backend of live: the deployment of another has started",
    "<!channel> 🟡 backend of live: another failed and was rolled back",
    "⚪ frontend of live: the deployment of another has started",
    "<!channel> 🔴 frontend of live: the deployment of another ended failed",
    "⚪ backend of live: the deployment of another has started",
    "🟢 backend of live: another is live",
    "⚪ backend of live: a rollback has started",
    "🟡 backend of live: was rolled back by hand to 0123456",
    "🟡 backend of live: the deployment of another ended refused",
  ])
})

it("is of a site alone, which is rolled back by hand as well", async () => {
  const { lines, passed, conclusion, leftOut } = await scenariosOf(
    project({ staging: { branch: "staging", ...siteBefore }, production: { branch: "main", ...site } }),
  )

  expect(passed).toBe(true)
  expect(lines).toEqual([
    "deploy (frontend, staging): success",
    "promote (frontend, production): success",
    "deploy again (frontend, production): no-change",
    "deploy a stale build (frontend, production): failed",
    "deploy a later version (frontend, production): success",
    "roll back to the last good (frontend, production): success",
    "deploy the version left (frontend, production): refused",
  ])
  expect(conclusion[0]).toBe("The checks of 0123456 pass, and the site is built from it.")
  expect(leftOut).toEqual(["the backend: the project has none"])
})

it("is of a service alone in one environment, without a scanner", async () => {
  const scan = async () => ({ clean: undefined, text: "its image is not there" })
  const { lines, passed, leftOut, byHand } = await scenariosOf(
    project({ live: { branch: "main", ...space } }, { scan }),
  )

  expect(passed).toBe(true)
  expect(lines[0]).toBe("deploy (backend, live): success")
  expect(lines.join()).not.toContain("promote")
  expect(leftOut).toEqual([
    "the promotion: live is the only environment with this backend",
    "the frontend: the project has none",
    "the scan of the image: its image is not there",
  ])
  expect(byHand.at(-1)).toBe("Ask what is missing: `dagger call doctor --environment=live`, with the tokens.")
})

it("asks for the dependencies that the service has without an account, and names those that it has not", async () => {
  const needy = { live: { branch: "main", backend: { space: "acme/shop", needs: ["cache", "openai"] } } }
  const { passed, leftOut } = await scenariosOf(project(needy))

  expect(passed).toBe(true)
  expect(leftOut.at(-1)).toBe("the dependency openai, which is off without its account")
})

it("migrates a service with a schema, and lets no rollback pass over a step that the release does not know", async () => {
  const heads: Record<string, string> = {}
  const revision = (name: string, down: string[]) => ({
    revision: name,
    down,
    depends: [],
    class: MigrationClass.Contract,
    title: "",
  })
  const dependencies = project({ before: both.before, live: both.live }, { hasSchema: true })
  const images = new Map<string, Version>()
  const image: Dependencies["image"] = async (commit, version) => {
    const made = await dependencies.image(commit, version)
    images.set(made.digest, version)
    return made
  }
  const known = (digest: string) => {
    const version = images.get(digest)
    return version === Version.Contract || version === Version.Later ? ["1", "9999"] : ["1"]
  }
  const database: Dependencies["database"] = (environment) => ({
    url: `postgresql://database/${environment}`,
    upgrade: async ({ digest }) => {
      heads[environment] = known(digest).at(-1) ?? ""
      return "upgraded"
    },
    head: async ({ digest }) => known(digest).at(-1) ?? "",
    state: async ({ digest }) => ({
      database: heads[environment] ?? "",
      known: known(digest),
      between: heads[environment] === "9999" && !known(digest).includes("9999") ? [revision("9999", ["1"])] : [],
    }),
  })

  const { lines, passed, conclusion } = await scenariosOf({ ...dependencies, image, database })

  expect(passed, conclusion.join("\n")).toBe(true)
  expect(lines).toEqual(
    expect.arrayContaining([
      "deploy a contract step (backend, live): success",
      "roll back over it (backend, live): refused",
    ]),
  )
  expect(conclusion[3]).toContain("and a rollback to one that does not know the schema is refused")
})

it("fails where the scan stops the image, and where the service does not come up", async () => {
  const vulnerable = await rehearse(project(both, { scan: async () => ({ clean: false, text: "CVE-2026-1" }) }))
  const dead = await rehearse(project(both, { run: () => Promise.reject(new Error("no module named app")) }))

  expect(vulnerable.passed).toBe(false)
  expect(vulnerable.conclusion).toEqual(["the scan stops the image: CVE-2026-1"])
  expect(dead.passed).toBe(false)
  expect(dead.conclusion[0]).toContain("deploy both components (before) ended")
})
