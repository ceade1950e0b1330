import { promisify } from "node:util"
import { gunzip, gzip } from "node:zlib"
import { siteLayerUnreadable } from "./errors.js"
import { digestOf } from "./image-registry.js"

/** The folder that all files of a site are in, also of one that is fetched by hand. */
const folder = "site"

/** More is no site: Netlify takes far less. */
const mostBytes = 2 ** 31 - 1

/** A site's files as one layer. */
export interface SiteLayer {
  content: Uint8Array<ArrayBuffer>
  /** Digest of the archive before it was compressed, which `oras pull` compares. */
  unpacked: string
}

/**
 * Packs a site: one gzip'ed tar, for a layer for each file would be three requests for each. The same files give the same bytes: sorted,
 * of nobody, changed in 1970.
 */
export async function packed(files: ReadonlyMap<string, Uint8Array>): Promise<SiteLayer> {
  const { packTar } = await import("modern-tar")
  const paths = [...files.keys()].sort()
  // oras makes no folder that the archive does not name.
  const folders = [...new Set(paths.flatMap(foldersOf))].sort()
  const times = { mtime: new Date(0), uid: 0, gid: 0, uname: "", gname: "" }
  const tar = await packTar([
    ...[folder, ...folders.map((path) => `${folder}/${path}`)].map((path) => ({
      header: { ...times, name: `${path}/`, size: 0, type: "directory" as const, mode: 0o755 },
    })),
    ...paths.map((path) => {
      const body = files.get(path) ?? new Uint8Array()
      return {
        header: { ...times, name: `${folder}/${path}`, size: body.length, type: "file" as const, mode: 0o644 },
        body,
      }
    }),
  ])
  return { content: new Uint8Array(await promisify(gzip)(tar, { level: 9 })), unpacked: digestOf(tar) }
}

/** The files of a layer. Throws for anything in it that is no file of the site's folder. */
export async function unpacked(layer: Uint8Array): Promise<Map<string, Uint8Array>> {
  const { unpackTar } = await import("modern-tar")
  const files = new Map<string, Uint8Array>()
  try {
    const tar = await promisify(gunzip)(layer, { maxOutputLength: mostBytes })
    for (const { header, data } of await unpackTar(tar, { strict: true })) {
      if (header.type === "directory") continue
      const path = header.name.startsWith(`${folder}/`) ? header.name.slice(folder.length + 1) : ""
      if (header.type !== "file" || path.split("/").some((part) => ["", ".", ".."].includes(part)))
        throw new Error(`it holds ${JSON.stringify(header.name.slice(0, 200))}, which is no file of a site`)
      files.set(path, data ?? new Uint8Array())
    }
  } catch (failure) {
    throw siteLayerUnreadable((failure as Error).message)
  }
  return files
}

/** The folders above a path: `a` and `a/b` of `a/b/c.html`. */
function foldersOf(path: string): string[] {
  const parts = path.split("/").slice(0, -1)
  return parts.map((_, at) => parts.slice(0, at + 1).join("/"))
}
