// Run by .ci/module-load. Does what the official runtime (v0.21.8) does at each call, without an engine: starts Node.js,
// reads the module's sources and the types of its packages with the TypeScript compiler, describes what the module
// exposes, and imports every source through tsx. The library is the published @dagger.io/dagger instead of the bundle
// that the engine generates; both modules pay the same for it, so the difference is the module's own share.
import { execFileSync, spawnSync } from "node:child_process"
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { table } from "./pages/markdown.ts"
import { withSection } from "./pages/section.ts"
import { machine, median } from "./timing.ts"

const pairs = Number(process.env.PAIRS ?? 7)
const [top = "", ...given] = process.argv.slice(2)
const writes = given.includes("--write")
const others = given.filter((name) => name !== "--write")
const scratch = mkdtempSync(join(tmpdir(), "module-load-"))
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }))

interface Load {
  /** CPU-seconds to load what a call of `ci` and one of `deploy` need besides. */
  ciSeconds: number
  deploySeconds: number
  files: number
  bytes: number
  packageFiles: number
  scanSeconds: number
  importSeconds: number
  seconds: number
}

const commitOf = (checkout: string) =>
  execFileSync("git", ["-C", checkout, "rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim()

/** Where the runtime keeps its library, compiler and tsx: beside the module, so that none of them counts as its package. */
function runtime(): void {
  mkdirSync(join(scratch, "node_modules"), { recursive: true })
  writeFileSync(join(scratch, "package.json"), '{"private": true, "type": "module"}')
  // With its own dependencies, as the lock file has them; types of Node.js are none of them.
  for (const name of ["@dagger.io", "typescript", "tsx"])
    symlinkSync(join(top, "node_modules", name), join(scratch, "node_modules", name))
}

function sdk(folder: string): void {
  mkdirSync(join(folder, "sdk"))
  const library = "../../node_modules/@dagger.io/dagger/dist/src"
  // The client as source, as the engine generates it; the published one is compiled, of about the same size.
  const client = readFileSync(join(scratch, "node_modules/@dagger.io/dagger/dist/src/api/client.gen.js"), "utf8")
  writeFileSync(join(folder, "sdk/client.gen.ts"), client.replaceAll('from "../', `from "${library}/`))
  // What a module uses of it: the library's index would bring the types of Node.js, which the bundle has not.
  writeFileSync(
    join(folder, "sdk/index.ts"),
    `export * from "./client.gen.js"\nexport * from "${library}/module/decorators.js"\n`,
  )
  writeFileSync(join(folder, "sdk/telemetry.ts"), `export * from "${library}/telemetry/index.js"\n`)
}

/** The module of a checkout with the packages that the runtime would install. */
function ourModule(checkout: string, name: string): string {
  const folder = join(scratch, name)
  mkdirSync(folder)
  for (const entry of ["src", "lib", "stand-ins", "assets", "package.json", "package-lock.json", "tsconfig.json"])
    if (existsSync(join(checkout, "dagger", entry)))
      cpSync(join(checkout, "dagger", entry), join(folder, entry), { recursive: true })
  execFileSync("npm", ["install", "--omit=dev", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: folder,
    stdio: "inherit",
  })
  sdk(folder)
  return folder
}

function oneFunction(): string {
  const folder = join(scratch, "one-function")
  mkdirSync(join(folder, "src"), { recursive: true })
  cpSync(join(top, "dagger/tsconfig.json"), join(folder, "tsconfig.json"))
  writeFileSync(join(folder, "package.json"), '{"private": true, "type": "module"}')
  writeFileSync(
    join(folder, "src/index.ts"),
    `import { func, object } from "@dagger.io/dagger"

@object()
export class Delivery {
  /** Greets someone. */
  @func()
  hello(name = "world"): string {
    return \`hello \${name}\`
  }
}
`,
  )
  sdk(folder)
  return folder
}

function load(folder: string): Load {
  const child = spawnSync(process.execPath, ["--import", "tsx", join(scratch, "call.mjs"), folder], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, NODE_OPTIONS: "", TSX_DISABLE_CACHE: "1" },
  })
  if (child.status !== 0) throw new Error(`the module in ${folder} could not be loaded:\n${child.stderr}`)
  return JSON.parse(child.stdout.trim().split("\n").at(-1) ?? "") as Load
}

runtime()
cpSync(join(top, ".ci/module-load-call.mjs"), join(scratch, "call.mjs"))
const modules = new Map([
  ["one function", oneFunction()],
  ["this module", ourModule(resolve(top), "this")],
  ...others.map(
    (checkout, index) =>
      [`at ${commitOf(checkout)}`, ourModule(resolve(checkout), `other-${index}`)] as [string, string],
  ),
])
const loads = new Map([...modules.keys()].map((name) => [name, [] as Load[]]))
for (const folder of modules.values()) load(folder)
for (let pair = 0; pair < pairs; pair++) for (const [name, folder] of modules) loads.get(name)?.push(load(folder))

const seconds = (value: number) => value.toFixed(2)
const least = loads.get("one function") ?? []
const rows = [...loads].flatMap(([name, all]) => {
  const first = all[0]
  if (!first) return []
  const share = median(all.map((one, pair) => one.seconds - (least[pair]?.seconds ?? Number.NaN)))
  const [ci, deploy] = [median(all.map((one) => one.ciSeconds)), median(all.map((one) => one.deploySeconds))]
  return [
    [
      name,
      `${first.files}`,
      (first.bytes / 1e6).toFixed(1),
      `${first.packageFiles}`,
      seconds(median(all.map((one) => one.seconds))),
      seconds(median(all.map((one) => one.scanSeconds))),
      seconds(median(all.map((one) => one.importSeconds))),
      seconds(share),
      seconds(ci),
      seconds(deploy),
    ],
  ]
})
const columns = [
  "module",
  "files read",
  "MB",
  "of them packages'",
  "CPU-seconds",
  "compiler",
  "import",
  "own share",
  "more for `ci`",
  "for `deploy`",
]
const measured = table(columns, rows)
console.log(measured)
if (writes) {
  const page = join(top, "docs/deployment/performance.md")
  const section = `## What a call pays before it works

Measured by \`.ci/module-load --write\` on ${machine()}. Dagger's own TypeScript SDK reads a module's sources with
the compiler, and compiles and runs them, at each call; a module of one function pays most of that too. The last two columns are what those functions load besides. CPU-seconds are medians of ${pairs} rounds, and the own
share is the median of the rounds' differences.

${measured}
`
  writeFileSync(page, withSection(readFileSync(page, "utf8"), section))
}
