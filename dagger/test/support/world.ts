import { mkdtemp } from "node:fs/promises"
import { join } from "node:path"
import { deploy } from "../../lib/deployment/deployment.js"
import type { Ledger } from "../../lib/deployment/ledger.js"
import type { Deployment } from "../../lib/deployment/outcome.js"
import type { Target } from "../../lib/deployment/target.js"
import type { SwitchBy } from "../../lib/providers/netlify/netlify.js"
import { Component } from "../../src/exposed-types.js"
import type { GitHubStandIn } from "../../stand-ins/github.js"
import { type HuggingFaceStandIn, huggingFace, type RunImage } from "../../stand-ins/hugging-face.js"
import { type NetlifyStandIn, netlify } from "../../stand-ins/netlify.js"
import type { StandIn } from "../../stand-ins/server.js"
import { type Behaviour, commit, imageRelease, runner, siteRelease, sourceRelease } from "./app.js"
import { fastClock } from "./fast-clock.js"
import { placesAt, placesIn } from "./places.js"
import { backend, frontend } from "./targets.js"

/** An environment in which version "a" is live, as seen from outside. */
export interface World extends AsyncDisposable {
  component: Component
  /** The stand-in of its provider. */
  provider: StandIn
  netlify: NetlifyStandIn
  hub: HuggingFaceStandIn
  /** The server that visitors talk to. */
  front: StandIn
  folder: string
  /** What the provider's API says is live, as a letter; for scripting faults. */
  serving(): string
  deploy(letter: string, more?: Partial<Target<never>>): Promise<Deployment>
  /** Deploys the site of one version under the name of another. */
  deploySite(letter: string, extra: object): Promise<Deployment>
  target: Target<never>
  /** Letter of the version that visitors get; "-" when nothing is served; throws when two versions are mixed. */
  live(): Promise<string>
  /** How many times `letter` was sent to the host. */
  made(letter: string): number
  ledger: Ledger
}

export interface WorldOptions {
  special?: Record<string, Behaviour | { exits: string }>
  run?: (usual: RunImage) => RunImage
  /** Without it version "a" is deployed first. */
  empty?: boolean
  stalePolls?: number
  /** How the site switches; "restore" unless given. */
  switchBy?: SwitchBy
  /** The Space builds the files instead of pulling the image. */
  source?: boolean
  /** Lock and ledger at a GitHub stand-in instead of files. */
  github?: GitHubStandIn
}

const letterOf = (text: unknown) => String(text).slice(0, 1)

export async function world(component: Component, scratch: string, options: WorldOptions = {}): Promise<World> {
  const folder = await mkdtemp(join(scratch, "world-"))
  const it = component === Component.Backend ? await space(folder, options) : await site(folder, options)
  if (!options.empty) await it.deploy("a")
  return it
}

async function space(
  folder: string,
  { special = {}, run = (usual) => usual, stalePolls = 3, source = false }: WorldOptions,
): Promise<World> {
  const clock = fastClock(new Date().toISOString())
  const kept = placesIn(folder, clock)
  // A build lasts a number of requests: a second call still finds the first one's running.
  let over = false
  const asked = () =>
    hub.log.filter(({ path }) => path.endsWith("/runtime")).length + hub.front("owner/book").log.length
  const usual = run(runner(special))
  const slowly: RunImage = async (image) => {
    const until = asked() + 6
    while (asked() < until && !over) await new Promise((wake) => setTimeout(wake, 1))
    return usual(image)
  }
  const hub = await huggingFace({ spaces: ["owner/book"], run: slowly, stalePolls })
  const target = { ...backend(hub, { clock, source }), ...kept }
  const release = source ? sourceRelease : imageRelease
  return {
    component: Component.Backend,
    provider: hub,
    netlify: undefined as never,
    hub,
    front: hub.front("owner/book"),
    folder,
    ledger: kept.ledger,
    target: target as Target<never>,
    serving: () => letterOf(hub.commits("owner/book")[0]?.title.replace(/^(Deploy|Restore) /, "")),
    deploy: (letter, more = {}) => deploy(release(letter), { ...target, ...(more as object) }),
    deploySite: () => Promise.reject(new Error("a Space has no site")),
    live: async () => {
      const answer = await fetch(`${hub.spaceUrl("owner/book")}/health`)
      if (answer.status !== 200) return "-"
      return letterOf(((await answer.json()) as { commit: string }).commit)
    },
    made: (letter) =>
      hub.commits("owner/book").filter(({ title }) => title.startsWith(`Deploy ${commit(letter)}`)).length,
    [Symbol.asyncDispose]: () => {
      over = true
      return hub.close()
    },
  }
}

async function site(folder: string, { github, switchBy = "restore" }: WorldOptions): Promise<World> {
  const clock = fastClock(new Date().toISOString())
  const kept = github ? placesAt(github.url, clock) : placesIn(folder, clock)
  const api = await netlify({ sites: ["book"] })
  const target = { ...frontend(api, { clock, switchBy }), ...kept }
  return {
    component: Component.Frontend,
    provider: api,
    netlify: api,
    hub: undefined as never,
    front: api.front("book"),
    folder,
    ledger: kept.ledger,
    target: target as Target<never>,
    serving: () =>
      letterOf(
        api
          .deploys("book")
          .find(({ id }) => id === api.published("book"))
          ?.title.replace("deploy ", ""),
      ),
    deploy: (letter, more = {}) =>
      deploy(siteRelease(letter, { body: `<b>${letter}</b>` }), { ...target, ...(more as object) }),
    deploySite: (letter, extra) => deploy({ ...siteRelease(letter), ...extra }, target),
    live: async () => {
      const paths = ["/version.json", "/", "/about/", "/config.json"]
      const pages = await Promise.all(paths.map((path) => fetch(api.siteUrl("book") + path)))
      if (pages.every(({ status }) => status !== 200)) return "-"
      if (pages.some(({ status }) => status !== 200)) throw new Error("a page of the site does not answer")
      const [version, home] = await Promise.all(pages.map((page) => page.text()))
      const [answered, shown] = [letterOf(JSON.parse(version ?? "").commit), /<b>(.)<\/b>/.exec(home ?? "")?.[1]]
      if (answered !== shown) throw new Error(`the site is a mix of ${answered} and ${shown}`)
      return answered
    },
    made: (letter) => api.deploys("book").filter(({ title }) => title.includes(commit(letter))).length,
    [Symbol.asyncDispose]: () => api.close(),
  }
}
