import { posix } from "node:path"

/** A file of the service, by its path. */
export interface PythonFile {
  path: string
  text: string
}

/** What comes before the paths of a router. */
export interface Prefix {
  prefix: string
  /** Whether all of it stands in the code. */
  isSure: boolean
}

/** Routers in routers: nobody nests more of them, and a circle of imports ends here. */
const deepest = 5

/**
 * What comes before the paths of what a file calls `name`: FastAPI's APIRouter or Flask's Blueprint, across those that it is mounted in;
 * nothing for the application itself.
 */
export function prefixOf(name: string, file: PythonFile, all: PythonFile[], depth = 0): Prefix {
  const made = new RegExp(
    `^[ \\t]*${name}\\s*(?::[^=\\n]*)?=\\s*(?:\\w+\\.)?(APIRouter|Blueprint)\\(([^)]*)\\)`,
    "m",
  ).exec(file.text)
  if (!made) return { prefix: "", isSure: true }
  const own = said(made[2])
  const mount = depth < deepest ? mountOf(name, file, all) : undefined
  if (!mount) return { ...own, isSure: false }
  const [above, here] = [prefixOf(mount.parent, mount.file, all, depth + 1), said(mount.options)]
  // A prefix that Flask is given where it mounts a blueprint takes the place of the blueprint's own.
  const last = made[1] === "Blueprint" && (here.prefix || !here.isSure) ? "" : own.prefix
  return { prefix: `${above.prefix}${here.prefix}${last}`, isSure: above.isSure && here.isSure && own.isSure }
}

function said(options = ""): Prefix {
  const found = /prefix\s*=\s*(?:["']([^"']*)["'])?/.exec(options)
  return { prefix: found?.[1] ?? "", isSure: !found || found[1] !== undefined }
}

/** Where it is mounted: in its own file by its name, elsewhere by the module that it comes from. */
function mountOf(name: string, file: PythonFile, all: PythonFile[]) {
  const stem = posix.basename(file.path, ".py")
  const module = (stem === "__init__" ? posix.basename(posix.dirname(file.path)) : stem).replace(/\W/g, "\\$&")
  for (const other of all)
    for (const [, parent = "", mounted = "", options = ""] of other.text.matchAll(
      /(\w+)\.(?:include_router|register_blueprint)\(\s*([\w.]+)([^)]*)\)/g,
    )) {
      const imported = new RegExp(
        `from\\s+[\\w.]*\\b${module}\\s+import\\b[^\\n]*\\b${mounted === name ? name : `${name}\\s+as\\s+${mounted}`}\\b`,
      )
      const isIt =
        other === file
          ? mounted === name
          : new RegExp(`(?:^|\\.)${module}\\.${name}$`).test(mounted) ||
            (/^\w+$/.test(mounted) && imported.test(other.text))
      if (isIt) return { parent, options, file: other }
    }
  return undefined
}
