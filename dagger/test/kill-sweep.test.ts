import { type ChildProcess, spawn } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { build } from "esbuild"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Deployment, deploy, Half } from "../src/deployment.js"
import { orphans } from "../src/ledger.js"
import { Verdict } from "../src/verdict.js"
import { huggingFace, type SpaceImage } from "../stand-ins/hugging-face.js"
import { netlify } from "../stand-ins/netlify.js"
import type { StandIn } from "../stand-ins/server.js"
import { type Behaviour, commit, imageRelease, runner, siteRelease } from "./support/app.js"
import type { Errand } from "./support/deployer.js"
import { fastClock } from "./support/fast-clock.js"
import { placesIn } from "./support/places.js"
import { backend, frontend } from "./support/targets.js"

let scratch = ""
let program = ""
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "kill-sweep-"))
  program = join(scratch, "deployer.mjs")
  // Bundled once: a child starts in a fifth of the time that it takes to compile.
  await build({
    entryPoints: [join(import.meta.dirname, "support/deployer.ts")],
    outfile: program,
    bundle: true,
    platform: "node",
    format: "esm",
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  })
})
afterAll(() => rm(scratch, { recursive: true, force: true }))

/** An environment in which version "a" is live, and what can be seen of it from outside. */
interface World extends AsyncDisposable {
  half: Half
  provider: StandIn
  folder: string
  deploy(letter: string): Promise<Deployment>
  /** Letter of the version that visitors get, wholly; throws when an answer fails or two versions are mixed. */
  live(): Promise<string>
  /** How many versions were put beside or on the host for `letter`. */
  made(letter: string): number
  ledger: ReturnType<typeof placesIn>["ledger"]
}

const degraded: Behaviour = () => ({
  json: { status: "degraded", commit: commit("b"), dependencies: { database: "ok" } },
})

async function world(half: Half, special = {}): Promise<World> {
  const folder = await mkdtemp(join(scratch, "world-"))
  const clock = fastClock(new Date().toISOString())
  const kept = placesIn(folder, clock)
  const letterOf = (text: unknown) => String(text).slice(0, 1)
  if (half === Half.Backend) {
    const run = runner(special)
    // A build takes as long as it is asked after: a second call still finds the first one's on its way.
    let over = false
    const asked = () => hub.log.filter(({ path }) => path.endsWith("/runtime")).length
    const slowly = async (image: SpaceImage) => {
      const until = asked() + 6
      while (asked() < until && !over) await new Promise((wake) => setTimeout(wake, 1))
      return run(image)
    }
    const hub = await huggingFace({ spaces: ["owner/book"], run: slowly, stalePolls: 3 })
    const it: World = {
      half,
      provider: hub,
      folder,
      ledger: kept.ledger,
      deploy: (letter) => deploy(imageRelease(letter), { ...backend(hub, { clock }), ...kept }),
      live: async () => {
        const answer = await fetch(`${hub.spaceUrl("owner/book")}/health`)
        if (answer.status !== 200) throw new Error(`the Space answered ${answer.status}`)
        return letterOf(((await answer.json()) as { commit: string }).commit)
      },
      made: (letter) => hub.commits("owner/book").filter(({ title }) => title === `Deploy ${commit(letter)}`).length,
      [Symbol.asyncDispose]: () => {
        over = true
        return hub.close()
      },
    }
    await it.deploy("a")
    return it
  }
  const api = await netlify({ sites: ["book"] })
  const it: World = {
    half,
    provider: api,
    folder,
    ledger: kept.ledger,
    deploy: (letter) =>
      deploy(siteRelease(letter, { body: `<b>${letter}</b>` }), { ...frontend(api, { clock }), ...kept }),
    live: async () => {
      const pages = await Promise.all(
        ["/version.json", "/", "/about/", "/config.json"].map((path) => fetch(api.siteUrl("book") + path)),
      )
      if (pages.some(({ status }) => status !== 200)) throw new Error("a page of the site does not answer")
      const [version, home] = await Promise.all(pages.map((page) => page.text()))
      const [told, shown] = [letterOf(JSON.parse(version ?? "").commit), /<b>(.)<\/b>/.exec(home ?? "")?.[1]]
      if (told !== shown) throw new Error(`the site is a mix of ${told} and ${shown}`)
      return told
    },
    made: (letter) => api.deploys("book").filter(({ title }) => title.includes(commit(letter))).length,
    [Symbol.asyncDispose]: () => api.close(),
  }
  await it.deploy("a")
  return it
}

/** Runs version "b"'s deployment in a child; resolves with the journal points it passed, and whether it was killed. */
function child({ half, provider, folder }: World, killAt = "", started: (child: ChildProcess) => void = () => {}) {
  return new Promise<{ points: string[]; verdict: string; killed: boolean }>((done, failed) => {
    const errand: Errand = { half, provider: provider.url, letter: "b", folder, killAt }
    const running = spawn(process.execPath, [program, JSON.stringify(errand)], { stdio: ["ignore", "pipe", "inherit"] })
    started(running)
    let said = ""
    running.stdout.on("data", (text) => {
      said += text
    })
    running.on("error", failed)
    running.on("close", (code, signal) => {
      const lines = said.split("\n").filter(Boolean)
      const verdict = lines.find((line) => line.startsWith("verdict: "))?.slice(9) ?? ""
      if (signal !== "SIGKILL" && verdict === "") failed(new Error(`the deployer ended with ${code}`))
      else
        done({ points: lines.filter((line) => !line.startsWith("verdict: ")), verdict, killed: signal === "SIGKILL" })
    })
  })
}

/** Four at once: more only wait for the processors. */
async function eachOf<Item>(items: Item[], act: (item: Item) => Promise<void>): Promise<void> {
  const left = [...items]
  const next = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await act(item)
  }
  await Promise.all(Array.from({ length: 4 }, next))
}

/** What must hold after a kill, after the same call again, and after that call once more. */
async function mustConverge(it: World, at: string): Promise<void> {
  expect(await it.live(), `live after a kill ${at}`).toMatch(/^[ab]$/)
  const again = await it.deploy("b")
  expect(
    [Verdict.Success, Verdict.NoChange],
    `the same call after a kill ${at}: ${again.failed} ${again.reason}`,
  ).toContain(again.verdict)
  expect(await it.live(), `live after a kill ${at} and the same call`).toBe("b")
  expect(it.made("b"), `versions made after a kill ${at}`).toBe(1)
  const writes = it.provider.writes().length
  expect((await it.deploy("b")).verdict, `a third call after a kill ${at}`).toBe(Verdict.NoChange)
  expect(it.provider.writes(), `writes of a third call after a kill ${at}`).toHaveLength(writes)
  const attempts = await it.ledger.list(it.half, "staging")
  expect(orphans(attempts), `entries left open after a kill ${at}`).toEqual([])
  expect(
    attempts.filter((each) => each.commit === commit("b") && each.verdict === Verdict.Success),
    `the ledger after a kill ${at}`,
  ).toHaveLength(1)
}

describe.each([Half.Frontend, Half.Backend])("a deployment of the %s that is killed", (half) => {
  it("at any point of its journal leaves old or new, and the same call again converges", async () => {
    await using whole = await world(half)
    const { points, verdict } = await child(whole)
    expect(verdict).toBe(Verdict.Success)

    await eachOf(points, async (point) => {
      await using it = await world(half)
      expect((await child(it, point)).killed, `killed ${point}`).toBe(true)
      await mustConverge(it, point)
    })
    console.log(`kill sweep, ${half}: ${points.length} journal points`)
  }, 60_000)

  it("before or after the effect of any request that changes something converges as well", async () => {
    await using whole = await world(half)
    const before = whole.provider.writes().length
    await child(whole)
    const writes = whole.provider.writes().length - before
    const cases = Array.from({ length: writes }, (_, n) => [
      { nth: n + 1, when: "before" },
      { nth: n + 1, when: "after" },
    ]).flat()

    await eachOf(cases, async ({ nth, when }) => {
      await using it = await world(half)
      let seen = 0
      const dead = child(it, "", (running) => {
        it.provider.onRequest = async (now, request) => {
          if (request.startsWith("GET ") || now !== when || ++seen !== nth) return
          running.kill("SIGKILL")
          await new Promise((gone) => running.once("exit", gone))
        }
      })
      expect((await dead).killed, `killed ${when} write ${nth}`).toBe(true)
      delete it.provider.onRequest
      await mustConverge(it, `${when} write ${nth}`)
    })
    console.log(`kill sweep, ${half}: ${cases.length} points around ${writes} writes`)
  }, 60_000)
})

it("a bad backend that is killed at any point of its journal ends with the old version live", async () => {
  await using whole = await world(Half.Backend, { b: degraded })
  const { points, verdict } = await child(whole)
  expect(verdict).toBe(Verdict.RolledBack)

  await eachOf(points, async (point) => {
    await using it = await world(Half.Backend, { b: degraded })
    await child(it, point)
    expect(await it.live(), `live after a kill ${point}`).toMatch(/^[ab]$/)
    const again = await it.deploy("b")
    expect(
      [Verdict.RolledBack, Verdict.Refused],
      `the same call after a kill ${point}: ${again.failed} ${again.reason}`,
    ).toContain(again.verdict)
    expect(await it.live(), `live after a kill ${point} and the same call`).toBe("a")
    expect((await it.deploy("b")).verdict).toBe(Verdict.Refused)
    expect(orphans(await it.ledger.list(Half.Backend, "staging"))).toEqual([])
  })
  console.log(`kill sweep, bad backend: ${points.length} journal points`)
}, 60_000)
