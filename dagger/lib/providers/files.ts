import { readdir, readFile } from "node:fs/promises"
import { join, sep } from "node:path"
import type { Files } from "../deployment/release.js"

/** Files by path, of a folder or as they are given. */
export async function filesOf(files: Files): Promise<ReadonlyMap<string, Uint8Array>> {
  return typeof files === "string" ? readFolder(files) : files
}

async function readFolder(folder: string): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>()
  for (const path of await pathsIn(folder)) files.set(path, await readFile(join(folder, path)))
  return files
}

/** The files of a folder and those below it, with / whatever the system. */
export async function pathsIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const root = folder.replace(/\/+$/, "")
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(root.length + 1)
        .split(sep)
        .join("/"),
    )
}
