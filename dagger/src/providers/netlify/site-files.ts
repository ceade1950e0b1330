import { createHash } from "node:crypto"
import { noFiles, unusableFileName } from "../../deployment/errors.js"
import type { SiteArtifact } from "../../deployment/release.js"
import { filesOf } from "../files.js"

/** A site's files as Netlify wants to hear of them. */
export interface SiteFiles {
  byPath: ReadonlyMap<string, Uint8Array>
  /** SHA-1 of each path's content, paths with a leading slash. */
  digests: Record<string, string>
  /** One path for each content. */
  pathOf: ReadonlyMap<string, string>
  /** Twelve hexadecimal digits that change with any path or content. */
  fingerprint: string
}

/** Reads a built site and adds `config.json`, its only file that differs between environments. */
export async function readSite(
  site: SiteArtifact,
  config: { environment: string; apiUrl: string },
): Promise<SiteFiles> {
  const built = await filesOf(site)
  if (built.size === 0) throw noFiles(typeof site === "string" ? site : "the site")
  const byPath = new Map(built).set("config.json", Buffer.from(`${JSON.stringify(config)}\n`))
  const digests: Record<string, string> = {}
  const pathOf = new Map<string, string>()
  for (const path of [...byPath.keys()].sort()) {
    if (/[#?]/.test(path)) throw unusableFileName(path)
    const sha = createHash("sha1")
      .update(byPath.get(path) ?? "")
      .digest("hex")
    digests[`/${path}`] = sha
    pathOf.set(sha, path)
  }
  const fingerprint = createHash("sha1").update(JSON.stringify(digests)).digest("hex").slice(0, 12)
  return { byPath, digests, pathOf, fingerprint }
}
