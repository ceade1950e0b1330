import type { Container, Directory, Secret } from "@dagger.io/dagger"
import { Component, type Deployed } from "../../src/exposed-types.js"
import { ciLine } from "../checks/ci-report.js"
import { wallClock } from "../clock.js"
import { describedPlan } from "../database/migration.js"
import { branchStep } from "../deployment/branch.js"
import { deployed, planned } from "../deployment/deployed.js"
import { deploy } from "../deployment/deployment.js"
import { prepared } from "../deployment/outcome.js"
import { type ImageArtifact, pinned } from "../deployment/release.js"
import { releasesText } from "../deployment/report.js"
import { releases, rollback } from "../deployment/rollback.js"
import { plannedRollback } from "../deployment/rollback-plan.js"
import type { StepLog } from "../deployment/step-log.js"
import { Step, type Tracer } from "../deployment/tracer.js"
import { unknownPlatform } from "../image/errors.js"
import { OperationKind } from "../notifications/operation.js"
import { backendOf, environmentOf, imageOf, spaceOf } from "../settings/settings.js"
import type { Settings } from "../settings/settings-types.js"
import { printed } from "../text/wording.js"
import type { HubToken } from "../wiring/hub-token.js"
import { backendTarget } from "../wiring/targets.js"
import { type Database, plan, sql, upgrade } from "./alembic.js"
import { buildImage, buildImages, gated, imageSteps } from "./builds.js"
import * as checks from "./checks.js"
import { missingSecret } from "./errors.js"
import { imageLayout } from "./image-layout.js"
import { liveAt, namedOrLatest } from "./live-image.js"
import { notified } from "./notifications.js"
import {
  contextOf,
  neededRecordsOf,
  operationOf,
  type Project,
  recordsOf,
  registryAccess,
  scanDatabaseOf,
  settingsOf,
} from "./project.js"
import { type Publication, publishImage } from "./publication.js"
import { pull, verified } from "./registry.js"
import { databaseFor, databaseOf, schemaAt, schemaOf } from "./schema.js"
import { hubTokenOf, spaceSecretsOf } from "./secrets.js"
import type { DeploymentCall, RollbackCall } from "./site.js"
import {
  type Commit,
  commitOf,
  committed,
  dateOf,
  noSources,
  nothingLost,
  type Sources,
  workingCopy,
} from "./sources.js"
import { contextFor } from "./space.js"
import { span } from "./span.js"

const hub = (token: Secret, settings: Settings, environment: string) =>
  hubTokenOf(token, settings, environmentOf(settings, environment))

/** The settings of a project that has a service, and its sources on the caller's disk. */
export async function serviceSources(project: Project): Promise<{ settings: Settings; sources: Sources }> {
  const settings = await settingsOf(project)
  backendOf(settings)
  return { settings, sources: await workingCopy(project.workspace, settings) }
}

/** The images of the caller's disk, one for each platform of the settings. @param given commit in place of the checkout's. */
export async function imagesOnDisk(project: Project, given = "") {
  const { settings, sources, commit } = await serviceOnDisk(project, given)
  return { settings, images: await buildImages(sources, commit, settings) }
}

/** The image of the caller's disk. @param platform one of the settings; "" for the first. */
export async function builtImage(project: Project, given = "", platform = ""): Promise<Container> {
  const { settings, sources, commit } = await serviceOnDisk(project, given)
  const { platforms } = backendOf(settings)
  if (platform && !platforms.includes(platform)) throw unknownPlatform(platform, platforms)
  return buildImage(sources, commit, settings, "", platform || platforms[0])
}

async function serviceOnDisk(project: Project, given: string) {
  const [{ settings, sources }, commit] = await Promise.all([
    serviceSources(project),
    commitOf(project.workspace, given),
  ])
  if (!given) await nothingLost(project.workspace, settings)
  return { settings, sources, commit }
}

/** The image of the checkout's commit. */
async function imageOfCommit(project: Project, settings: Settings): Promise<Container> {
  const { commit, created, sources } = await committed(project.workspace, settings)
  return buildImage(sources, commit, settings, created)
}

/** The files of an image as `publish` pushes it, as an OCI image layout. */
export async function serviceLayout(project: Project): Promise<Directory> {
  const [{ settings, sources }, commit, created] = await Promise.all([
    serviceSources(project),
    commitOf(project.workspace),
    dateOf(project.workspace),
  ])
  return (await imageLayout(await buildImages(sources, commit, settings, created), created)).files
}

/** How a publication varies from call to call. */
export interface PublishCall {
  unscanned: string
  liveImage: string
  builder: string
}

/** Builds, scans and pushes the image of the checkout's commit; the last line is the name to deploy it by. */
export async function publishService(
  project: Project,
  { unscanned, liveImage, builder }: PublishCall,
): Promise<string> {
  const settings = await settingsOf(project)
  const live = namedOrLatest(settings, liveImage, registryAccess(project, settings), wallClock)
  const { image, lines } = await publishImage(
    settings,
    await committed(project.workspace, settings),
    registryAccess(project, settings),
    {
      ...publicationOf(project, unscanned),
      live,
      builder,
    },
  )
  return printed([...lines, pinned(image)].join("\n"))
}

const publicationOf = (project: Project, unscanned: string): Omit<Publication, "live"> => ({
  unscanned,
  scanDatabase: scanDatabaseOf(project),
  signingKey: project.signingKey,
  builder: "",
  run: project.run,
})

/** The name of the registry's image of a commit, once it says that it is of this commit, project and builder. */
export async function verifiedService(project: Project, given: string, builder: string): Promise<string> {
  const settings = await settingsOf(project)
  const { source } = settings.project
  const commit = await commitOf(project.workspace, given)
  const expected = {
    kind: "image" as const,
    ...imageOf(settings),
    source,
    digest: "",
    commit,
    builder: builder || source,
  }
  return printed(pinned(await verified(expected, registryAccess(project, settings), wallClock)))
}

async function migration(
  project: Project,
  databaseUrl: Secret,
  environment: string,
): Promise<{ image: Container; database: Database }> {
  const settings = await settingsOf(project)
  const database = await databaseOf(project, settings, { environment, databaseUrl })
  if (!database) throw missingSecret("database-url")
  return { image: await imageOfCommit(project, settings), database }
}

/** What a deployment to an environment would do to a database: each step with its class, and the SQL. */
export async function migrationPlan(project: Project, url: Secret, environment: string): Promise<string> {
  const { image, database } = await migration(project, url, environment)
  const planned = await plan(image, database)
  const steps = planned.steps.map(({ revision, class: kind, title }) => `  ${revision}  ${kind}  ${title}`)
  const statements = steps.length > 0 ? ["", await sql(image, database, planned)] : []
  return printed([describedPlan(planned), ...steps, ...statements].join("\n"))
}

/** Upgrades a database to the newest revision of the checkout's commit. */
export async function migrate(
  project: Project,
  url: Secret,
  environment: string,
  allowContract: string,
): Promise<string> {
  const { image, database } = await migration(project, url, environment)
  return printed(await span(Step.Migrate, () => upgrade(image, database, allowContract)))
}

/** What a deployment of the service is called with, besides the token of its host. */
export interface ServiceCall extends DeploymentCall {
  databaseUrl: Secret | undefined
  spaceSecrets: Secret | undefined
  allowContract: string
  unscanned: string
}

export interface ServiceDeployment extends ServiceCall {
  huggingFaceToken: Secret
}

/** Publishes the image of a commit that passed, and says what a Space and a database need of it. */
export async function placed(
  project: Project,
  settings: Settings,
  { commit, created, sources }: Commit,
  call: Pick<ServiceDeployment, "environment" | "allowContract" | "unscanned">,
  { log, token, database }: { log: StepLog; token: HubToken; database: Database | undefined },
) {
  const access = registryAccess(project, settings)
  const context = contextOf(project, settings, call.environment)
  const { image, steps } = await log.step(
    Step.Publish,
    () =>
      publishImage(settings, { commit, created, sources }, access, {
        ...publicationOf(project, call.unscanned),
        live: liveAt(() => backendTarget({ ...context, token }).host.live(), access, wallClock),
      }),
    ({ lines }) => lines.join("; "),
  )
  log.slow.push(...steps)
  const schema = database && (await schemaOf(pull(image, access), database, call.allowContract, access))
  const artifact: ImageArtifact = { ...image, ...(await contextFor(sources.backend ?? noSources(), commit, settings)) }
  return { artifact, schema }
}

/** Checks, builds, publishes, migrates and deploys the service of the checkout's commit. */
export async function deployService(project: Project, call: ServiceDeployment): Promise<Deployed> {
  const { environment, overQuarantine, allowDiverged } = call
  const settings = await settingsOf(project)
  const { secrets, ...place } = environmentOf(settings, environment)
  spaceOf({ secrets, ...place })
  const head = await committed(project.workspace, settings)
  const { commit, created } = head
  const source = head.sources.backend ?? noSources()
  const operation = { ...operationOf(project, OperationKind.Deployment, [Component.Backend], environment), commit }
  const deployment = await notified(settings, operation, project, async ({ log, tracer }) => {
    const [token, records] = [
      await hub(call.huggingFaceToken, settings, environment),
      await recordsOf(project, settings),
    ]
    const database = await databaseFor(source, project, settings, call)
    const spaceSecrets = await spaceSecretsOf(call.spaceSecrets, settings, environment, database !== undefined)
    await branchStep(log, { commit, branch: place.branch, ...call }, records?.order)
    await gated(
      log,
      log.step(
        Step.Check,
        () =>
          checks.passing(
            Promise.all([checks.backendTests(head.sources, settings), checks.backendLint(head.sources, settings)]),
            settings.call,
          ),
        ciLine,
      ),
      log.step(
        Step.Build,
        () => buildImages(head.sources, commit, settings, created),
        () => "the image",
      ),
      imageSteps,
    )
    const { artifact, schema } = await placed(project, settings, head, call, { log, token, database })
    const context = contextOf(project, settings, environment, tracer)
    const target = backendTarget(
      {
        ...{ ...context, token, records, overQuarantine, allowDiverged, spaceSecrets },
        ...{ calledAt: log.started, cache: log.cacheUse(Component.Backend) },
      },
      schema,
    )
    return prepared(await deploy({ commit, version: commit.slice(0, 7), artifact }, target), log)
  })
  return deployed(deployment, settings, project)
}

/** Serves an earlier image of the service again. */
export async function rollbackService(
  project: Project,
  call: RollbackCall & { huggingFaceToken: Secret; databaseUrl: Secret | undefined },
): Promise<Deployed> {
  const { reason, environment, to } = call
  const settings = await settingsOf(project)
  const { secrets } = environmentOf(settings, environment)
  const prepare = async (tracer?: Tracer) => {
    const [token, records] = [
      await hub(call.huggingFaceToken, settings, environment),
      await neededRecordsOf(project, settings),
    ]
    const database = await databaseOf(project, settings, call)
    const context = contextOf(project, settings, environment, tracer)
    const target = backendTarget({ ...context, hasDatabase: database !== undefined, token, records })
    const schema = schemaAt(() => target.host.live(), database, registryAccess(project, settings), secrets.database)
    return { target, request: { to, reason, schema } }
  }
  if (call.plan) {
    const { target, request } = await prepare()
    return planned(await plannedRollback(target, request), project)
  }
  const operation = { ...operationOf(project, OperationKind.Rollback, [Component.Backend], environment), reason }
  const deployment = await notified(settings, operation, project, async ({ tracer }) => {
    const { target, request } = await prepare(tracer)
    return rollback(target, request)
  })
  return deployed(deployment, settings, project)
}

/** The newest releases of the service, as a table. */
export async function serviceReleases(
  project: Project,
  environment: string,
  huggingFaceToken: Secret,
): Promise<string> {
  const settings = await settingsOf(project)
  const token = await hub(huggingFaceToken, settings, environment)
  const records = await neededRecordsOf(project, settings)
  const context = { ...contextOf(project, settings, environment), publicImages: false }
  return printed(releasesText(await releases(backendTarget({ ...context, token, records }))))
}
