// One call as the official runtime makes it, in the module's folder: describe the sources, then import them.
// Prints what was read and the CPU-seconds of this process as JSON.
import fs from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"

const folder = fs.realpathSync(process.argv[2])

// The compiler reads through this object, whichever copy of the compiler the library loads.
let files = 0
let bytes = 0
let packageFiles = 0
const read = fs.readFileSync
function counted(path, ...rest) {
  const text = read(path, ...rest)
  if (!/\.[cm]?ts$/.test(String(path))) return text
  files++
  bytes += text.length
  if (String(path).startsWith(`${folder}/node_modules/`)) packageFiles++
  return text
}

const sources = fs
  .readdirSync(join(folder, "src"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => join(folder, "src", name))
sources.push(join(folder, "sdk/client.gen.ts"))

const cpu = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}
// By its file: the module's tsconfig.json gives the package's name to the module's own sdk folder.
const library = join(import.meta.dirname, "node_modules/@dagger.io/dagger/dist/src/module/introspector/index.js")
const { scan } = await import(pathToFileURL(library).href)
const before = cpu()
await Promise.all(sources.map((file) => import(file)))
const imported = cpu()
fs.readFileSync = counted
await scan(sources, "delivery", false)
const scanned = cpu()
const needed = async (name) => {
  const began = cpu()
  const file = join(folder, "lib/containers", name)
  // A module that has no such file loads all of it at the start.
  if (fs.existsSync(file)) await import(file)
  return cpu() - began
}
const seconds = cpu()
const ciSeconds = await needed("ci.ts")
const deploySeconds = ciSeconds + (await needed("product.ts"))
console.log(
  JSON.stringify({
    ciSeconds,
    deploySeconds,
    files,
    bytes,
    packageFiles,
    importSeconds: imported - before,
    scanSeconds: scanned - imported,
    seconds,
  }),
)
