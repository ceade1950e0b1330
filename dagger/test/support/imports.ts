import { readdirSync, readFileSync } from "node:fs"
import { dirname, join, normalize } from "node:path"

const source = join(import.meta.dirname, "../../src")

export interface Import {
  file: string
  /** A path below `src/`, or the name of a package. */
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
        const to = name.startsWith(".") ? normalize(join(dirname(file), name)).replace(/\.js$/, ".ts") : name
        return { file, to, line }
      },
    ),
  )
}

/** The folder of `src/` that a file lives in; a file of the root is a room of its own. */
export const roomOf = (file: string) => (file.includes("/") ? (file.split("/", 1)[0] ?? "") : file)

export const isSource = ({ to }: Import) => to.endsWith(".ts") && !to.startsWith("..")

/** Every file of the module's source, with its text. */
export const sourceFiles = (): Record<string, string> =>
  Object.fromEntries(
    readdirSync(source, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .sort()
      .map((name) => [name, readFileSync(join(source, name), "utf8")]),
  )
