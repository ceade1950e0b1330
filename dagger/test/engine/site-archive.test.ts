import { afterAll, beforeAll, expect, it } from "vitest"
import { type Checkout, checkout } from "./checkout.js"
import { providers, registryFlags, sites } from "./providers.js"

let clone: Checkout
beforeAll(() => {
  clone = checkout()
  clone.plainSite()
})
afterAll(() => clone[Symbol.dispose]())

const flags = ["--github-token=env://GITHUB_TOKEN", "--netlify-token=env://NETLIFY_TOKEN"]
const lastLine = (text: string) => text.trim().split("\n").at(-1)

it("is published once, deployed as it is kept, and served again after Netlify has forgotten it", async () => {
  await using it = await providers(clone)
  const [a, short] = [clone.head(), (commit: string) => commit.slice(0, 7)]
  const call = async (name: string, ...more: string[]) => {
    const called = await it.call(name, more)
    expect(called.code, called.error).toBe(0)
    return called.stdout
  }

  const published = await call("frontend publish", ...registryFlags)
  const again = await call("frontend publish", ...registryFlags)

  expect(published).toMatch(
    new RegExp(`^pushed registry:\\S+-site:${a}\nattached provenance.json\nmoved latest here\n`),
  )
  expect(lastLine(published)).toMatch(/^registry:\S+-site@sha256:[0-9a-f]{64}$/)
  expect(again).toMatch(/^found registry:\S+, pushed nothing\nleft latest: it names this one already\n/)
  expect(lastLine(again)).toBe(lastLine(published))

  const deployed = await call("frontend deploy", ...flags, ...registryFlags, "report")
  expect(deployed).toMatch(/keep the site in the registry .* found registry:\S+-site:\w+, pushed nothing/)
  const first = it.sites.published(sites.staging)

  const b = clone.commit("another", { "frontend/page.html": "<title>Physical AI &amp; Humanoid Robotics</title>two" })
  it.history.commit("another", [a], "staging", b)
  const planned = await call("frontend deploy", ...flags, ...registryFlags, "--plan", "report")
  expect(planned).toMatch(new RegExp(`keep the site in the registry +it would be kept as registry:\\S+-site:${b}`))
  const unkept = await call("frontend deploy", ...flags, "report")
  expect(unkept).toMatch(/keep the site in the registry .* kept nowhere, for there is no --registry-token/)

  it.sites.forget(first)
  const user = ["--registry-user=ana", "--registry-token=env://GITHUB_TOKEN"]
  const back = await call("frontend rollback", ...flags, ...user, ...registryFlags, "--reason=it is empty", "report")
  expect(back).toContain(`frontend of staging: ${short(a)} ended success`)
  expect(back).toMatch(/take the release from the registry .* from registry:\S+-site, verified/)
  // What reverts it pushes there again.
  expect(back).toContain(
    "--registry-user=ana --registry-token=env://REGISTRY_TOKEN frontend deploy --environment=staging",
  )
  expect(it.sites.published(sites.staging)).not.toBe(first)
})

it("is not published without access to the registry", async () => {
  await using it = await providers(clone)

  const refused = await it.call("frontend publish", [])

  expect(refused.code).not.toBe(0)
  expect(refused.error).toContain("registry-token")
})
