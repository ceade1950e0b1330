import { createHash } from "node:crypto"
import { readFile, readdir } from "node:fs/promises"
import { join } from "node:path"
import type { Plugin } from "@docusaurus/types"

/** CSP source expressions for the inline scripts of a page that a browser would run. */
export function inlineScriptHashes(html: string): string[] {
  return [...html.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script>/g)]
    .filter(([, attributes = ""]) => !/\bsrc=/.test(attributes) && !/\btype="?application\//.test(attributes))
    .map(([, , body = ""]) => `'sha256-${createHash("sha256").update(body).digest("base64")}'`)
}

/**
 * Fails the build when a page holds an inline script that the policy in _headers would block.
 * Browsers block silently: without this, an upgrade of Docusaurus would lose dark mode in production only.
 */
export default function contentSecurityPolicy(): Plugin {
  return {
    name: "content-security-policy",
    async postBuild({ outDir }) {
      const policy = await readFile(join(outDir, "_headers"), "utf8")
      const pages = (await readdir(outDir, { recursive: true })).filter((path) => path.endsWith(".html")).sort()
      for (const page of pages) {
        const hashes = inlineScriptHashes(await readFile(join(outDir, page), "utf8"))
        const blocked = hashes.find((hash) => !policy.includes(hash))
        if (blocked) {
          throw new Error(
            `${page} has an inline script that the Content-Security-Policy blocks. ` +
              `Add ${blocked} to script-src in static/_headers and netlify.toml.`,
          )
        }
      }
    },
  }
}
