import { expect, it } from "vitest"
import { deploy } from "../../lib/deployment/deployment.js"
import { releases, rollback } from "../../lib/deployment/rollback.js"
import { plannedRollback, planText } from "../../lib/deployment/rollback-plan.js"
import { Verdict } from "../../src/exposed-types.js"
import { netlify } from "../../stand-ins/netlify.js"
import { registry } from "../../stand-ins/registry.js"
import { commit, siteRelease } from "../support/app.js"
import { archive, keep } from "../support/archive.js"
import { fastClock } from "../support/fast-clock.js"
import { places } from "../support/places.js"
import { frontend } from "../support/targets.js"

/** A site on which versions a, b and c went live and were kept, and whose host has forgotten the first two. */
async function forgetful({ keeps = "abc" } = {}) {
  const clock = fastClock()
  const api = await netlify({ sites: ["book"] })
  const store = await registry({ repository: "acme/book-site" })
  const target = { ...frontend(api, { clock }), ...(await places(clock)), archive: archive(store) }
  for (const letter of "abc") {
    if (keeps.includes(letter)) await keep(target.archive, siteRelease(letter))
    await deploy(siteRelease(letter), target)
  }
  const forgotten = api.deploys("book").filter(({ id }) => id !== api.published("book"))
  for (const { id } of forgotten) api.forget(id)
  const visible = async () => (await fetch(`${api.siteUrl("book")}/version.json`)).text()
  const close = async () => void (await Promise.all([api.close(), store.close()]))
  return { api, store, target, visible, [Symbol.asyncDispose]: close }
}

it("makes a release that Netlify has forgotten anew from what the registry keeps, and records its new ID", async () => {
  await using it = await forgetful()

  const back = await rollback(it.target, { to: "", reason: "prices are wrong" })

  expect(back, back.reason).toMatchObject({
    verdict: Verdict.Success,
    commit: commit("b"),
    id: it.api.published("book"),
    liveCommit: commit("b"),
    previousCommit: commit("c"),
  })
  expect(back.steps.map(({ name, detail }) => `${name}: ${detail}`)).toEqual(
    expect.arrayContaining(["take the release from the registry: from ghcr.io/acme/book-site, verified"]),
  )
  expect(await it.visible()).toContain(commit("b"))
  const [newest] = await it.target.ledger.list("frontend", "staging")
  expect(newest).toMatchObject({ purpose: "rollback", verdict: Verdict.Success, id: it.api.published("book") })
  // The version that it replaced is quarantined, and the next one goes back from here.
  expect(await deploy(siteRelease("c"), it.target)).toMatchObject({ verdict: Verdict.Refused })
})

it("lists a forgotten release that is kept as usable, and plans it", async () => {
  await using it = await forgetful({ keeps: "bc" })

  expect((await releases(it.target)).map(({ commit, usable, reason }) => [commit[0], usable, reason])).toEqual([
    ["c", false, "it is live"],
    ["b", true, ""],
    ["a", false, "the host no longer has it"],
  ])
  expect(planText(await plannedRollback(it.target, { to: "", reason: "bad" }))).toContain(
    "checked  the host has forgotten it and ghcr.io/acme/book-site keeps it, it is not quarantined",
  )
})

it("refuses a release that neither has, before anything changes", async () => {
  await using it = await forgetful({ keeps: "bc" })

  expect(await rollback(it.target, { to: commit("a"), reason: "bad" })).toMatchObject({
    verdict: Verdict.Refused,
    reason:
      "the host no longer has it; old versions are deleted after some time; ghcr.io/acme/book-site does not have it either",
    liveCommit: commit("c"),
  })
})

it("leaves what is live when the kept site is not verified, and opens no entry", async () => {
  await using it = await forgetful({ keeps: "c" })
  it.store.push(commit("b"), { "org.opencontainers.image.revision": commit("b") })

  const back = await rollback(it.target, { to: "", reason: "bad" })

  expect(back).toMatchObject({ verdict: Verdict.Failed, liveCommit: commit("c") })
  expect(back.failed).toMatch(/^ghcr\.io\/acme\/book-site@sha256:\w+ is not verified as a site of this project\.$/)
  expect((await it.target.ledger.list("frontend", "staging"))[0]).toMatchObject({ purpose: "deploy" })
})

it("leaves what is live when the release made anew is not healthy beside it", async () => {
  await using it = await forgetful({ keeps: "c" })
  await keep(it.target.archive, { commit: commit("b"), artifact: siteRelease("b", { title: "Another site" }).artifact })

  const back = await rollback(it.target, { to: "", reason: "bad" })

  expect(back).toMatchObject({
    verdict: Verdict.Failed,
    liveCommit: commit("c"),
    failed: "The earlier release is unhealthy.",
  })
  expect(await it.visible()).toContain(commit("c"))
})
