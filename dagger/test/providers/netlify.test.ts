import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { expect, it } from "vitest"
import { aliasOf, NetlifyHost } from "../../lib/providers/netlify/netlify.js"
import { netlify } from "../../stand-ins/netlify.js"
import { commit, site, siteRelease } from "../support/app.js"
import { fastClock } from "../support/fast-clock.js"
import { shortWaits } from "../support/short-waits.js"
import { frontend } from "../support/targets.js"

const uploads = (log: { method: string; path: string }[]) =>
  log.filter(({ method }) => method === "PUT").map(({ path }) => path.split("/files/")[1])

it("uploads each content once and only what Netlify does not have yet", async () => {
  await using api = await netlify({ sites: ["book"] })
  const files = site("a").set("copy/index.html", site("a").get("index.html") as Uint8Array)
  const { host } = frontend(api)

  await host.place({ commit: commit("a"), version: "a", artifact: files })
  expect(uploads(api.log).sort()).toEqual([
    "about/index.html",
    "config.json",
    expect.stringMatching(/index.html/),
    "version.json",
  ])

  api.log.length = 0
  await host.place({
    commit: commit("b"),
    version: "b",
    artifact: new Map(files).set("version.json", Buffer.from("{}")),
  })
  expect(uploads(api.log)).toEqual(["version.json"])
})

it("adds the configuration file that the settings name, the only file that differs between environments", async () => {
  await using api = await netlify({ sites: ["book", "book-live"] })
  const staging = await frontend(api).host.place(siteRelease("a"))
  const production = await frontend(api, { site: "book-live", environment: "production" }).host.place(siteRelease("a"))
  const read = async (url: string | undefined) => (await fetch(`${url}/config.json`)).json()

  expect(await read(staging?.url)).toEqual({ environment: "staging", apiUrl: "https://api.example" })
  expect(await read(production?.url)).toEqual({ environment: "production", apiUrl: "https://api.example" })
  expect(uploads(api.log).filter((path) => path !== "config.json")).toHaveLength(3)
})

it("leaves a site's own config.json as it was built, and adds none, where the settings name no such file", async () => {
  await using api = await netlify({ sites: ["book", "bare"] })
  const own = Buffer.from('{ "theme": "dark" }\n')
  const artifact = new Map([...site("a"), ["config.json", own]])

  const brought = await frontend(api, { configFile: "" }).host.place({ ...siteRelease("a"), artifact })
  const bare = await frontend(api, { configFile: "", site: "bare" }).host.place(siteRelease("a"))

  expect(await (await fetch(`${brought?.url}/config.json`)).text()).toBe(own.toString())
  expect((await fetch(`${bare?.url}/config.json`)).status).toBe(404)
})

it("uploads files of a folder whose names an address has to quote, empty ones, hidden ones and long ones, byte by byte", async () => {
  await using api = await netlify({ sites: ["book"] })
  const names = [
    "100%.html",
    "50%25 off.html",
    "a b&c=d+e;f,g.html",
    "caf\u00e9.html",
    "[slug]/index.html",
    ".well-known/assetlinks.json",
    ".nojekyll",
    "node_modules/font/font.woff2",
    "empty.txt",
  ]
  const folder = await mkdtemp(join(tmpdir(), "odd-"))
  const contents = new Map(names.map((name) => [name, name === "empty.txt" ? "" : `content of ${name}`]))
  contents.set("long.bin", "0123456789abcdef".repeat(200_000))
  for (const [name, text] of contents) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }

  const { host } = frontend(api, { configFile: "" })
  const placed = await host.place({ ...siteRelease("a"), artifact: folder })

  for (const [name, text] of contents) {
    const address = `${placed?.url}/${name.split("/").map(encodeURIComponent).join("/")}`
    expect(await (await fetch(address)).text(), name).toBe(text)
  }
  await rm(folder, { recursive: true })
})

it("finds the deploy of an earlier, interrupted call instead of making a second one", async () => {
  await using api = await netlify({ sites: ["book"] })
  const first = await frontend(api).host.place(siteRelease("a"))
  const second = await frontend(api).host.place(siteRelease("a"))

  expect(second).toEqual(first)
  expect(api.deploys("book")).toHaveLength(1)
})

it("makes one deploy although the answer to its creation is lost", async () => {
  await using api = await netlify({ sites: ["book"] })
  using _hurry = shortWaits()
  api.fail({ on: /POST .*\/deploys$/, kind: "lost reply" })

  await frontend(api).host.place(siteRelease("a"))

  expect(api.deploys("book")).toHaveLength(1)
})

it("repeats an upload after a lost answer, a 502 and a reset", async () => {
  await using api = await netlify({ sites: ["book"] })
  using _hurry = shortWaits()
  api.fail({ on: /PUT .*version.json/, kind: "lost reply" })
  api.fail({ on: /PUT .*about/, kind: "status", status: 502 })
  api.fail({ on: /PUT .*config/, kind: "reset" })

  const candidate = await frontend(api).host.place(siteRelease("a"))

  expect((await fetch(`${candidate?.url}/about/`)).status).toBe(200)
})

it("waits until the rate limit resets, then creates", async () => {
  await using api = await netlify({ sites: ["book"], createsPerMinute: 3 })
  using _hurry = shortWaits()
  const soon = String(Math.floor(Date.now() / 1000) + 1)
  api.fail({ on: /POST .*\/deploys$/, kind: "status", status: 429, headers: { "x-ratelimit-reset": soon } })

  await frontend(api).host.place(siteRelease("a"))

  expect(api.deploys("book")).toHaveLength(1)
})

it("sends a large site's list in the background and reads a folder", async () => {
  await using api = await netlify({ sites: ["book"] })
  const folder = await mkdtemp(join(tmpdir(), "site-"))
  await mkdir(join(folder, "pages"))
  for (let n = 0; n < 120; n++) await writeFile(join(folder, "pages", `${n} $& é.html`), `page ${n}`)

  const candidate = await frontend(api).host.place({ commit: commit("a"), version: "a", artifact: folder })

  expect(await (await fetch(`${candidate?.url}/pages/${encodeURIComponent("7 $& é.html")}`)).text()).toBe("page 7")
  await rm(folder, { recursive: true })
})

it("says what Netlify said when a deploy cannot be processed", async () => {
  await using api = await netlify({ sites: ["book"] })
  api.breakNextDeploy("Headers rule 3 is invalid")

  await expect(frontend(api).host.place(siteRelease("a"))).rejects.toThrowError(
    /^Netlify could not process deploy [0-9a-f]{24} of book.netlify.app.\n {2}why: Headers rule 3 is invalid\n {2}next: open the deploy at Netlify for its log, then deploy again$/,
  )
})

it("brings an earlier deploy back, and moves nothing when it is live", async () => {
  await using api = await netlify({ sites: ["book"] })
  const { host } = frontend(api)
  const first = await host.publish(siteRelease("a"), await host.place(siteRelease("a")))
  await host.publish(siteRelease("b"), await host.place(siteRelease("b")))

  expect(await host.restore(first)).toMatchObject({ moved: true, live: { id: first.id, commit: commit("a") } })
  expect(await host.restore(first)).toMatchObject({ moved: false })
  expect(api.published("book")).toBe(first.id)
})

it("refuses to restore a deploy that Netlify has removed", async () => {
  await using api = await netlify({ sites: ["book"] })
  const { host } = frontend(api)
  await host.publish(siteRelease("a"), await host.place(siteRelease("a")))

  await expect(
    host.restore({ id: "0123", commit: "", url: "", locked: false }),
  ).rejects.toThrowErrorMatchingInlineSnapshot(`
    [PipelineError: deploy 0123 cannot be restored.
      why: Netlify no longer has it; old versions are deleted after some time
      next: choose a newer release, or deploy that commit again]
  `)
})

it("tells a wrong token from a wrong site, and shows the token nowhere", async () => {
  await using api = await netlify({ sites: ["book"], token: "nfp_right" })
  const wrong = await frontend(api, { token: "nfp_wrong" })
    .host.live()
    .catch((failure: Error) => failure)
  expect(wrong).toMatchInlineSnapshot(`
    [PipelineError: Netlify refused a request.
      why: getSite was answered 401: Access Denied
      next: the token is missing, wrong or expired: make a new one and store it where the call reads it]
  `)
  expect(JSON.stringify(wrong)).not.toContain("nfp_wrong")
  await expect(
    frontend(api, { site: "other", token: "nfp_right" }).host.live(),
  ).rejects.toThrowErrorMatchingInlineSnapshot(`
    [PipelineError: Netlify refused a request.
      why: getSite was answered 404: Not Found
      next: check the name in the settings; a private one also answers 404 to a token that may not see it]
  `)
})

it("refuses a file name that Netlify does not take, before anything is sent", async () => {
  await using api = await netlify({ sites: ["book"] })
  await expect(
    frontend(api).host.place({ commit: commit("a"), version: "a", artifact: new Map([["c#.html", Buffer.from("")]]) }),
  ).rejects.toThrowErrorMatchingInlineSnapshot(`
    [PipelineError: The file "c#.html" cannot be deployed to Netlify.
      why: Netlify allows no # and no ? in file names
      next: rename the file]
  `)
  expect(api.writes()).toEqual([])
})

it("gives up with the state when processing takes too long", async () => {
  await using api = await netlify({ sites: ["book"], pollsPerState: 1000 })
  const settings = {
    site: "book",
    token: "t",
    environment: "staging",
    apiUrl: "",
    configFile: "",
    api: api.url,
    seconds: 20,
  }
  await expect(new NetlifyHost(settings, fastClock()).place(siteRelease("a"))).rejects.toThrowError(
    /after 20 s its state is still "uploaded"/,
  )
})

it("can also rest locked, and switch by unlocking for a moment", async () => {
  await using api = await netlify({ sites: ["book"] })
  const host = new NetlifyHost(settings(api.url), fastClock(), { switchBy: "lock" })
  const first = await host.publish(siteRelease("a"), await host.place(siteRelease("a")))
  const candidate = await host.place(siteRelease("b"))
  expect(api.published("book")).toBe(first.id)

  expect(await host.publish(siteRelease("b"), candidate)).toMatchObject({ commit: commit("b"), locked: false })

  expect(await host.restore(first)).toMatchObject({ moved: true, live: { commit: commit("a") } })
  expect(api.deploys("book").map(({ draft }) => draft)).toEqual([false, false])
  await expect(frontend(api).host.publish(siteRelease("b"), candidate)).rejects.toThrow(/is locked/)
})

it.each([
  ["staging", "staging"],
  ["Feature/Süß_Chat", "feature-s-chat"],
  ["a".repeat(60), "a".repeat(37)],
])("makes an alias that Netlify takes of the branch %s", (branch, alias) => {
  expect(aliasOf(branch)).toBe(alias)
})

it("hands out what it publishes, so that production gets the very same files", async () => {
  await using api = await netlify({ sites: ["book"] })
  const host = new NetlifyHost(settings(api.url), fastClock())
  await host.publish(siteRelease("a"), await host.place(siteRelease("a")))

  const files = await host.published()

  expect([...files.keys()].sort()).toEqual([...site("a").keys()].sort())
  expect(Buffer.from(files.get("version.json") ?? "").toString()).toBe(
    Buffer.from(site("a").get("version.json") ?? "").toString(),
  )
})

it("refuses to hand out a site with rules that Netlify applies and serves to nobody, before it fetches anything", async () => {
  await using api = await netlify({ sites: ["book"] })
  const host = new NetlifyHost(settings(api.url), fastClock())
  const artifact = new Map([...site("a"), ["_redirects", Buffer.from("/old /new 301\n")]])
  const release = { ...siteRelease("a"), artifact }
  await host.publish(release, await host.place(release))

  await expect(host.published()).rejects.toThrowErrorMatchingInlineSnapshot(`
    [PipelineError: The files of book can't be promoted.
      why: no registry keeps them, and what is live there can't be fetched as it was uploaded: Netlify applies _redirects, and serves it to nobody
      next: deploy the commit there again with --registry-token, which keeps the very files in the registry, then promote it]
  `)
})

it("finds the deploy of an interrupted call behind the deploys of others, in pages of two", async () => {
  await using api = await netlify({ sites: ["book"], pageSize: 2 })
  const first = await frontend(api).host.place(siteRelease("a"))
  for (const letter of ["b", "c", "d", "e"]) await frontend(api).host.place(siteRelease(letter))

  expect(await frontend(api).host.place(siteRelease("a"))).toEqual(first)
  expect(api.deploys("book")).toHaveLength(5)
})

it("says that a site has another name now", async () => {
  await using api = await netlify({ sites: ["book"] })
  const { host } = frontend(api)
  await host.publish(siteRelease("a"), await host.place(siteRelease("a")))
  expect(host.notes?.()).toEqual([])
  api.rename("book", "guide")

  expect(await host.live()).toMatchObject({ commit: commit("a") })
  expect(host.notes?.()).toEqual([
    "The site book.netlify.app is named guide.netlify.app now: write the new name in the settings, for the old one may be given to another site",
  ])
})

const settings = (api: string) => ({
  site: "book",
  token: "t",
  environment: "staging",
  apiUrl: "",
  configFile: "config.json",
  api,
  seconds: 60,
})
