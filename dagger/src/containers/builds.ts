import type { Container, Directory } from "@dagger.io/dagger"
import { imageBuildFailed } from "../errors.js"
import { frontendOf } from "../settings/settings.js"
import type { Settings } from "../settings/settings-types.js"
import * as backend from "./backend.js"
import * as checks from "./checks.js"
import * as frontend from "./frontend.js"
import { span } from "./span.js"

export const buildSite = (source: Directory, commit: string, settings: Settings): Promise<Directory> =>
  span("build the site", () => frontend.build(source, commit, frontendOf(settings).output))

export const buildImage = (
  source: Directory,
  commit: string,
  { project: { title, source: address } }: Settings,
  created = "",
): Promise<Container> =>
  span("build the image", async () => {
    try {
      return await backend
        .image(source, { title, source: address, revision: commit, version: commit.slice(0, 7), created })
        .sync()
    } catch (failure) {
      throw imageBuildFailed((failure as { stderr?: string }).stderr || (failure as Error).message)
    }
  })

/** Exports the site to the filesystem of the running module, whose upload reads files. */
export async function exported(site: Directory, commit: string): Promise<string> {
  const folder = `/tmp/site-${commit}`
  await site.export(folder, { wipe: true })
  return folder
}

/** Checks and builds in parallel; returns the build only when every check passed. */
export async function gated<Artifact>(running: Promise<checks.Checked[]>, build: Promise<Artifact>): Promise<Artifact> {
  const [outcomes, built] = await Promise.allSettled([running, build])
  if (outcomes.status === "rejected") throw outcomes.reason
  checks.passedOrThrow(outcomes.value)
  if (built.status === "rejected") throw built.reason
  return built.value
}
