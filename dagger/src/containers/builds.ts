import type { Container, Directory } from "@dagger.io/dagger"
import { localAddresses } from "../checks/errors.js"
import { imageBuildFailed } from "../errors.js"
import { backendOf, frontendOf } from "../settings/settings.js"
import type { Settings } from "../settings/settings-types.js"
import * as backend from "./backend.js"
import * as checks from "./checks.js"
import * as frontend from "./frontend.js"
import { noSources, type Sources } from "./sources.js"
import { span } from "./span.js"

/**
 * The site, of a workspace where the repository holds its lock file. The trace tells of one whose programs name the builder's own
 * machine, which a page may do with good reason, and of a version.json that the build did not make.
 */
export async function buildSite(
  { frontend: source = noSources(), repository }: Partial<Sources>,
  commit: string,
  settings: Settings,
): Promise<Directory> {
  const { site, local, versionAdded } = await span("build the site", () =>
    frontend.build(source, commit, frontendOf(settings), repository),
  )
  if (local.length > 0) await span(localAddresses(local), async () => {})
  if (versionAdded) await span("the build made no version.json: added one with the commit", async () => {})
  return site
}

/** The service's image, built from `backend.context` of the settings. */
export const buildImage = (
  { context = noSources() }: Partial<Sources>,
  commit: string,
  settings: Settings,
  created = "",
): Promise<Container> =>
  span("build the image", async () => {
    try {
      return await backend
        .image(
          context,
          {
            title: settings.project.title,
            source: settings.project.source,
            revision: commit,
            version: commit.slice(0, 7),
            created,
          },
          backendOf(settings).dockerfile,
        )
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
