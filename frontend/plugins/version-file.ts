import { writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { LoadContext, Plugin } from "@docusaurus/types"

/**
 * The commit a build is made from.
 * @param value of the environment variable COMMIT; absent or empty means a build outside the pipeline.
 */
export function commitFrom(value: string | undefined): string {
  if (value === undefined || value === "") return "unknown"
  if (/^[0-9a-f]{40}$/.test(value)) return value
  throw new Error(
    `COMMIT is ${JSON.stringify(value)}, which is not a full commit hash of 40 lowercase hexadecimal digits. ` +
      "Set it with COMMIT=$(git rev-parse HEAD), or leave it unset.",
  )
}

/** Writes /version.json, by which a deployment proves which commit visitors see. */
export default function versionFile(context: Pick<LoadContext, "siteConfig">): Plugin {
  // Checked here and not after the build, so that a typo costs a second and not a minute.
  const version = { commit: commitFrom(process.env.COMMIT), title: context.siteConfig.title }
  return {
    name: "version-file",
    async postBuild({ outDir }) {
      await writeFile(join(outDir, "version.json"), `${JSON.stringify(version)}\n`)
    },
  }
}
