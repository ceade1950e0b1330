import type { Directory, Secret } from "@dagger.io/dagger"
import { Component, type Deployed } from "../../src/exposed-types.js"
import { ciLine } from "../checks/ci-report.js"
import { branchStep } from "../deployment/branch.js"
import { deployed, planned } from "../deployment/deployed.js"
import { deploy } from "../deployment/deployment.js"
import { prepared } from "../deployment/outcome.js"
import { releasesText } from "../deployment/report.js"
import { releases, rollback } from "../deployment/rollback.js"
import { plannedRollback } from "../deployment/rollback-plan.js"
import { Step, type Tracer } from "../deployment/tracer.js"
import { OperationKind } from "../notifications/operation.js"
import { environmentOf, frontendOf, siteOf } from "../settings/settings.js"
import type { Settings } from "../settings/settings-types.js"
import { printed } from "../text/wording.js"
import { frontendTarget } from "../wiring/targets.js"
import { buildSite, exported, gated, siteText } from "./builds.js"
import * as checks from "./checks.js"
import { notified } from "./notifications.js"
import { contextOf, neededRecordsOf, operationOf, type Project, recordsOf, settingsOf } from "./project.js"
import { plaintext } from "./secrets.js"
import { keptSite, siteArchive } from "./site-archive.js"
import { commitOf, committed, nothingLost, type Sources, workingCopy } from "./sources.js"

const netlify = (token: Secret, settings: Settings, environment: string) =>
  plaintext(token, "netlify-token", environmentOf(settings, environment).secrets.netlify)

/** The settings of a project that has a site, and its sources on the caller's disk. */
export async function siteSources(project: Project): Promise<{ settings: Settings; sources: Sources }> {
  const settings = await settingsOf(project)
  frontendOf(settings)
  return { settings, sources: await workingCopy(project.workspace, settings) }
}

/** The site as a deployment builds it, from the caller's disk. */
export async function builtSite(project: Project, given: string): Promise<Directory> {
  const [{ settings, sources }, commit] = await Promise.all([siteSources(project), commitOf(project.workspace, given)])
  if (!given) await nothingLost(project.workspace, settings)
  return (await buildSite(sources, commit, settings)).site
}

/** What every deployment is called with. */
export interface DeploymentCall {
  environment: string
  overQuarantine: string
  allowDiverged: string
  fromAnyBranch: string
}

export interface SiteDeployment extends DeploymentCall {
  netlifyToken: Secret
}

/** Checks, builds and deploys the site of the checkout's commit. */
export async function deploySite(project: Project, call: SiteDeployment): Promise<Deployed> {
  const { environment, overQuarantine, allowDiverged } = call
  const settings = await settingsOf(project)
  const place = environmentOf(settings, environment)
  siteOf(place)
  const head = await committed(project.workspace, settings)
  const { commit, sources } = head
  const operation = { ...operationOf(project, OperationKind.Deployment, [Component.Frontend], environment), commit }
  const deployment = await notified(settings, operation, project, async ({ log, tracer }) => {
    const [token, records] = [
      await netlify(call.netlifyToken, settings, environment),
      await recordsOf(project, settings),
    ]
    await branchStep(log, { commit, branch: place.branch, ...call }, records?.order)
    const built = await gated(
      log,
      log.step(
        Step.Check,
        () =>
          checks.passing(
            Promise.all([checks.frontendTests(sources, settings), checks.frontendLint(sources, settings)]),
            settings.call,
          ),
        ciLine,
      ),
      log.step(
        Step.Build,
        async () => {
          const { site, ...told } = await buildSite(sources, commit, settings)
          return { files: await exported(site, commit), ...told }
        },
        siteText,
      ),
      ({ steps }) => steps,
    )
    const artifact = await keptSite(project, settings, head, built.files, log)
    for (const doubt of built.doubts) log.warn(doubt)
    const context = contextOf(project, settings, environment, tracer)
    const target = frontendTarget({
      ...{ ...context, token, records, overQuarantine, allowDiverged },
      ...{ calledAt: log.started, cache: log.cacheUse(Component.Frontend) },
    })
    return prepared(await deploy({ commit, version: commit.slice(0, 7), artifact }, target), log)
  })
  return deployed(deployment, settings, project)
}

/** What a rollback of one component is called with. */
export interface RollbackCall {
  reason: string
  environment: string
  /** "" for the last good release. */
  to: string
  /** Only say what it would do. */
  plan: boolean
}

/** Serves an earlier release of the site again. */
export async function rollbackSite(project: Project, call: RollbackCall & { netlifyToken: Secret }): Promise<Deployed> {
  const { reason, environment, to } = call
  const settings = await settingsOf(project)
  const targetOf = async (tracer?: Tracer) =>
    frontendTarget({
      ...contextOf(project, settings, environment, tracer),
      token: await netlify(call.netlifyToken, settings, environment),
      records: await neededRecordsOf(project, settings),
      archive: await siteArchive(project, settings),
    })
  if (call.plan) return planned(await plannedRollback(await targetOf(), { to, reason }), project)
  const operation = { ...operationOf(project, OperationKind.Rollback, [Component.Frontend], environment), reason }
  const deployment = await notified(settings, operation, project, async ({ tracer }) =>
    rollback(await targetOf(tracer), { to, reason }),
  )
  return deployed(deployment, settings, project)
}

/** The newest releases of the site, as a table. */
export async function siteReleases(project: Project, environment: string, netlifyToken: Secret): Promise<string> {
  const settings = await settingsOf(project)
  const token = await netlify(netlifyToken, settings, environment)
  const records = await neededRecordsOf(project, settings)
  const archive = await siteArchive(project, settings)
  const context = contextOf(project, settings, environment)
  return printed(releasesText(await releases(frontendTarget({ ...context, token, records, archive }))))
}
