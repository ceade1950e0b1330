// Usage: call.mjs MODULE-FOLDER [--warm]
// Answers one call of the engine; with --warm only loads what a call loads, for the next ones' sake.
import { readFileSync } from "node:fs"
import { createRequire, enableCompileCache, flushCompileCache, registerHooks } from "node:module"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { hooks } from "./sources.mjs"

const read = (name) => JSON.parse(readFileSync(`/module/${name}.json`, "utf8"))

enableCompileCache("/module/cache")
process.setSourceMapsEnabled(true)
const sources = read("sources")
registerHooks(hooks(sources, compileNow))
const { entrypoint } = await import(pathToFileURL(join(sources.root, "sdk/core.js")).href)
if (process.argv.includes("--warm")) {
  await Promise.allSettled(sources.entries.map((file) => import(pathToFileURL(file).href)))
  flushCompileCache()
  process.exit()
}
await entrypoint(sources.entries, read("description"))

// A source that no import names in so many words, such as one made at run time.
function compileNow(file) {
  const { transformSync } = createRequire(import.meta.url)("esbuild")
  return transformSync(readFileSync(file, "utf8"), {
    loader: file.endsWith("x") ? "tsx" : "ts",
    format: "esm",
    target: `node${process.versions.node}`,
    keepNames: true,
    sourcefile: file,
    sourcemap: "inline",
    tsconfigRaw: { compilerOptions: { experimentalDecorators: true } },
  }).code
}
