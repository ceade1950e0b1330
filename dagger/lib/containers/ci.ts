import type { Directory } from "@dagger.io/dagger"
import { isCommit } from "../deployment/release.js"
import type { Settings } from "../settings/settings-types.js"
import * as checks from "./checks.js"
import { notACommit } from "./errors.js"
import { notifiedChecks } from "./notifications.js"
import { cacheOf, reading } from "./package-cache.js"
import type { PackageSource } from "./packages.js"
import { type Caller, checksOperationOf, type Project, settingsOf } from "./project.js"
import { type Sources, workingCopy } from "./sources.js"

async function read({ workspace, settingsFile }: Caller): Promise<{ settings: Settings; sources: Sources }> {
  const settings = await settingsOf({ workspace, settingsFile })
  return { settings, sources: await workingCopy(workspace, settings) }
}

/** The cache of the settings, which checks only read. What is deployed is built without it. */
async function packagesOf(project: Project, settings: Settings): Promise<PackageSource | undefined> {
  const cache = await cacheOf(project, settings)
  return cache && reading(cache)
}

/** Every check of the project, as text. @throws PipelineError with every failure. */
export async function ci(project: Project, commit: string): Promise<string> {
  if (commit && !isCommit(commit)) throw notACommit(commit)
  const { settings, sources } = await read(project)
  return notifiedChecks(settings, { ...checksOperationOf(project), commit }, project, async () =>
    checks.passedOrThrow(await checks.all(sources, settings, await packagesOf(project, settings)), settings.call),
  )
}

/** Reports of the same checks, also when some failed. */
export async function ciReports(project: Project): Promise<Directory> {
  const { settings, sources } = await read(project)
  const cache = await packagesOf(project, settings)
  const [outcomes, licences] = await Promise.all([
    checks.all(sources, settings, cache),
    checks.licences(sources, settings, cache),
  ])
  return checks.reports(outcomes).withNewFile("licences.md", licences)
}

const notThere = (component: string) => `no ${component} to check: the settings describe none\n`

/** One check of the site; passes where there is none. */
const ofFrontend =
  (check: (sources: Sources, settings: Settings) => Promise<checks.Checked>) =>
  async (caller: Caller): Promise<string> => {
    const { settings, sources } = await read(caller)
    return sources.frontend
      ? checks.passedOrThrow([await check(sources, settings)], settings.call)
      : notThere("frontend")
  }

/** One check of the service; passes where there is none. */
const ofBackend =
  (check: (sources: Sources, settings: Settings) => Promise<checks.Checked>) =>
  async (caller: Caller): Promise<string> => {
    const { settings, sources } = await read(caller)
    return sources.backend ? checks.passedOrThrow([await check(sources, settings)], settings.call) : notThere("backend")
  }

export const frontendTest = ofFrontend((sources, settings) => checks.frontendTests(sources, settings))
export const frontendLint = ofFrontend((sources, settings) => checks.frontendLint(sources, settings))
export const backendTest = ofBackend((sources, settings) => checks.backendTests(sources, settings))
export const backendLint = ofBackend((sources, settings) => checks.backendLint(sources, settings))

/** actionlint, zizmor and hadolint. */
export async function workflowLint(caller: Caller): Promise<string> {
  const { settings, sources } = await read(caller)
  return checks.passedOrThrow([await checks.workflowLint(sources, settings)], settings.call)
}
