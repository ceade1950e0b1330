import { createHash } from "node:crypto"
import { createReadStream } from "node:fs"
import { readFile, stat } from "node:fs/promises"
import { join } from "node:path"
import { pipeline } from "node:stream/promises"
import type { SiteArtifact } from "../../deployment/release.js"
import { pathsIn } from "../files.js"
import { fileTooLarge, noFiles, unusableFileName } from "./errors.js"

/** A site's files as Netlify wants to hear of them. */
export interface SiteFiles {
  /** SHA-1 of each path's content, paths with a leading slash. */
  digests: Record<string, string>
  /** One path for each content. */
  pathOf: ReadonlyMap<string, string>
  /** Twelve hexadecimal digits that change with any path or content. */
  fingerprint: string
  /** The content of a path; a folder's files are read one by one, as they are sent. */
  read: (path: string) => Promise<Uint8Array>
}

/** A file of the site that differs between environments. */
export interface ConfigFile {
  path: string
  content: object
}

/** More does not fit into one buffer. */
const mostBytes = 2 ** 31 - 1

/** Reads a built site; with a configuration file, which takes the place of one that the site brings. */
export async function readSite(site: SiteArtifact, config?: ConfigFile): Promise<SiteFiles> {
  const own = typeof site === "string" ? await folderOf(site) : mapOf(site)
  if (own.paths.length === 0) throw noFiles(typeof site === "string" ? site : "the site")
  const added = config && Buffer.from(`${JSON.stringify(config.content)}\n`)
  const isAdded = (path: string) => path === config?.path
  const digests: Record<string, string> = {}
  const pathOf = new Map<string, string>()
  for (const path of [...new Set([...own.paths, ...(config ? [config.path] : [])])].sort()) {
    if (/[#?]/.test(path)) throw unusableFileName(path)
    const sha = isAdded(path) && added ? sha1(added) : await own.digest(path)
    digests[`/${path}`] = sha
    pathOf.set(sha, path)
  }
  return {
    digests,
    pathOf,
    fingerprint: sha1(JSON.stringify(digests)).slice(0, 12),
    read: async (path) => (isAdded(path) && added ? added : own.read(path)),
  }
}

interface Source {
  paths: string[]
  digest: (path: string) => Promise<string>
  read: (path: string) => Promise<Uint8Array>
}

const sha1 = (content: Uint8Array | string) => createHash("sha1").update(content).digest("hex")

const mapOf = (files: ReadonlyMap<string, Uint8Array>): Source => {
  const read = async (path: string) => files.get(path) ?? new Uint8Array()
  return { paths: [...files.keys()], read, digest: async (path) => sha1(await read(path)) }
}

async function folderOf(folder: string): Promise<Source> {
  const read = (path: string) => readFile(join(folder, path))
  return {
    paths: await pathsIn(folder),
    read,
    async digest(path) {
      const { size } = await stat(join(folder, path))
      if (size > mostBytes) throw fileTooLarge(path, size)
      if (size < 1_000_000) return sha1(await read(path))
      const hash = createHash("sha1")
      await pipeline(createReadStream(join(folder, path)), hash)
      return hash.digest("hex")
    },
  }
}
