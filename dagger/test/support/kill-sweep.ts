import { type ChildProcess, spawn } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { build } from "esbuild"
import { afterAll, beforeAll, expect } from "vitest"
import { orphans } from "../../lib/deployment/ledger.js"
import { Verdict } from "../../src/exposed-types.js"
import type { StandIn } from "../../stand-ins/server.js"
import { commit } from "./app.js"
import type { Operation } from "./deployer.js"
import type { World } from "./world.js"

/** A folder for all that a sweep writes; created before the first test of the file, removed after the last. */
export const scratch = () => folder
let folder = ""
let program = ""

/** Call once in each file that runs children. */
export function prepareChildren(): void {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "kill-sweep-"))
    program = join(folder, "deployer.mjs")
    // Bundled once: a child starts in a fifth of the time that it takes to compile.
    await build({
      entryPoints: [join(import.meta.dirname, "deployer.ts")],
      outfile: program,
      bundle: true,
      platform: "node",
      format: "esm",
      banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    })
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))
}

/** What a child does instead of a deployment of one component. */
export type ChildOptions = Partial<Pick<Operation, "rollBack" | "github" | "switchBy" | "other" | "source">>

/** Runs version "b"'s deployment in a child; resolves with the steps it passed, and whether it was killed. */
export function child(
  { component, provider, folder: kept }: Pick<World, "component" | "provider" | "folder">,
  killAt = "",
  {
    rollBack = "",
    github = "",
    switchBy = "restore",
    other = "",
    source = false,
    started = () => {},
  }: ChildOptions & { started?: (child: ChildProcess) => void } = {},
) {
  return new Promise<{ points: string[]; verdict: string; killed: boolean }>((done, failed) => {
    const operation: Operation = {
      component,
      provider: provider.url,
      letter: "b",
      folder: kept,
      killAt,
      rollBack,
      github,
      switchBy,
      other,
      source,
    }
    const running = spawn(process.execPath, [program, JSON.stringify(operation)], {
      stdio: ["ignore", "pipe", "inherit"],
      // What the first child compiled, the others need not.
      env: { ...process.env, NODE_COMPILE_CACHE: join(folder, "compiled") },
    })
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

/**
 * Kills version "b"'s deployment before, and after, the effect of each writing request at a server, and passes what is left to
 * `check`. Returns the number of kills, and the requests.
 */
export async function killAroundWrites(
  prepare: () => Promise<World>,
  { at = ({ provider }: World): StandIn => provider, ...options }: ChildOptions & { at?: (it: World) => StandIn },
  check: (it: World, name: string) => Promise<void>,
): Promise<{ points: number; writes: string[] }> {
  await using whole = await prepare()
  const before = at(whole).writes().length
  expect((await child(whole, "", options)).verdict).toBe(Verdict.Success)
  const writes = at(whole).writes().slice(before)
  const cases = writes.flatMap((_, nth) => ["before", "after"].map((when) => ({ nth: nth + 1, when })))

  await eachOf(cases, async ({ nth, when }) => {
    await using it = await prepare()
    const server = at(it)
    const name = `${when} write ${nth}`
    let seen = 0
    const started = (running: ChildProcess) => {
      server.onRequest = async (now, request) => {
        if (request.startsWith("GET ") || now !== when || ++seen !== nth) return
        running.kill("SIGKILL")
        await new Promise((gone) => running.once("exit", gone))
      }
    }
    expect((await child(it, "", { ...options, started })).killed, `killed ${name}`).toBe(true)
    delete server.onRequest
    await check(it, name)
  })
  return { points: cases.length, writes }
}

/** Four in parallel: more would only wait for the processors. */
export async function eachOf<Item>(items: Item[], act: (item: Item) => Promise<void>): Promise<void> {
  const left = [...items]
  const next = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await act(item)
  }
  await Promise.all(Array.from({ length: 4 }, next))
}

/** Checked after a kill, after the same call again, and after one more call. */
export async function mustConverge(it: World, at: string): Promise<void> {
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
  const attempts = await it.ledger.list(it.component, "staging")
  expect(orphans(attempts), `entries left open after a kill ${at}`).toEqual([])
  expect(
    attempts.filter((each) => each.commit === commit("b") && each.verdict === Verdict.Success),
    `the ledger after a kill ${at}`,
  ).toHaveLength(1)
}
