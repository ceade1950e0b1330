import { readdirSync, readFileSync } from "node:fs"
import { dirname, join, normalize } from "node:path"

/** What Dagger reads and runs at each call. */
export const declarations = join(import.meta.dirname, "../../src")
/** What a call then loads. */
export const library = join(import.meta.dirname, "../../lib")

export interface Import {
  file: string
  /** A path below `src/` or `lib/`, or the name of a package. */
  to: string
  line: number
}

/** What each file of a source tree imports, by its own import lines. */
export function importsIn(files: Record<string, string>): Import[] {
  return Object.entries(files).flatMap(([file, text]) =>
    [...text.matchAll(/^(?:import|export)\b[^"']*?from\s+["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/gm)].map(
      (found) => {
        const name = found[1] ?? found[2] ?? ""
        const line = text.slice(0, found.index).split("\n").length
        const to = /^(\.|#lib\/)/.test(name)
          ? normalize(name.startsWith(".") ? join(dirname(file), name) : name.slice("#lib/".length))
              .replace(/^(\.\.\/)+src\//, "")
              .replace(/\.js$/, ".ts")
          : name
        return { file, to, line }
      },
    ),
  )
}

/** The folder of `lib/` that a file lives in; a file of the root is a room of its own. */
export const roomOf = (file: string) => (file.includes("/") ? (file.split("/", 1)[0] ?? "") : file)

export const isSource = ({ to }: Import) => to.endsWith(".ts") && !to.startsWith("..")

/** Every file of the module's source, with its text. */
export const sourceFiles = (...folders: string[]): Record<string, string> =>
  Object.fromEntries(
    (folders.length > 0 ? folders : [declarations, library]).flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".ts"))
        .sort()
        .map((name) => [name, readFileSync(join(folder, name), "utf8")]),
    ),
  )
