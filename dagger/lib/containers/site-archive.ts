import { wallClock } from "../clock.js"
import type { SiteArtifact } from "../deployment/release.js"
import type { StepLog } from "../deployment/step-log.js"
import { Step } from "../deployment/tracer.js"
import { type KeptSite, SiteArchive } from "../providers/registry/site-archive.js"
import { frontendOf } from "../settings/settings.js"
import type { Settings } from "../settings/settings-types.js"
import { siteKeptNowhere } from "../site/errors.js"
import { printed } from "../text/wording.js"
import { buildSite, exported } from "./builds.js"
import { missingSecret } from "./errors.js"
import { type Project, registryAccess, settingsOf } from "./project.js"
import { keyOf } from "./publication.js"
import { registryOf } from "./registry.js"
import { isEmpty } from "./secrets.js"
import { type Commit, committed } from "./sources.js"

const hasToken = async ({ registryToken }: Project) => registryToken !== undefined && !(await isEmpty(registryToken))

/** Where the project's sites are kept; `undefined` where the settings name no place. */
export async function siteArchive(project: Project, settings: Settings): Promise<SiteArchive | undefined> {
  const { artifact: repository, publicKey } = frontendOf(settings)
  if (repository === "") return undefined
  const access = registryAccess(project, settings)
  const withToken = await hasToken(project)
  const there = await registryOf(repository, withToken ? access : { ...access, token: undefined }, wallClock, "site")
  const at = { repository, source: settings.project.source, publicKey, hasToken: withToken }
  return new SiteArchive(there, at, wallClock)
}

/** Keeps a built site of a commit in the registry. */
async function publish(
  archive: SiteArchive,
  project: Project,
  settings: Settings,
  { commit, created }: Commit,
  site: SiteArtifact,
  { builder, startedAt }: { builder: string; startedAt: Date },
): Promise<KeptSite> {
  const key = await keyOf(project.signingKey, frontendOf(settings).publicKey, "site")
  return archive.publish({ commit, created }, site, { key, builder, run: project.run, startedAt })
}

/**
 * The site that a deployment serves: the one that the registry keeps of the commit, this build when there is none yet. Without access to
 * a registry it is this build, kept nowhere, which the report says.
 */
export async function keptSite(
  project: Project,
  settings: Settings,
  head: Commit,
  built: SiteArtifact,
  log: StepLog,
): Promise<SiteArtifact> {
  const { archive, why } = await keeping(project, settings)
  const { site } = await log.step(
    Step.Keep,
    async () =>
      archive
        ? publish(archive, project, settings, head, built, { builder: "", startedAt: log.started })
        : {
            site: built,
            lines: [`kept nowhere, for ${why}: a promotion fetches each file, and a rollback needs Netlify to have it`],
          },
    ({ lines }) => lines.join("; "),
  )
  return site
}

/** Where a deployment keeps a site, or why it keeps it nowhere. */
async function keeping(project: Project, settings: Settings): Promise<{ archive?: SiteArchive; why: string }> {
  const archive = await siteArchive(project, settings)
  if (!archive) return { why: "the settings name no place (frontend.artifact)" }
  const mayKeep = project.registryService !== undefined || (await hasToken(project))
  return mayKeep ? { archive, why: "" } : { why: "there is no --registry-token" }
}

/** What `keptSite` would do. Changes nothing. */
export async function plannedKeeping(project: Project, settings: Settings, candidate: Commit): Promise<string> {
  const { archive, why } = await keeping(project, settings)
  if (!archive) return `it would be kept nowhere, for ${why}`
  return (await archive.isKept(candidate))
    ? `${archive.name} has it: those files would be deployed`
    : `it would be kept as ${archive.name}:${candidate.commit}`
}

/** Builds the site of the checkout's commit and keeps it in the registry; the last line is its name there. */
export async function publishSite(project: Project, builder: string): Promise<string> {
  const settings = await settingsOf(project)
  if (frontendOf(settings).artifact === "") throw siteKeptNowhere()
  const { archive } = await keeping(project, settings)
  if (!archive) throw missingSecret("registry-token")
  const startedAt = wallClock.now()
  const head = await committed(project.workspace, settings)
  const { site, remarks } = await buildSite(head.sources, head.commit, settings)
  const built = await exported(site, head.commit)
  const { lines, name } = await publish(archive, project, settings, head, built, { builder, startedAt })
  return printed([...remarks, ...lines, name].join("\n"))
}
