import { describe, expect, it } from "vitest"
import { deploy } from "../../lib/deployment/deployment.js"
import { Step } from "../../lib/deployment/tracer.js"
import { Verdict } from "../../src/exposed-types.js"
import { huggingFace } from "../../stand-ins/hugging-face.js"
import { netlify } from "../../stand-ins/netlify.js"
import { commit, imageRelease, runner, siteRelease } from "../support/app.js"
import { backend, frontend } from "../support/targets.js"

describe("the frontend", () => {
  it("goes live after its draft is healthy, and prints the command that goes back to what was live before", async () => {
    await using api = await netlify({ sites: ["book"] })
    const first = await deploy(siteRelease("a"), frontend(api))
    const second = await deploy(siteRelease("b"), frontend(api))

    expect(first).toMatchObject({ verdict: Verdict.Success, previousId: "", undo: "", failed: "" })
    expect(second).toMatchObject({
      verdict: Verdict.Success,
      commit: commit("b"),
      previousCommit: commit("a"),
      previousId: first.id,
      liveCommit: commit("b"),
      liveId: api.published("book"),
      url: api.siteUrl("book"),
      undo: `dagger call --github-token=env://GITHUB_TOKEN frontend rollback --environment=staging --to=${first.id} --reason="…" --netlify-token=env://NETLIFY_TOKEN report`,
    })
    expect(second.steps.map(({ name }) => name)).toEqual([
      Step.Look,
      Step.LookAgain,
      Step.Place,
      Step.Migrate,
      Step.ProbeCandidate,
      Step.Switch,
      Step.ProbeLive,
    ])
  })

  it("writes nothing when the same commit is live and healthy", async () => {
    await using api = await netlify({ sites: ["book"] })
    await deploy(siteRelease("a"), frontend(api))
    const writes = api.writes().length

    const again = await deploy(siteRelease("a"), frontend(api))

    expect(again).toMatchObject({ verdict: Verdict.NoChange, liveCommit: commit("a"), undo: "" })
    expect(api.writes()).toHaveLength(writes)
  })

  it("keeps the old version when the probe of the draft fails", async () => {
    await using api = await netlify({ sites: ["book"] })
    const first = await deploy(siteRelease("a"), frontend(api))

    const broken = await deploy(siteRelease("b", { title: "Page not found" }), frontend(api))

    expect(broken).toMatchObject({
      verdict: Verdict.Failed,
      liveId: first.id,
      liveCommit: commit("a"),
      failed: "The new version is unhealthy.",
    })
    expect(broken.reason).toMatch(
      /^http:\/\/127\.0\.0\.1:\d+\/ is not healthy: the page's title is "Page not found & more", expected "Physical AI"$/,
    )
    expect(api.published("book")).toBe(first.id)
  })

  it("reports a locked site and does not force the lock", async () => {
    await using api = await netlify({ sites: ["book"] })
    await deploy(siteRelease("a"), frontend(api))
    api.lock("book")
    const writes = api.writes().length

    const locked = await deploy(siteRelease("b"), frontend(api))

    expect(locked).toMatchObject({
      verdict: Verdict.Locked,
      liveCommit: commit("a"),
      next: "unlock it at Netlify when its owner agrees, then run the same command again",
    })
    expect(api.writes()).toHaveLength(writes)
  })

  it("is live when the switch happened but its answer was lost", async () => {
    await using api = await netlify({ sites: ["book"] })
    await deploy(siteRelease("a"), frontend(api))
    api.fail({ on: /POST .*\/restore/, kind: "status", status: 503 })
    api.fail({ on: /POST .*\/restore/, kind: "status", status: 502 })

    expect(await deploy(siteRelease("b"), frontend(api))).toMatchObject({
      verdict: Verdict.Success,
      liveCommit: commit("b"),
    })
  })
})

describe("the backend", () => {
  it("goes live and names the image by digest", async () => {
    await using hub = await huggingFace({ spaces: ["owner/book"], run: runner() })
    const first = await deploy(imageRelease("a"), backend(hub))
    const second = await deploy(imageRelease("b"), backend(hub))

    expect(first).toMatchObject({ verdict: Verdict.Success, previousId: "" })
    expect(second).toMatchObject({
      verdict: Verdict.Success,
      previousId: first.liveId,
      liveCommit: commit("b"),
      url: hub.spaceUrl("owner/book"),
    })
    expect(second.liveId).toMatch(/^registry\.example\/book@sha256:[0-9a-f]{64}$/)
  })

  it("writes nothing when the same commit is live and healthy", async () => {
    await using hub = await huggingFace({ spaces: ["owner/book"], run: runner() })
    await deploy(imageRelease("a"), backend(hub))
    const writes = hub.writes().length

    expect(await deploy(imageRelease("a"), backend(hub))).toMatchObject({ verdict: Verdict.NoChange })
    expect(hub.writes()).toHaveLength(writes)
  })

  it("restores the previous image when the new one answers 500", async () => {
    const run = runner({ b: () => ({ status: 500, json: {} }) })
    await using hub = await huggingFace({ spaces: ["owner/book"], run })
    const first = await deploy(imageRelease("a"), backend(hub))

    const broken = await deploy(imageRelease("b"), backend(hub))

    expect(broken).toMatchObject({
      verdict: Verdict.RolledBack,
      commit: commit("b"),
      liveId: first.liveId,
      liveCommit: commit("a"),
    })
    expect(broken.reason).toMatch(/\/health answered 500, expected 200$/)
    expect(run.started).toEqual(["a", "b", "a"])
  })

  it("restores the previous image when the new one does not start", async () => {
    await using hub = await huggingFace({
      spaces: ["owner/book"],
      run: runner({ b: { exits: "ModuleNotFoundError: fastapi" } }),
    })
    await deploy(imageRelease("a"), backend(hub))

    const broken = await deploy(imageRelease("b"), backend(hub))

    expect(broken).toMatchObject({
      verdict: Verdict.RolledBack,
      liveCommit: commit("a"),
      failed: "The Space owner/book could not start the new version.",
      reason:
        "its stage is RUNTIME_ERROR; ModuleNotFoundError: fastapi; the end of its log: ModuleNotFoundError: fastapi",
      next: "run the image locally with the Space's variables and fix what its log says",
    })
  })

  it("reports that nothing is live when the first version does not start", async () => {
    await using hub = await huggingFace({ spaces: ["owner/book"], run: runner({ a: { exits: "boom" } }) })

    expect(await deploy(imageRelease("a"), backend(hub))).toMatchObject({
      verdict: Verdict.Failed,
      liveId: "",
      liveCommit: "",
    })
  })

  it("needs a person when the first version is unhealthy", async () => {
    await using hub = await huggingFace({
      spaces: ["owner/book"],
      run: runner({ a: () => ({ json: { status: "degraded", commit: commit("a") } }) }),
    })

    const deployment = await deploy(imageRelease("a"), backend(hub))

    expect(deployment).toMatchObject({ verdict: Verdict.RollbackFailed, liveCommit: commit("a") })
    expect(deployment.reason).toMatch(
      /status is "degraded", expected "ok" or the like; then: no earlier version was live$/,
    )
  })

  it("stops before the switch when the migration fails", async () => {
    await using hub = await huggingFace({ spaces: ["owner/book"], run: runner() })
    await deploy(imageRelease("a"), backend(hub))
    const failing = { ...backend(hub), migrate: () => Promise.reject(new Error("column exists already")) }

    const deployment = await deploy(imageRelease("b"), failing)

    expect(deployment).toMatchObject({
      verdict: Verdict.Failed,
      liveCommit: commit("a"),
      reason: "column exists already",
    })
    expect(hub.commits("owner/book")).toHaveLength(2)
  })
})
