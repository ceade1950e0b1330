import type { Container, Directory } from "@dagger.io/dagger"
import { Component } from "../../src/exposed-types.js"
import type { Origin, SlowStep } from "../cache/slow-step.js"
import { localAddresses } from "../checks/errors.js"
import type { StepLog } from "../deployment/step-log.js"
import { imageBuildFailed, platformNotRun } from "../image/errors.js"
import { backendOf, frontendOf } from "../settings/settings.js"
import type { Settings } from "../settings/settings-types.js"
import * as backend from "./backend.js"
import type * as checks from "./checks.js"
import { originAfter } from "./exec.js"
import * as frontend from "./frontend.js"
import { noPointersInContext } from "./lfs-pointers.js"
import { noSources, type Sources } from "./sources.js"
import { span } from "./span.js"

/** A site, and what a person should know of its build. */
export interface BuiltSite {
  site: Directory
  remarks: string[]
  /** What went well and still needs a person's eye. */
  doubts: string[]
  steps: SlowStep[]
}

/**
 * The site, of a workspace where the repository holds its lock file. Told is what was made of its files, and programs that name the
 * builder's own machine, which a page may do with good reason.
 */
export async function buildSite(sources: Partial<Sources>, commit: string, settings: Settings): Promise<BuiltSite> {
  const { site, local, notes, steps } = await span("build the site", () =>
    frontend.build(sources.frontend ?? noSources(), commit, frontendOf(settings), sources),
  )
  const remarks = [...(local.length > 0 ? [localAddresses(local)] : []), ...notes.done]
  for (const remark of [...remarks, ...notes.doubts]) await span(remark, async () => {})
  return { site, remarks, doubts: notes.doubts, steps }
}

/** The image of one platform. */
export interface PlatformImage {
  /** Such as linux/amd64. */
  platform: string
  image: Container
}

/** An image that was just built. */
export interface BuiltImage extends PlatformImage {
  origin: Origin
}

/** The slow steps of the images of a build. */
export const imageSteps = (images: readonly BuiltImage[]): SlowStep[] =>
  images.map(({ origin }) => ({ component: Component.Backend, name: "the image", origin }))

/** The service's image for each platform of the settings, built from `backend.context`; the first platform first. */
export const buildImages = (
  sources: Partial<Sources>,
  commit: string,
  settings: Settings,
  created = "",
): Promise<BuiltImage[]> =>
  Promise.all(
    backendOf(settings).platforms.map(async (platform) => {
      const image = await buildImage(sources, commit, settings, created, platform)
      return { platform, image, origin: await originAfter(image) }
    }),
  )

/** The service's image for one platform, the first of the settings where none is given. */
export const buildImage = (
  { context = noSources() }: Partial<Sources>,
  commit: string,
  settings: Settings,
  created = "",
  platform = backendOf(settings).platforms[0] ?? "",
): Promise<Container> =>
  span(`build the image for ${platform}`, async () => {
    await noPointersInContext(context, backendOf(settings).dockerfile)
    const { title, source } = settings.project
    const labels = { title, source, revision: commit, version: commit.slice(0, 7), created }
    const { dockerfile } = backendOf(settings)
    try {
      const image = await backend.image(context, { labels, dockerfile, platform }).sync()
      // Leaves the time by which a later call knows that it finds the image in the cache.
      await originAfter(image)
      return image
    } catch (failure) {
      const said = saidBy(failure as Error & Partial<FailedStep>)
      throw /exec format error/.test(`${(failure as Error).message}\n${said}`)
        ? platformNotRun(platform, said)
        : imageBuildFailed(said)
    }
  })

/** What the engine knows of a step that ended with a failure. */
interface FailedStep {
  cmd: string[]
  exitCode: number
  stdout: string
  stderr: string
}

/** What the step that failed printed, then the step itself: one that printed nothing is known by that alone. */
function saidBy({ cmd, exitCode, stdout = "", stderr = "", message }: Error & Partial<FailedStep>): string {
  if (!cmd || exitCode === undefined) return message
  return [stdout, stderr, `exit code ${exitCode}: ${cmd.join(" ")}`].filter((text) => text.trim() !== "").join("\n")
}

/** The site, as the report of its deployment names it. */
export const siteText = ({ remarks }: Pick<BuiltSite, "remarks">) => ["the site", ...remarks].join("; ")

/** Exports the site to the filesystem of the running module, whose upload reads files. */
export async function exported(site: Directory, commit: string): Promise<string> {
  const folder = `/tmp/site-${commit}`
  await site.export(folder, { wipe: true })
  return folder
}

/**
 * Checks and builds in parallel; returns the build only when every check passed. The log learns which of their slow steps ran.
 * @param passing rejects when one did not.
 */
export async function gated<Artifact>(
  log: StepLog,
  passing: Promise<checks.Checked[]>,
  build: Promise<Artifact>,
  stepsOf: (artifact: Artifact) => SlowStep[],
): Promise<Artifact> {
  const [outcomes, built] = await Promise.allSettled([passing, build])
  if (outcomes.status === "rejected") throw outcomes.reason
  if (built.status === "rejected") throw built.reason
  log.slow.push(...outcomes.value.flatMap(({ steps = [] }) => steps), ...stepsOf(built.value))
  return built.value
}
