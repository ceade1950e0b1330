// Usage: compile.mjs MODULE-FOLDER OUTPUT-FILE
// Compiles a module's sources one by one, so that each keeps its own name, place and imports when it runs.
import { writeFileSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { build } from "esbuild"
import ts from "typescript"
import { isTypeScript, resolveSource, sourceFiles } from "./sources.mjs"

const [root, output] = process.argv.slice(2)
const tsconfig = join(root, "tsconfig.json")
const { options } = ts.parseJsonConfigFileContent(ts.readConfigFile(tsconfig, ts.sys.readFile).config, ts.sys, root)
const paths = Object.fromEntries(
  Object.entries(options.paths ?? {}).map(([pattern, targets]) => [
    pattern,
    targets.map((target) => resolve(options.baseUrl ?? options.pathsBasePath ?? root, target)),
  ]),
)

// What the library loads at each call; the client comes last, as in its own list.
const entries = [...sourceFiles(join(root, "src")), join(root, "sdk/client.gen.ts")]
const compiled = {}
for (let files = entries; files.length > 0; ) {
  const { outputFiles, metafile } = await build({
    entryPoints: files,
    outdir: "/",
    outbase: "/",
    bundle: false,
    write: false,
    metafile: true,
    absWorkingDir: "/",
    format: "esm",
    platform: "node",
    target: `node${process.versions.node}`,
    sourcemap: "inline",
    sourcesContent: false,
    keepNames: true,
    tsconfig,
    logLevel: "error",
  })
  const named = new Set()
  for (const [path, { entryPoint, imports }] of Object.entries(metafile.outputs)) {
    const file = join("/", entryPoint)
    compiled[file] = outputFiles.find((made) => made.path === join("/", path)).text
    for (const { path: specifier } of imports) {
      const source = resolveSource(specifier, file, paths)
      if (source && isTypeScript(source) && !source.includes("/node_modules/")) named.add(source)
    }
  }
  files = [...named].filter((file) => !(file in compiled))
}
writeFileSync(output, JSON.stringify({ root: dirname(tsconfig), paths, entries, compiled }))
