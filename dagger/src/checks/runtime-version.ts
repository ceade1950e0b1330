import { versionRange } from "./version-range.js"

/** Release lines of Node.js in the order in which one is taken: the one that the pipeline is tried on, then others with long support. */
const nodeLines = [24, 22, 20, 18, 16, 26, 25, 23, 21]
/** Of Python, 3.x. */
const pythonLines = [13, 12, 11, 10, 9, 14, 15, 8]
/** https://github.com/nodejs/Release/blob/main/schedule.json */
const nodeNames: Record<string, string> = { hydrogen: "18", iron: "20", jod: "22", krypton: "24" }
/** Higher than any release has reached: what stands for the newest one of a line. */
const newest = 9999

/** Where a frontend says which Node.js it runs on, each "" where it doesn't. */
export interface NodeDeclared {
  /** `frontend.node` of the settings. */
  setting: string
  /** Text of .nvmrc, else of .node-version. */
  nvmrc: string
  /** `engines.node`, `volta.node` and `devEngines.runtime.version` of package.json. */
  engines: string
  volta: string
  devEngines: string
}

/**
 * The tag of Node's image that a frontend runs on, such as `22-slim`: a line of releases, of which the newest is taken, because each
 * mends faults of the ones before. A setting is taken as it is.
 * @returns `undefined` where the declaration names no release that there is.
 */
export function nodeTag({ setting, nvmrc, engines, volta, devEngines }: NodeDeclared): string | undefined {
  if (setting) return `${setting}-slim`
  const [pinned] = [nvmrc.trim().split(/\s/, 1)[0] ?? "", volta].filter(Boolean)
  const name = pinned ? /^lts\/([a-z]+)$/i.exec(pinned)?.[1]?.toLowerCase() : undefined
  const wanted = name ? (nodeNames[name] ?? "") : (pinned ?? "")
  if (/^v?\d/.test(wanted)) return `${wanted.replace(/^v/, "").split(".", 1)[0]}-slim`
  // `lts/*`, `node` and `stable` leave it to us, within what else is said.
  const ranges = [engines, devEngines].filter(Boolean).map(versionRange)
  const within = (version: number[]) => ranges.every((range) => range?.(version) ?? true)
  const line =
    nodeLines.find((major) => within([major, newest, newest])) ??
    nodeLines.find((major) => Array.from({ length: 30 }, (_, minor) => minor).some((it) => within([major, it, newest])))
  return line === undefined ? undefined : `${line}-slim`
}

/** Where a backend says which Python it runs on, each "" where it doesn't. */
export interface PythonDeclared {
  /** `backend.python` of the settings. */
  setting: string
  /** Text of .python-version. */
  pinned: string
  /** `project.requires-python`, or Poetry's own. */
  requires: string
  /** Text of the Dockerfile. */
  dockerfile: string
}

/**
 * The tag of Python's image that a backend's tests run on, such as `3.12-slim`. A range leaves a choice: that of the Dockerfile,
 * where it is in the range, so that tests run on what the image runs; else the nearest to ours.
 * @returns `undefined` where the declaration names no release that there is.
 */
export function pythonTag({ setting, pinned, requires, dockerfile }: PythonDeclared): string | undefined {
  if (setting) return `${setting}-slim`
  const version = /^\s*(?:cpython[-@]?)?(\d+\.\d+)/m.exec(pinned.replace(/^\s*#.*$/gm, ""))?.[1]
  if (version) return `${version}-slim`
  const range = requires ? versionRange(requires) : undefined
  const within = (line: number) => [0, newest].some((patch) => range?.([3, line, patch]) ?? true)
  const images = [...dockerfile.matchAll(/^\s*FROM\s+(?:--\S+\s+)*(?:docker\.io\/)?(?:library\/)?python:3\.(\d+)/gim)]
  const ofImage = Number(images.at(-1)?.[1] ?? Number.NaN)
  const line = [...(Number.isNaN(ofImage) ? [] : [ofImage]), ...pythonLines].find(within)
  return line === undefined ? undefined : `3.${line}-slim`
}

/** Path of the image's Dockerfile from the service's folder on; "" where it lies elsewhere. All paths are from the repository's root or below. */
export function dockerfileInSource(paths: { source: string; context: string; dockerfile: string }): string {
  if (paths.context === paths.source) return paths.dockerfile
  const full = paths.context === "." ? paths.dockerfile : `${paths.context}/${paths.dockerfile}`
  if (paths.source === ".") return full
  return full.startsWith(`${paths.source}/`) ? full.slice(paths.source.length + 1) : ""
}
