import { readdir, readFile } from "node:fs/promises"
import { join, sep } from "node:path"
import type { Files } from "../deployment/release.js"

/** Files by path, of a folder or as they are given. */
export async function filesOf(files: Files): Promise<ReadonlyMap<string, Uint8Array>> {
  return typeof files === "string" ? readFolder(files) : files
}

async function readFolder(folder: string): Promise<Map<string, Uint8Array>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = new Map<string, Uint8Array>()
  for (const entry of entries.filter((entry) => entry.isFile())) {
    const path = join(entry.parentPath, entry.name)
    files.set(
      path
        .slice(folder.replace(/\/+$/, "").length + 1)
        .split(sep)
        .join("/"),
      await readFile(path),
    )
  }
  return files
}
