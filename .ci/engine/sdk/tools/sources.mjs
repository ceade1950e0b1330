// How the sources of a module name each other, the same when they are compiled and when they run.
import { readdirSync, readFileSync, statSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"

/** The TypeScript files below a folder, which the library loads at each call. */
export function sourceFiles(folder) {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.m?ts$/.test(file) && !file.endsWith(".d.ts"))
    .sort()
    .map((file) => join(folder, file))
}

export const isTypeScript = (file) => /\.[mc]?tsx?$/.test(file) && !/\.d\.[mc]?ts$/.test(file)

// What TypeScript takes for the file that an import names.
const replaced = { ".js": [".ts", ".tsx"], ".jsx": [".tsx"], ".mjs": [".mts"], ".cjs": [".cts"] }
const appended = [".ts", ".tsx", ".mts", ".js", ".mjs", ".json", "/index.ts", "/index.tsx", "/index.js"]

function existing(path) {
  const [, stem, extension] = /^(.*?)(\.[mc]?jsx?)?$/s.exec(path)
  const candidates = (replaced[extension] ?? []).map((ending) => stem + ending)
  candidates.push(path, ...appended.map((ending) => path + ending))
  return candidates.find((file) => statSync(file, { throwIfNoEntry: false })?.isFile())
}

/**
 * The file that an import in a source of the module names, if that is one of the module's own.
 * @param specifier as written, such as "./release.js"
 * @param parent the importing file
 * @param paths of tsconfig.json, with absolute targets
 */
export function resolveSource(specifier, parent, paths) {
  if (/^\.{0,2}\//.test(specifier) || specifier === "." || specifier === "..")
    return existing(resolve(dirname(parent), specifier))
  for (const [pattern, targets] of Object.entries(paths)) {
    const [before, after] = pattern.split("*")
    const matches =
      after === undefined
        ? specifier === pattern
        : specifier.length >= before.length + after.length && specifier.startsWith(before) && specifier.endsWith(after)
    if (!matches) continue
    const middle = after === undefined ? "" : specifier.slice(before.length, specifier.length - after.length)
    for (const target of targets) {
      const file = existing(target.replace("*", () => middle))
      if (file) return file
    }
  }
  return undefined
}

/** Node's loader hooks for a module: its sources as they were compiled, under the names that they have. */
export function hooks({ root, paths, compiled }, compileNow) {
  const own = (url) =>
    url?.startsWith("file:") && !url.includes("/node_modules/") && fileURLToPath(url).startsWith(`${root}/`)
  return {
    resolve(specifier, context, next) {
      if (!specifier.startsWith("file:") && own(context.parentURL)) {
        // A query or fragment makes another instance of the same file.
        const [, path, suffix = ""] = /^(#?[^?#]*)(.*)$/s.exec(specifier)
        const file = resolveSource(path, fileURLToPath(context.parentURL), paths)
        if (file) return next(pathToFileURL(file).href + suffix, context)
      }
      return next(specifier, context)
    },
    load(url, context, next) {
      if (!own(url)) return next(url, context)
      const file = fileURLToPath(url)
      if (isTypeScript(file) && !file.endsWith(".cts"))
        return { format: "module", source: compiled[file] ?? compileNow(file), shortCircuit: true }
      if (file.endsWith(".json") && context.importAttributes?.type !== "json" && context.conditions?.includes("import"))
        return { format: "module", source: `export default ${readFileSync(file, "utf8")}`, shortCircuit: true }
      return next(url, context)
    },
  }
}
