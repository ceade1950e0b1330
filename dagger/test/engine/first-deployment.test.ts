import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, it } from "vitest"
import { readCommentedJson } from "../../lib/settings/commented-json.js"
import { type GitHubStandIn, gitHub } from "../../stand-ins/github.js"
import { type HuggingFaceStandIn, huggingFace } from "../../stand-ins/hugging-face.js"
import { type NetlifyStandIn, netlify } from "../../stand-ins/netlify.js"
import { blocksOf, filledIn, placeholdersOf, unseen } from "../support/followed-page.js"
import { hostAddress, repository, run } from "./dagger.js"
import { ghIn } from "./gh.js"
import { gitServer } from "./git-server.js"
import { answering, imageRepository, registryFlags, scannerFlags, tokens } from "./providers.js"
import { daggerIn, shellIn } from "./reader.js"
import { teaShop } from "./tea-shop.js"

const page = readFileSync(join(repository, "docs/deployment/first-deployment.md"), "utf8")
const netlifySites = { staging: "tea-staging", production: "tea" }
const spaces = { staging: "acme/tea-staging", production: "acme/tea" }

/** What a reader writes into the settings that `init` made; and where the stand-ins answer, in place of the public addresses. */
function corrected(
  text: string,
  backend: object,
  sites: NetlifyStandIn,
  hub: HuggingFaceStandIn,
  history: GitHubStandIn,
) {
  const own = readCommentedJson(text) as {
    environments: Record<keyof typeof spaces, { frontend: object; backend: object }>
  }
  const environments = Object.fromEntries(
    (["staging", "production"] as const).map((name) => {
      const place = own.environments[name]
      const url = sites.siteUrl(netlifySites[name])
      const filled = JSON.parse(filledIn(JSON.stringify(backend), { "https://SITE.netlify.app": url })) as object
      return [
        name,
        {
          ...place,
          frontend: { ...place.frontend, url },
          backend: { ...place.backend, ...filled, url: hub.spaceUrl(spaces[name]) },
        },
      ]
    }),
  )
  return JSON.stringify({
    ...own,
    image: { repository: imageRepository },
    providers: { netlify: sites.url, huggingFace: hub.url, gitHub: history.url },
    probe: { times: 2, seconds: 20, wakeUpSeconds: 10, firstPauseMilliseconds: 50, slowestPauseMilliseconds: 500 },
    environments,
  })
}

/** GitHub has what was pushed: branches of the bare repository that stands in for its Git. */
function pushed(bare: string, history: GitHubStandIn): void {
  const git = (...words: string[]) => execFileSync("git", ["-C", bare, ...words], { encoding: "utf8" }).trim()
  for (const branch of ["main", "staging"]) {
    const [sha = ""] = git("for-each-ref", "--format=%(objectname)", `refs/heads/${branch}`).split("\n")
    if (sha && history.ref(`refs/heads/${branch}`) !== sha) history.commit("pushed", [], branch, sha)
  }
}

it("a reader of the page gets from nothing to production, command by command, and sees what it says", async () => {
  const query = '{container{from(address:"node:24-slim"){withExec(args:["true"]){sync}}}}'
  await run(["query", "-M", "--silent"], tmpdir(), {}, query)
  const address = hostAddress()
  const home = mkdtempSync(join(tmpdir(), "reader-"))
  await using module = await gitServer("v0.1.0")
  await using sites = await netlify({ sites: Object.values(netlifySites), token: tokens.NETLIFY_TOKEN, address })
  await using hub = await huggingFace({
    spaces: Object.values(spaces),
    token: tokens.HF_TOKEN,
    run: answering(address, () => ({ json: { status: "ok" } })),
    address,
  })
  await using history = await gitHub({ repository: "acme/tea", token: tokens.GITHUB_TOKEN, address })
  using shop = teaShop()
  // GitHub's Git, under the address that the reader's clone has.
  const bare = join(home, "tea.git")
  execFileSync("git", ["init", "--quiet", "--bare", bare])
  shop.git("config", `url.${bare}.insteadOf`, "https://github.com/acme/tea.git")
  daggerIn(home, [...registryFlags, ...scannerFlags])
  const gh = ghIn(home, tokens.GITHUB_TOKEN)
  const type = shellIn(shop.path, home)
  const values: Record<string, string> = { "github.com/OWNER/REPOSITORY@VERSION": module.module, me: "ana" }
  expect(placeholdersOf(page)).toEqual([...Object.keys(values), "https://SITE.netlify.app"])
  const settings = join(shop.path, "delivery.json")

  for (const block of blocksOf(page)) {
    if (block.language === "json") {
      const backend = JSON.parse(block.text) as object
      writeFileSync(settings, corrected(readFileSync(settings, "utf8"), backend, sites, hub, history))
      continue
    }
    // What `read` asks for, in the page's order.
    const answers = [...block.text.matchAll(/^read -rsp "[^"]+" ((?:NETLIFY|HF)_TOKEN)/gm)].map(
      ([, name]) => tokens[name as keyof typeof tokens],
    )
    const { status, stdout, stderr } = await type(
      { ...block, text: filledIn(block.text, values) },
      `${answers.join("\n")}\n`,
    )
    expect(status, `${block.heading}:\n${stdout}\n${stderr}`).toBe(0)
    expect(unseen(block.seen, stdout), `${block.heading}:\n${stdout}`).toBe(undefined)
    gh.tell(history)
    pushed(bare, history)
  }

  const commit = shop.git("rev-parse", "HEAD")
  for (const name of ["staging", "production"] as const) {
    expect(await (await fetch(`${sites.siteUrl(netlifySites[name])}/green.html`)).text()).toContain("Green tea")
    expect(await (await fetch(`${sites.siteUrl(netlifySites[name])}/version.json`)).json()).toMatchObject({ commit })
    expect(hub.variables(spaces[name])).toMatchObject({ CORS_ORIGINS: sites.siteUrl(netlifySites[name]) })
  }
  expect(hub.dockerfile(spaces.production)).toBe(hub.dockerfile(spaces.staging))
  // Nothing was left lying about that git would take.
  expect(shop.git("status", "--porcelain")).toBe("")
  rmSync(home, { recursive: true })
})
