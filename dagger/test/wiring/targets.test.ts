import { expect, it } from "vitest"
import { deploy } from "../../lib/deployment/deployment.js"
import { noTracer } from "../../lib/deployment/tracer.js"
import { readSettings } from "../../lib/settings/settings.js"
import { backendTarget } from "../../lib/wiring/targets.js"
import { huggingFace } from "../../stand-ins/hugging-face.js"
import { type Behaviour, imageRelease, runner } from "../support/app.js"
import { fastClock } from "../support/fast-clock.js"

const space = "acme/book"
const tellsNoCommit: Behaviour = () => ({ json: { status: "healthy", services: { qdrant: { status: "Connected" } } } })
const special = { a: tellsNoCommit, b: tellsNoCommit }

function target(hub: { url: string }, service: object, place: object = {}) {
  const settings = readSettings(
    JSON.stringify({
      project: { title: "Book", source: "https://github.com/acme/book" },
      image: { repository: "ghcr.io/acme/book" },
      backend: service,
      providers: { huggingFace: hub.url },
      environments: { staging: { branch: "staging", backend: { space, needs: ["qdrant"], ...place } } },
    }),
  )
  return backendTarget({ settings, environment: "staging", token: "hf_secret", clock: fastClock(), tracer: noTracer })
}

it("goes live by the digest in the running revision where the service tells no commit, and says that this is the proof", async () => {
  await using hub = await huggingFace({ spaces: [space], run: runner(special) })
  const it = target(hub, { commitFrom: "host" })

  const first = await deploy(imageRelease("a"), it)
  const second = await deploy(imageRelease("b"), it)
  const again = await deploy(imageRelease("b"), it)

  expect([first.verdict, second.verdict, again.verdict]).toEqual(["success", "success", "no-change"])
  expect(second.steps.find(({ name }) => name === "probe live")?.detail).toBe(
    `healthy after 3 rounds; its version is proven by the digest in the Space's running revision, ${imageRelease("b").artifact.digest}`,
  )
  expect(second.liveCommit).toBe(imageRelease("b").commit)
})

it("is not healthy by the host's word while the Space runs another image", async () => {
  await using hub = await huggingFace({ spaces: [space], run: runner(special) })
  const it = target(hub, { commitFrom: "host" })
  await deploy(imageRelease("a"), it)

  const health = await it.probe(hub.spaceUrl(space), imageRelease("b").commit, it.host.idOf(imageRelease("b")))

  expect(health).toMatchObject({
    state: "wrong-version",
    reason: `the Space's running revision names ${imageRelease("a").artifact.digest}, expected ${imageRelease("b").artifact.digest}`,
  })
})

it("ends refused, with the setting, where the live version tells no commit and the settings ask for one; nothing is written", async () => {
  await using hub = await huggingFace({ spaces: [space], run: runner(special) })
  await deploy(imageRelease("a"), target(hub, { commitFrom: "host" }))
  const writes = hub.writes().length

  const { verdict, next } = await deploy(imageRelease("b"), target(hub, {}))

  expect(verdict).toBe("refused")
  expect(next).toContain('write backend: { "commitFrom": "host" } into delivery.json')
  expect(hub.writes()).toHaveLength(writes)
})

it("lets a version that answers as the settings say replace one that does not, where they say so", async () => {
  await using hub = await huggingFace({ spaces: [space], run: runner({ a: tellsNoCommit }) })
  await deploy(imageRelease("a"), target(hub, { commitFrom: "host" }))

  const replaced = await deploy(
    imageRelease("b"),
    target(hub, { health: { unjudged: "warn" } }, { needs: ["database"] }),
  )

  expect(replaced.verdict).toBe("success")
  expect(replaced.warnings?.join()).toContain("the new version has to answer as the settings say")
})
