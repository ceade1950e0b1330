import { expect, it } from "vitest"
import { deploy } from "../../lib/deployment/deployment.js"
import { notJudgeable } from "../../lib/deployment/errors.js"
import { backendChecks } from "../../lib/deployment/health-checks.js"
import { askForm } from "../../lib/deployment/judgeable.js"
import { get } from "../../lib/providers/endpoint.js"
import { readSettings } from "../../lib/settings/settings.js"
import { huggingFace } from "../../stand-ins/hugging-face.js"
import { standIn, type Told } from "../../stand-ins/server.js"
import { commit, imageRelease, runner } from "../support/app.js"
import { backend } from "../support/targets.js"

const checks = (service: object = {}, needs: string[] = []) => {
  const settings = readSettings(
    JSON.stringify({
      project: { title: "Book", source: "https://github.com/acme/book" },
      image: { repository: "ghcr.io/acme/book" },
      backend: service,
      environments: { staging: { branch: "staging", backend: { space: "acme/book", needs } } },
    }),
  )
  const place = settings.environments.staging?.backend
  if (!settings.backend || !place) throw new Error("the settings have a service")
  return backendChecks(settings.backend, place, commit("a"))
}

async function asked(answer: Told, service: object = {}, needs: string[] = []) {
  await using app = await standIn(({ path }) => (path === "/health" ? answer : { status: 404 }))
  return await askForm(app.url, checks(service, needs), get)
}

it.each<[string, Told, string[], string | undefined]>([
  ["no commit at all", { json: { status: "healthy" } }, [], 'backend: { "commitFrom": "host" }'],
  [
    "the commit in another field",
    { json: { status: "ok", build: { sha: commit("a") } } },
    [],
    'backend.health: { "commit": { "field": "build.sha" } }',
  ],
  [
    "the commit in a header",
    { json: true, headers: { "x-revision": commit("a") } },
    [],
    'backend.health: { "commit": { "header": "x-revision" } }',
  ],
  [
    "dependencies under a name of its own",
    { json: { status: "ok", commit: commit("a"), backends: { qdrant: "up" } } },
    ["qdrant"],
    'backend.health: { "dependencies": "backends" }',
  ],
  [
    "a dependency that it does not name",
    { json: { status: "ok", commit: commit("a"), services: {} } },
    ["qdrant"],
    'backend.needs of the environment, without "qdrant"',
  ],
  [
    "a word of its own",
    { json: { status: "splendid" } },
    [],
    'backend.health: { "values": ["splendid"] }, if it means healthy',
  ],
  ["the word in a field of its own", { json: { app: "up" } }, [], 'backend.health: { "field": "app" }'],
  ["a page", { body: "<!doctype html><p>Hello</p>" }, [], 'backend.health: { "path": "/the-path-of-its-health" }'],
  ["404", { status: 404 }, [], 'backend.health: { "path": "/the-path-of-its-health" }'],
  ["an unhealthy answer in a known form", { json: { status: "DEGRADED", commit: commit("a") } }, [], undefined],
  ["a breakdown", { status: 500 }, [], undefined],
])("names the setting for a live version that answers %s", async (_, answer, needs, setting) => {
  expect((await asked(answer, {}, needs))?.setting).toBe(setting)
})

it.each([
  [{ commitFrom: "host" }, { json: { status: "healthy" } }],
  [{ health: { commit: { field: "build.sha" } } }, { json: { status: "ok", build: { sha: commit("a") } } }],
  [{ health: { values: ["splendid"], field: "mood" }, commitFrom: "host" }, { json: { mood: "Splendid" } }],
])("finds nothing to write once it is written: %j", async (service, answer) => {
  expect(await asked(answer, service)).toBeUndefined()
})

it("is refused before anything changes when the live version can't be judged, and the probe does not wait for it", async () => {
  const app = { json: { status: "healthy" } }
  await using hub = await huggingFace({ spaces: ["owner/book"], run: runner({ a: () => app, b: () => app }) })
  const target = backend(hub)
  await target.host.publish(imageRelease("a"), undefined)
  const [writes, questions] = [hub.writes().length, hub.front("owner/book").log.length]
  const judgeable = async ({ url }: { url: string }) => {
    const found = await askForm(url, checks(), get)
    if (found) throw notJudgeable(url, found.why, found.setting)
    return ""
  }

  const deployment = await deploy(imageRelease("b"), { ...target, judgeable })

  expect(deployment).toMatchObject({
    verdict: "refused",
    reason: "/health tells no commit in the field commit",
    next: 'write backend: { "commitFrom": "host" } into delivery.json; or, where only the new version answers as the settings say, "unjudged": "warn" in backend.health for this one deployment',
  })
  expect(hub.writes()).toHaveLength(writes)
  expect(hub.front("owner/book").log.length - questions).toBeLessThanOrEqual(2)
})
