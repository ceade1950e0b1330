// Run by .ci/bench. Each row compares two commands that run in turn, A B A B, so that a slow minute of the machine hits both.
import { spawn, spawnSync } from "node:child_process"
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { build, type Plugin } from "esbuild"
import { withSection } from "./pages/section.ts"
import { machine, median, timed } from "./timing.ts"

const runs = 5
const top = join(import.meta.dirname, "..")
const scratch = mkdtempSync(join(tmpdir(), "bench-"))
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }))
const cold = process.argv.includes("--cold")
/** Of what starts from nothing, which takes minutes each time. */
const coldRuns = 3

type Act = () => Promise<unknown>
interface Row {
  what: string
  seconds: number
  against: string
  otherSeconds: number
  ratio: number
}

/** Runs a command. @returns the end of what it said. */
function run(command: string, args: string[], { cwd = top, env = {} as Record<string, string> } = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] })
    let output = ""
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (data) => (output = `${output}${data}`.slice(-4000)))
    child.on("error", reject)
    child.on("close", (code) =>
      code === 0
        ? resolve(output)
        : reject(new Error(`${command} ${args.slice(0, 3).join(" ")} ended with ${code}:\n${output}`)),
    )
  })
}

/** Medians of five pairs after one that is not counted; the ratio is the median of the pairs' own. */
async function compare(what: string, act: Act, against: string, other: Act): Promise<Row> {
  process.stderr.write(`${what} / ${against} `)
  await act()
  await other()
  const pairs: [number, number][] = []
  for (let at = 0; at < runs; at++) {
    pairs.push([await timed(act), await timed(other)])
    process.stderr.write(".")
  }
  return rowOf(what, against, pairs)
}

function rowOf(what: string, against: string, pairs: [number, number][]): Row {
  const row = {
    what,
    seconds: median(pairs.map(([own]) => own)),
    against,
    otherSeconds: median(pairs.map(([, its]) => its)),
    ratio: median(pairs.map(([own, its]) => own / its)),
  }
  const all = pairs.map(([own, its]) => `${own.toFixed(1)}/${its.toFixed(1)}`).join(" ")
  process.stderr.write(
    `${what}: ${all}: ${row.seconds.toFixed(2)} s / ${row.otherSeconds.toFixed(2)} s = ${row.ratio.toFixed(2)}\n`,
  )
  return row
}

const daggerIn = (cwd: string, ...args: string[]) => run("dagger", ["call", "--silent", ...args], { cwd })
const dagger = (...args: string[]) => daggerIn(top, ...args)
const trivial = () => dagger("settings", "contents")

/** Flags of a call whose settings name a cache that nothing else uses, in the kit's registry; `undefined` without the kit. */
function withCache(): string[] | undefined {
  const registry = process.env.BENCH_REGISTRY
  if (!registry) return undefined
  const settings = JSON.parse(readFileSync(join(top, "delivery.json"), "utf8")) as object
  const file = join(scratch, "delivery.json")
  const repository = `registry:${registry.split(":")[1]}/bench-${process.pid}/cache`
  writeFileSync(file, JSON.stringify({ ...settings, cache: { repository } }))
  return [`--settings=${file}`, `--registry-service=tcp://${registry}`]
}

/** A clone in which each call changes one line of the backend. */
function changing() {
  const clone = join(scratch, "clone")
  spawnSync("git", ["clone", "--quiet", top, clone])
  const file = join(clone, "backend/app/main.py")
  const original = readFileSync(file, "utf8")
  let changes = 0
  return {
    clone,
    folder: join(clone, "backend"),
    change: () => writeFileSync(file, `${original}\n\n# change ${changes++} of ${process.pid}\n`),
  }
}

/** The same work without Dagger: in a container of the same base image, with plain commands. */
class ByHand {
  private container = ""
  private readonly buildah = (...args: string[]) =>
    run("buildah", ["--root", join(scratch, "images"), "--runroot", join(scratch, "run"), ...args], {
      env: {
        STORAGE_DRIVER: "overlay",
        BUILDAH_ISOLATION: "chroot",
        ...(process.env.BENCH_REGISTRY && { CONTAINERS_REGISTRIES_CONF: join(scratch, "registries.conf") }),
      },
    })

  private readonly service: string

  constructor(service: string) {
    this.service = service
    if (process.env.BENCH_REGISTRY)
      writeFileSync(
        join(scratch, "registries.conf"),
        `[[registry]]\nlocation = "docker.io"\n[[registry.mirror]]\nlocation = "${process.env.BENCH_REGISTRY}"\ninsecure = true\n`,
      )
  }

  async install(): Promise<void> {
    if (this.container) await this.buildah("rm", this.container)
    this.container = "service"
    await this.buildah("from", "--name", this.container, "docker.io/library/python:3.13-slim")
    await this.inside(
      "python -m venv /opt/venv && /opt/venv/bin/pip install --quiet --no-cache-dir -r requirements-dev.txt",
    )
  }

  check = () =>
    this.inside(
      "export PATH=/opt/venv/bin:$PATH && python -m pytest --quiet --cov && ruff check . && black --check --quiet . && mypy .",
    )

  image = () => this.buildah("bud", "--layers", "--build-arg", "COMMIT=bench", "--tag", "bench:1", this.service)

  private inside = (line: string) =>
    this.buildah(
      "run",
      "--volume",
      `${this.service}:/service`,
      "--workingdir",
      "/service",
      this.container,
      "--",
      "sh",
      "-c",
      line,
    )
}

async function siteByHand(): Promise<void> {
  const [folder, cache] = [join(scratch, "site"), join(scratch, "npm")]
  for (const used of [folder, cache]) rmSync(used, { recursive: true, force: true })
  cpSync(join(top, "frontend"), folder, {
    recursive: true,
    filter: (path) => !/node_modules|\.docusaurus|\/build/.test(path),
  })
  const env = { npm_config_cache: cache, CI: "true" }
  for (const args of [
    ["ci", "--ignore-scripts", "--no-audit", "--no-fund"],
    ["test"],
    ["run", "lint"],
    ["run", "typecheck"],
  ])
    await run("npm", args, { cwd: folder, env })
}

/** What a package of the module exports. */
async function namesIn(name: string): Promise<string[]> {
  const file = createRequire(join(top, "dagger/package.json")).resolve(name)
  return Object.keys(await import(file))
}

/** Milliseconds that Node.js takes to load what a deployment needs, with each of the packages there or replaced by nothing. */
async function loads(): Promise<{ without: string; milliseconds: number }[]> {
  const { dependencies } = JSON.parse(readFileSync(join(top, "dagger/package.json"), "utf8")) as {
    dependencies: object
  }
  const packages = Object.keys(dependencies)
  const built = await Promise.all(
    ["", ...packages].map(async (without) => {
      const file = join(top, "dagger/node_modules/.bench", `${without || "all"}.mjs`)
      const nothing: Plugin = {
        name: "nothing",
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /.*/ }, ({ path }) => (path === without ? { path, namespace: "nothing" } : undefined))
          // Whatever is asked of it, called or constructed, it is still there.
          onLoad({ filter: /.*/, namespace: "nothing" }, async () => ({
            contents: `const it = new Proxy(function () {}, { get: (_, name) => (name === "then" ? undefined : it), apply: () => it, construct: () => it })
              export { ${(await namesIn(without)).map((name) => `it as ${JSON.stringify(name)}`).join(", ")} }`,
          }))
        },
      }
      await build({
        entryPoints: [join(top, "dagger/lib/containers/product.ts")],
        outfile: file,
        bundle: true,
        format: "esm",
        platform: "node",
        external: [...packages.filter((name) => name !== without), "@dagger.io/dagger"],
        plugins: [nothing],
        tsconfigRaw: { compilerOptions: { experimentalDecorators: true } },
        logLevel: "error",
      })
      return { without, file }
    }),
  )
  const line = (file: string) =>
    `await import("@dagger.io/dagger"); const began = performance.now(); await import(${JSON.stringify(file)}); console.log(performance.now() - began)`
  const took = new Map<string, number[]>()
  for (let at = -1; at < runs; at++) {
    for (const { without, file } of built) {
      const { stdout, stderr, status } = spawnSync(process.execPath, ["--input-type=module", "--eval", line(file)], {
        cwd: top,
        encoding: "utf8",
        env: { ...process.env, NODE_COMPILE_CACHE: join(scratch, "compiled") },
      })
      if (status !== 0) throw new Error(stderr)
      // The first fills V8's code cache.
      if (at >= 0) took.set(without, [...(took.get(without) ?? []), Number(stdout)])
    }
  }
  rmSync(join(top, "dagger/node_modules/.bench"), { recursive: true })
  return [...took].map(([without, all]) => ({ without, milliseconds: median(all) }))
}

const service = changing()
const hand = new ByHand(service.folder)
const changed = (act: Act) => () => {
  service.change()
  return act()
}

async function warmRows(): Promise<Row[]> {
  const rows = [
    await compare(
      "`ci`, nothing changed",
      () => dagger("ci"),
      "`settings contents`, the least that a call does",
      trivial,
    ),
  ]
  await hand.install()
  rows.push(
    await compare(
      "`ci`, one line of the backend changed",
      changed(() => daggerIn(service.clone, "ci")),
      "pytest, Ruff, Black and mypy by hand, in a container of the same image",
      changed(hand.check),
    ),
    await compare(
      "`backend image`, one line of the backend changed",
      changed(() => daggerIn(service.clone, "backend", "image", "sync")),
      "`buildah bud --layers`",
      changed(hand.image),
    ),
  )
  return rows
}

/** `ci` on an engine that has nothing, with a cache of packages and without one, and the same work by hand, in turn. */
async function coldRows(after: (rows: Row[], rounds: number) => void): Promise<void> {
  const emptied = async (act: Act) => {
    await run("dagger", ["core", "--silent", "engine", "local-cache", "prune"])
    return timed(act)
  }
  const cached = withCache()
  if (cached) await dagger(...cached, "warm-cache", "--from-any-branch=a measurement")
  else process.stderr.write("no row with cache.repository: that needs the kit's registry\n")
  const withFilled = async (flags: string[]) => {
    const said = await dagger(...flags, "ci")
    // Else the figure would be of something else.
    if (!said.includes("from the cache") || /: installed/.test(said))
      throw new Error(`not all came from the cache:\n${said}`)
  }
  const without: [number, number][] = []
  const filled: [number, number][] = []
  for (let at = 0; at < coldRuns; at++) {
    const own = await emptied(() => dagger("ci"))
    const ownCached = cached && (await emptied(() => withFilled(cached)))
    const its = await timed(async () => {
      await hand.install()
      await hand.check()
      await siteByHand()
    })
    without.push([own, its])
    if (ownCached !== undefined) filled.push([ownCached, its])
    const against = "both components by hand from nothing: install, test, lint"
    after(
      [
        rowOf("`ci` from nothing", against, without),
        ...(cached ? [rowOf("`ci` from nothing, `cache.repository` filled", against, filled)] : []),
      ],
      at + 1,
    )
  }
}

const seconds = (value: number) => `${value.toFixed(value < 10 ? 2 : 1)} s`
const page = join(top, "docs/deployment/performance.md")
const measured = (flags: string) =>
  `Measured by \`.ci/bench${flags}\` on ${machine()}, ${
    process.env.BENCH_REGISTRY ? "the engine kit" : "a Dagger engine that was there"
  }.`
const table = (rows: Row[]) => `| \`dagger call\` | takes | against | takes | ratio |
| --- | --- | --- | --- | --- |
${rows.map((row) => `| ${row.what} | ${seconds(row.seconds)} | ${row.against} | ${seconds(row.otherSeconds)} | ${row.ratio.toFixed(2)} |`).join("\n")}
`

async function warmSections(): Promise<string[]> {
  const rows = await warmRows()
  const loaded = await loads()
  const whole = loaded.find(({ without }) => without === "")?.milliseconds ?? Number.NaN
  return [
    `## What calls take

${measured("")} Each row has two commands that ran in turn, five times each after one run that is
not counted; times are medians, and the ratio is the median of the five pairs' own ratios. Compare ratios: times are of this machine.

${table(rows)}`,
    `## What the packages cost a deployment

A deployment loads what it needs. Milliseconds that Node.js takes for that, V8's code cache filled, with one package at a time replaced by nothing:

| without | loads in | of all |
| --- | --- | --- |
${loaded.map(({ without, milliseconds }) => `| ${without || "nothing left out"} | ${milliseconds.toFixed(0)} ms | ${((milliseconds / whole) * 100).toFixed(0)} % |`).join("\n")}
`,
  ]
}

const coldSection = (rows: Row[], rounds: number) => `## What a new runner takes

${measured(" --cold")} The engine's cache was emptied before each call. The commands ran in turn, ${rounds} times each; times are medians,
and the ratio is the median of the rounds' own. By hand, workflows and Dockerfile are not linted, which \`ci\` does. The registry is on the same machine: a runner far from its own pulls longer.

${table(rows)}`

const write = (sections: string[]) => writeFileSync(page, sections.reduce(withSection, readFileSync(page, "utf8")))
// After each round, because one takes minutes: a run that is cut off leaves those before.
if (cold) await coldRows((rows, rounds) => write([coldSection(rows, rounds)]))
else write(await warmSections())
console.log(readFileSync(page, "utf8"))
