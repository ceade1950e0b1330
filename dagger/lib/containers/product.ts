import type { Secret } from "@dagger.io/dagger"
import { Component } from "../../src/exposed-types.js"
import { cacheUse } from "../cache/slow-step.js"
import { ciLine } from "../checks/ci-report.js"
import { wallClock } from "../clock.js"
import { branchStep } from "../deployment/branch.js"
import { productDeployed, productPlanned } from "../deployment/deployed.js"
import { prepared } from "../deployment/outcome.js"
import { deployProduct, rollbackProduct, summary } from "../deployment/product-release.js"
import { mustDiffer, promote, promotedCommit } from "../deployment/promotion.js"
import { imageNamed } from "../deployment/release.js"
import { plannedProductRollback } from "../deployment/rollback-plan.js"
import { provenSite } from "../deployment/site-proof.js"
import { Step, type Tracer } from "../deployment/tracer.js"
import { undoProduct } from "../deployment/undo.js"
import { OperationKind } from "../notifications/operation.js"
import { componentsOf, environmentOf, frontendOf, imageOf } from "../settings/settings.js"
import type { EnvironmentSettings, Settings } from "../settings/settings-types.js"
import { isFailure } from "../verdict.js"
import { backendTarget, frontendTarget, type Records } from "../wiring/targets.js"
import { buildImages, buildSite, exported, gated, imageSteps, siteText } from "./builds.js"
import * as checks from "./checks.js"
import { notified } from "./notifications.js"
import {
  contextOf,
  neededRecordsOf,
  type Project,
  productOperationOf,
  recordsOf,
  registryAccess,
  registryUserOf,
  settingsOf,
} from "./project.js"
import { pull, verified } from "./registry.js"
import { databaseFor, databaseOf, schemaAt, schemaOf } from "./schema.js"
import { hubTokenOf, plaintext, spaceSecretsOf } from "./secrets.js"
import { placed, type ServiceCall } from "./service.js"
import type { RollbackCall } from "./site.js"
import { keptSite, siteArchive } from "./site-archive.js"
import { committed } from "./sources.js"

/** The tokens of an environment's hosts. One that the environment has no component for is not needed. */
export interface HostTokens {
  netlifyToken: Secret | undefined
  huggingFaceToken: Secret | undefined
}

/** Values of the tokens that the environment's components need; "" for one that has no component. */
export async function tokensOf(settings: Settings, place: EnvironmentSettings, given: HostTokens, from = "") {
  const { frontend, backend, secrets } = place
  return {
    netlify: frontend ? await plaintext(given.netlifyToken, `${from}netlify-token`, secrets.netlify) : "",
    hub: backend ? await hubTokenOf(given.huggingFaceToken, settings, place, `${from}hugging-face-token`) : "",
  }
}

/** What a deployment of all components is called with. */
export type ProductCall = HostTokens & ServiceCall

/** Checks, builds and deploys all components of the checkout's commit as one release. */
export async function deployAll(project: Project, call: ProductCall): Promise<string> {
  const { environment, overQuarantine, allowDiverged } = call
  const settings = await settingsOf(project)
  const place = environmentOf(settings, environment)
  const head = await committed(project.workspace, settings)
  const { commit, created, sources } = head
  const { frontend: pages, backend: service } = componentSources(place, sources)
  const operation = { ...productOperationOf(project, OperationKind.Deployment, settings, environment), commit }
  const whole = await notified(settings, operation, project, async ({ log, tracer }) => {
    const [tokens, records] = [await tokensOf(settings, place, call), await recordsOf(project, settings)]
    const variable = place.secrets.database
    const database = service && (await databaseFor(service, project, settings, call))
    const spaceSecrets = await spaceSecretsOf(call.spaceSecrets, settings, environment, database !== undefined)
    await branchStep(log, { commit, branch: place.branch, ...call }, records?.order)
    const [built] = await gated(
      log,
      log.step(
        Step.Check,
        () => checks.passing(checks.all(componentSources(place, sources), settings), settings.call),
        ciLine,
      ),
      log.step(
        Step.Build,
        () =>
          Promise.all([
            pages &&
              buildSite(sources, commit, settings).then(async ({ site, ...told }) => ({
                files: await exported(site, commit),
                ...told,
              })),
            service && buildImages(sources, commit, settings, created),
          ]),
        ([built]) => [service && "the image", built && siteText(built)].filter(Boolean).join(" and "),
      ),
      ([site, images]) => [...(site?.steps ?? []), ...imageSteps(images ?? [])],
    )
    for (const doubt of built?.doubts ?? []) log.warn(doubt)
    const context = {
      ...contextOf(project, settings, environment, tracer),
      records,
      overQuarantine,
      allowDiverged,
      calledAt: log.started,
    }
    const keptFiles = built && (await keptSite(project, settings, head, built.files, log))
    const published = service && (await placed(project, settings, head, call, { log, token: tokens.hub, database }))
    const served = { ...context, spaceSecrets, token: tokens.hub, cache: log.cacheUse(Component.Backend) }
    const backend = published && backendTarget(served, published.schema)
    const page = { ...context, token: tokens.netlify, cache: log.cacheUse(Component.Frontend) }
    const product = await deployProduct(
      { commit, version: commit.slice(0, 7), image: published?.artifact, site: keptFiles },
      { backend, frontend: pages && frontendTarget(page) },
      backend && schemaAt(() => backend.host.live(), database, registryAccess(project, settings), variable),
    )
    const [first, ...rest] = product.components
    return { ...product, components: first ? [prepared(first, log), ...rest] : [] }
  })
  return productDeployed(whole, settings, project)
}

/** The sources of the components that the environment has; the others are neither checked nor built for it. */
const componentSources = (
  place: EnvironmentSettings,
  { frontend, backend, context, above, repository, part }: Awaited<ReturnType<typeof committed>>["sources"],
) => ({
  ...(above && { above }),
  ...(part && { part }),
  ...(place.frontend && frontend && { frontend, ...(repository && { repository }) }),
  ...(place.backend && backend && { backend, ...(context && { context }) }),
})

/** Serves an earlier release of all components again. */
export async function rollbackAll(
  project: Project,
  call: RollbackCall & HostTokens & { databaseUrl: Secret | undefined },
): Promise<string> {
  const { reason, environment, to } = call
  const settings = await settingsOf(project)
  const place = environmentOf(settings, environment)
  const prepare = async (tracer?: Tracer) => {
    const [tokens, records] = [await tokensOf(settings, place, call), await neededRecordsOf(project, settings)]
    const database = place.backend && (await databaseOf(project, settings, call))
    const context = {
      ...contextOf(project, settings, environment, tracer),
      hasDatabase: database !== undefined,
      records,
    }
    const backend = place.backend && backendTarget({ ...context, token: tokens.hub })
    const archive = place.frontend && (await siteArchive(project, settings))
    const frontend = place.frontend && frontendTarget({ ...context, archive, token: tokens.netlify })
    const schema =
      backend &&
      schemaAt(() => backend.host.live(), database, registryAccess(project, settings), place.secrets.database)
    return { product: { backend, frontend }, request: { to, reason, ...(schema && { schema }) } }
  }
  if (call.plan) {
    const { product, request } = await prepare()
    return productPlanned(await plannedProductRollback(product, request), project)
  }
  const operation = { ...productOperationOf(project, OperationKind.Rollback, settings, environment), reason }
  const whole = await notified(settings, operation, project, async ({ tracer }) => {
    const { product, request } = await prepare(tracer)
    return rollbackProduct(product, request)
  })
  return productDeployed(whole, settings, project)
}

/** What a promotion is called with. */
export interface PromotionCall extends HostTokens {
  /** Tokens of the environment that proved the version; those of the other when left out. */
  fromNetlifyToken: Secret | undefined
  fromHuggingFaceToken: Secret | undefined
  from: string
  to: string
  provenSeconds: number
  /** ID, ledger entry or commit of the deployment to promote; "" for the newest. */
  deployment: string
  databaseUrl: Secret | undefined
  spaceSecrets: Secret | undefined
  allowContract: string
  allowDiverged: string
}

/** The tokens of both environments; those of the one that gets the version serve for the other too where it has none of its own. */
export async function promotionTokens(
  settings: Settings,
  target: EnvironmentSettings,
  proving: EnvironmentSettings,
  call: PromotionCall,
) {
  const theirs = {
    netlifyToken: call.fromNetlifyToken ?? call.netlifyToken,
    huggingFaceToken: call.fromHuggingFaceToken ?? call.huggingFaceToken,
  }
  return {
    tokens: await tokensOf(settings, target, call),
    fromTokens: await tokensOf(settings, proving, theirs, "from-"),
  }
}

/** Which version is to be promoted, and what must be true of it. */
export async function promotionRequest(
  { branch }: EnvironmentSettings,
  { from, deployment, provenSeconds }: PromotionCall,
  records: Records,
) {
  return {
    wanted: await promotedCommit(deployment, (component) => records.ledger.list(component, from)),
    policy: { provenSeconds },
    branch: records.branch(branch),
  }
}

/** Puts what one environment serves into another, unchanged, and merges its commit. */
export async function promoteAll(project: Project, call: PromotionCall): Promise<string> {
  const settings = await settingsOf(project)
  const [target, proving] = [environmentOf(settings, call.to), environmentOf(settings, call.from)]
  mustDiffer(call.from, call.to)
  const operation = productOperationOf(project, OperationKind.Promotion, settings, call.to)
  const whole = await notified(settings, operation, project, async ({ tracer }) => {
    const { tokens, fromTokens } = await promotionTokens(settings, target, proving, call)
    const records = await neededRecordsOf(project, settings)
    const access = registryAccess(project, settings)
    const request = await promotionRequest(target, call, records)
    const on = (environment: string) => ({
      ...contextOf(project, settings, environment, tracer),
      records,
      allowDiverged: call.allowDiverged,
      // It checks and builds nothing.
      cache: cacheUse([]),
    })
    const service = async () => {
      const candidate = backendTarget({ ...on(call.from), token: fromTokens.hub })
      const { database, schema } = await schemaOfLive(project, settings, call, () => candidate.host.live())
      const spaceSecrets = await spaceSecretsOf(call.spaceSecrets, settings, call.to, database !== undefined)
      const gets = backendTarget({ ...on(call.to), spaceSecrets, token: tokens.hub }, schema)
      const promoted = await promote(candidate, gets, {
        ...request,
        artifact: async ({ id, commit }) => {
          const { publicKey } = imageOf(settings)
          const expected = { commit, publicKey, source: settings.project.source, builder: "" }
          const image = await verified({ kind: "image", ...imageNamed(id), ...expected }, access, wallClock)
          return { artifact: { ...(await candidate.host.artifact(id)), ...image }, from: "its registry, by its digest" }
        },
      })
      return { promoted, database }
    }
    const site = async () => {
      const archive = await siteArchive(project, settings)
      const proved = frontendTarget({ ...on(call.from), token: fromTokens.netlify })
      return promote(proved, frontendTarget({ ...on(call.to), archive, token: tokens.netlify }), {
        ...request,
        artifact: (proven) => provenSite(proven, proved.host, archive, frontendOf(settings).publicKey !== ""),
      })
    }
    const first = target.backend && (await service())
    const undo = () =>
      undoProduct({
        environment: call.to,
        secrets: target.secrets,
        registry: registryUserOf(project, settings),
        call: settings.call,
        hasDatabase: first?.database !== undefined,
        components: componentsOf(target),
      })
    const done = first ? [first.promoted] : []
    if (first && isFailure(first.promoted.verdict)) return summary(call.to, first.promoted.commit, done, undo)
    if (target.frontend) done.push(await site())
    return summary(call.to, done[0]?.commit ?? "", done, undo)
  })
  return productDeployed(whole, settings, project)
}

/** The database that a promotion migrates, by the image that is live in the environment that proved it. */
export async function schemaOfLive(
  project: Project,
  settings: Settings,
  { to, databaseUrl, allowContract }: PromotionCall,
  live: Parameters<typeof schemaAt>[0],
) {
  const access = registryAccess(project, settings)
  const id = (await live())?.id
  const image = id ? pull(imageNamed(id), access) : undefined
  const database =
    image && (await databaseFor(image.directory("."), project, settings, { environment: to, databaseUrl }))
  return { database, schema: image && database && (await schemaOf(image, database, allowContract, access)) }
}
