import { readFileSync } from "node:fs"
import { expect, it } from "vitest"
import { deploy } from "../../lib/deployment/deployment.js"
import { Verdict } from "../../src/exposed-types.js"
import { huggingFace } from "../../stand-ins/hugging-face.js"
import { netlify } from "../../stand-ins/netlify.js"
import { imageRelease, runner, siteRelease } from "../support/app.js"
import { backend, frontend } from "../support/targets.js"

const [old, made] = ["nfp_old-of-90-days", "nfp_new-of-today"]
const [oldOfHub, madeOfHub] = ["hf_old-of-90-days", "hf_new-of-today"]

// The four steps of "Replace one" in docs/deployment/secrets.md.
it("a site's token is replaced while both are valid: the new one reads, the old one ends, the new one deploys", async () => {
  await using api = await netlify({ sites: ["book"], token: old })
  await deploy(siteRelease("a"), frontend(api, { token: old }))
  api.take(old, made)
  const writes = api.writes().length

  const used = await deploy(siteRelease("a"), frontend(api, { token: made }))
  const written = api.writes().length - writes
  api.take(made)
  const revoked = await deploy(siteRelease("b"), frontend(api, { token: old }))
  const next = await deploy(siteRelease("b"), frontend(api, { token: made }))

  expect([used.verdict, written]).toEqual([Verdict.NoChange, 0])
  expect(revoked.verdict).toBe(Verdict.Failed)
  expect(revoked.next).toContain("the token is missing, wrong or expired")
  expect(JSON.stringify(revoked)).not.toContain(old)
  expect(next.verdict).toBe(Verdict.Success)
})

it("a Space's token is replaced in the same way", async () => {
  await using hub = await huggingFace({ spaces: ["owner/book"], run: runner(), token: oldOfHub })
  await deploy(imageRelease("a"), backend(hub, { token: oldOfHub }))
  hub.take(oldOfHub, madeOfHub)

  const used = await deploy(imageRelease("a"), backend(hub, { token: madeOfHub }))
  const before = hub.commits("owner/book")
  hub.take(madeOfHub)
  const revoked = await deploy(imageRelease("b"), backend(hub, { token: oldOfHub }))
  const unchanged = hub.commits("owner/book")
  const next = await deploy(imageRelease("b"), backend(hub, { token: madeOfHub }))

  expect(used.verdict).toBe(Verdict.NoChange)
  expect(revoked.verdict).toBe(Verdict.Failed)
  expect(revoked.next).toContain("the token is missing, wrong or expired")
  expect(unchanged).toEqual(before)
  expect(next.verdict).toBe(Verdict.Success)
})

it("the page of secrets says these steps", () => {
  const page = readFileSync("docs/deployment/secrets.md", "utf8")

  expect(/## Replace one\n[\s\S]*?\n\n((?:\d\. [\s\S]*?\n)+)\n/.exec(page)?.[1]?.match(/^\d\. \w+/gm)).toEqual([
    "1. Make",
    "2. Store",
    "3. Use",
    "4. Revoke",
  ])
  expect(page).toContain("It must end `no-change`")
})
