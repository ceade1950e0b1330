import { versionRange } from "./version-range.js"

/** Release lines of Node.js in the order in which one is taken: the one that the pipeline is tried on, then others with long support. */
const nodeLines = [24, 22, 20, 18, 16, 26, 25, 23, 21, 14, 12]
/** Of Python, 3.x. */
const pythonLines = [13, 12, 11, 10, 9, 14, 15, 8]
/** A number of each line that has been released: what fits it fits the newest release of the line; what ends before, names one itself. */
const nodeMinors: Record<number, number> = { 12: 22, 14: 21, 16: 20, 18: 20, 20: 19, 21: 7, 22: 20, 23: 11, 24: 10 }
const pythonPatches: Record<number, number> = { 8: 20, 9: 24, 10: 19, 11: 14, 12: 12, 13: 9 }
/** https://github.com/nodejs/Release/blob/main/schedule.json */
const nodeNames: Record<string, string> = { hydrogen: "18", iron: "20", jod: "22", krypton: "24" }
/** Higher than any release has reached: what stands for the newest one of a line. */
const newest = 9999

/** Files that name the release for a folder and those below it, in a folder the first name first. */
export const nodeFiles = [".nvmrc", ".node-version", ".tool-versions", "mise.toml", ".mise.toml"]
export const pythonFiles = [".python-version", ".tool-versions", "mise.toml", ".mise.toml"]

/** Where a frontend says which Node.js it runs on, each "" where it doesn't. */
export interface NodeDeclared {
  /** `frontend.node` of the settings. */
  setting: string
  /** Text of the first of `nodeFiles` that names one. */
  nvmrc: string
  /** The same in the nearest folder above that has one. */
  above: string
  /** `engines.node`, `volta.node` and `devEngines.runtime.version` of package.json. */
  engines: string
  volta: string
  devEngines: string
}

/**
 * The tag of Node's image that a frontend runs on, such as `22-slim`: a line of releases, of which the newest is taken, because each
 * mends faults of the ones before, unless the project's own range has only the release that it names. A setting is taken as it is. What
 * stands nearest wins: a file above, only where it fits what the project says of itself.
 * @returns `undefined` where the declaration names no release that there is.
 */
export function nodeTag({ setting, nvmrc, above, engines, volta, devEngines }: NodeDeclared): string | undefined {
  if (setting) return `${setting}-slim`
  const own = pinnedNode(nvmrc) || pinnedNode(volta)
  const ranges = [engines, devEngines].filter(Boolean).map(versionRange)
  const within = (version: number[]) => ranges.every((range) => range?.(version) ?? true)
  const line = lineOf(own)
  if (line)
    return pinnedTag(line, /^v?(\d+(?:\.\d+)+)$/.exec(own)?.[1], [nodeMinors[Number(line)] ?? newest, newest], within)
  // `lts/*`, `node` and `stable` leave it to us, within what else is said.
  const given = own ? "" : lineOf(pinnedNode(above))
  if (given && within([Number(given), newest, newest])) return `${given}-slim`
  const whole = nodeLines.find(
    (line) => within([line, newest, newest]) || within([line, nodeMinors[line] ?? newest, newest]),
  )
  if (whole !== undefined) return `${whole}-slim`
  // npm with engine-strict, and Yarn, refuse every other release.
  const releases = nodeLines.flatMap((line) => below(nodeMinors[line]).map((minor) => [line, minor]))
  return (
    tagOf(releases.find((release) => within([...release, newest]))) ??
    tagOf(releases.flatMap((release) => below(30).map((patch) => [...release, patch])).find(within))
  )
}

/** The word that names the release; "" for none, as in a file of asdf or mise that names other tools alone. */
export const pinnedNode = (text: string): string => {
  const plain = readable(text).replace(/#.*/g, "")
  return (
    ofTools(plain, "node(?:js)?") ??
    (/^\s*[\w-]+(?:[ \t]+\S|\s*=)|^\s*\[/.test(plain) ? "" : plain.trim().split(/\s/, 1)[0]) ??
    ""
  )
}

/** What PowerShell's `>` writes is UTF-16, of which every other byte is nothing. */
const readable = (text: string): string => text.replace(/[\0\uFEFF\uFFFD]/g, "")

/** https://asdf-vm.com/manage/configuration.html https://mise.jdx.dev/configuration.html */
const ofTools = (text: string, tool: string): string | undefined =>
  new RegExp(`^\\s*"?${tool}"?(?:[ \\t]+|\\s*=\\s*\\[?\\s*["'])([\\w./-]+)`, "m").exec(text)?.[1]

/** Line of releases, such as `22` of `v22.3.0` and of `lts/jod`; "" where the word leaves a choice. */
function lineOf(pinned: string): string {
  const name = /^lts\/([a-z]+)$/i.exec(pinned)?.[1]?.toLowerCase()
  return (name ? nodeNames[name] : /^v?(\d+)/.exec(pinned)?.[1]) ?? ""
}

/** The line of releases that a declaration names; the very release where a range has that alone. @param last numbers of the line's newest release. */
function pinnedTag(line: string, release = "", last: number[], within: (release: number[]) => boolean): string {
  const numbers = (text: string) => text.split(".").map(Number)
  const isAlone = release !== line && !within([...numbers(line), ...last]) && within([...numbers(release), ...last])
  return `${release !== "" && isAlone ? release : line}-slim`
}

/** From a number downwards. */
const below = (number = 0) => Array.from({ length: number + 1 }, (_, at) => number - at)
const tagOf = (release: number[] | undefined) => release && `${release.join(".")}-slim`

/** Where a backend says which Python it runs on, each "" where it doesn't. */
export interface PythonDeclared {
  /** `backend.python` of the settings. */
  setting: string
  /** Text of the first of `pythonFiles` that names one. */
  pinned: string
  /** The same in the nearest folder above that has one. */
  above: string
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
export function pythonTag({ setting, pinned, above, requires, dockerfile }: PythonDeclared): string | undefined {
  if (setting) return `${setting}-slim`
  const range = requires ? versionRange(requires) : undefined
  const within = (release: number[]) => range?.(release) ?? true
  const line = pinnedPython(pinned)
  if (line) {
    const release = new RegExp(`(?<![\\d.])${line.replace(".", "\\.")}\\.\\d+`).exec(pinned)?.[0]
    return pinnedTag(line, release, [pythonPatches[Number(line.split(".")[1])] ?? newest], within)
  }
  const given = pinnedPython(above)
  if (given && within([...given.split(".").map(Number), newest])) return `${given}-slim`
  const ofImage = pythonOfImage(dockerfile)
  const lines = [...(ofImage === undefined ? [] : [ofImage]), ...pythonLines]
  const whole = lines.find((line) => within([3, line, newest]) || within([3, line, pythonPatches[line] ?? newest]))
  if (whole !== undefined) return `3.${whole}-slim`
  return tagOf(lines.flatMap((line) => below(pythonPatches[line]).map((patch) => [3, line, patch])).find(within))
}

/** Such as `3.12` of `cpython-3.12.4`; "" for none. */
export const pinnedPython = (text: string): string => {
  const plain = readable(text).replace(/^\s*#.*$/gm, "")
  return /^\s*(?:(?:c?python)[-@]?)?(\d+\.\d+)/m.exec(ofTools(plain, "python") ?? plain)?.[1] ?? ""
}

/** The 3.x that the image runs: that of its last stage, through the stages below it, else the last that any stage names. */
function pythonOfImage(dockerfile: string): number | undefined {
  const given = new Map<string, string>()
  const stages = new Map<string, number | undefined>()
  const filled = (text: string) =>
    text.replace(
      /\$(?:(\w+)|\{(\w+)(?::?-([^}]*))?\})/g,
      (_, plain?: string, braced?: string, other = "") => given.get(plain ?? braced ?? "") ?? other,
    )
  let [last, named]: (number | undefined)[] = []
  for (const line of dockerfile.replace(/\\\r?\n/g, " ").split(/\r?\n/)) {
    const [, argument = "", value = ""] = /^\s*ARG\s+(\w+)=["']?([^"'\s]*)/i.exec(line) ?? []
    if (argument) given.set(argument, filled(value))
    const from = /^\s*FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?/i.exec(line)
    if (!from) continue
    const image = filled(from[1] ?? "")
    const minor = /(?:^|\/)python:3\.(\d+)|[:-]python-?3\.(\d+)/.exec(image)
    last = minor ? Number(minor[1] ?? minor[2]) : stages.get(image.toLowerCase())
    named = last ?? named
    if (from[2]) stages.set(from[2].toLowerCase(), last)
  }
  return last ?? named
}

/** Path of the image's Dockerfile from the service's folder on; "" where it lies elsewhere. All paths are from the repository's root or below. */
export function dockerfileInSource(paths: { source: string; context: string; dockerfile: string }): string {
  if (paths.context === paths.source) return paths.dockerfile
  const full = paths.context === "." ? paths.dockerfile : `${paths.context}/${paths.dockerfile}`
  if (paths.source === ".") return full
  return full.startsWith(`${paths.source}/`) ? full.slice(paths.source.length + 1) : ""
}
