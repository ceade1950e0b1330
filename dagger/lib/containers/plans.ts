import type { Container } from "@dagger.io/dagger"
import { Component, type Deployed } from "../../src/exposed-types.js"
import { wallClock } from "../clock.js"
import { checkedBranch } from "../deployment/branch.js"
import { plannedDeployed, productPlannedDeployed } from "../deployment/deployed.js"
import { type DeploymentPlan, type PlanRequest, plannedDeployment } from "../deployment/deployment-plan.js"
import { mustDiffer } from "../deployment/promotion.js"
import { plannedPromotion } from "../deployment/promotion-plan.js"
import { imageNamed, pinned } from "../deployment/release.js"
import { provenSite } from "../deployment/site-proof.js"
import { Step } from "../deployment/tracer.js"
import { verifyingKey } from "../image/image-signature.js"
import { Found } from "../image/publication.js"
import { publishedState } from "../providers/registry/publication.js"
import { backendOf, environmentOf, frontendOf, imageOf, siteOf, spaceOf } from "../settings/settings.js"
import type { Settings } from "../settings/settings-types.js"
import type { HubToken } from "../wiring/hub-token.js"
import { backendTarget, frontendTarget, type Records } from "../wiring/targets.js"
import { buildImage } from "./builds.js"
import {
  type ProductCall,
  type PromotionCall,
  promotionRequest,
  promotionTokens,
  schemaOfLive,
  tokensOf,
} from "./product.js"
import { contextOf, neededRecordsOf, type Project, recordsOf, registryAccess, settingsOf } from "./project.js"
import { mustBeFor, pull, registryOf, verified } from "./registry.js"
import { databaseFor, migrationOf, schemaOf } from "./schema.js"
import { hubTokenOf, plaintext, spaceSecretsOf } from "./secrets.js"
import type { ServiceDeployment } from "./service.js"
import type { SiteDeployment } from "./site.js"
import { plannedKeeping, siteArchive } from "./site-archive.js"
import { type Commit, committed, noSources } from "./sources.js"

/** What a deployment of the site would do. Builds nothing. */
export async function planSite(project: Project, call: SiteDeployment): Promise<Deployed> {
  const settings = await settingsOf(project)
  const { secrets } = environmentOf(settings, call.environment)
  const token = await plaintext(call.netlifyToken, "netlify-token", secrets.netlify)
  const head = await committed(project.workspace, settings)
  return plannedDeployed(
    await sitePlan(project, settings, head, { ...call, token, records: await recordsOf(project, settings) }),
    project,
  )
}

/** What a deployment of the service would do. Builds its image only to read its schema where a database is given; pushes nothing. */
export async function planService(project: Project, call: ServiceDeployment): Promise<Deployed> {
  const settings = await settingsOf(project)
  const token = await hubTokenOf(call.huggingFaceToken, settings, environmentOf(settings, call.environment))
  const head = await committed(project.workspace, settings)
  return plannedDeployed(
    await servicePlan(project, settings, head, { ...call, token, records: await recordsOf(project, settings) }),
    project,
  )
}

/** What a deployment of all components would do, in its order. */
export async function planAll(project: Project, call: ProductCall): Promise<string> {
  const settings = await settingsOf(project)
  const place = environmentOf(settings, call.environment)
  const [tokens, records, head] = [
    await tokensOf(settings, place, call),
    await recordsOf(project, settings),
    await committed(project.workspace, settings),
  ]
  const plans = await Promise.all([
    place.backend && servicePlan(project, settings, head, { ...call, token: tokens.hub, records }),
    place.frontend && sitePlan(project, settings, head, { ...call, token: tokens.netlify, records }),
  ])
  return productPlannedDeployed(
    plans.flatMap((plan) => plan ?? []),
    project,
  )
}

type Asked<Call, Token> = Omit<Call, "netlifyToken" | "huggingFaceToken"> & {
  token: Token
  records: Records | undefined
}

async function sitePlan(
  project: Project,
  settings: Settings,
  head: Commit,
  { environment, token, records, overQuarantine, allowDiverged, fromAnyBranch }: Asked<SiteDeployment, string>,
): Promise<DeploymentPlan> {
  const { commit } = head
  const place = environmentOf(settings, environment)
  siteOf(place)
  const context = { ...contextOf(project, settings, environment), token, records, overQuarantine, allowDiverged }
  return plannedDeployment(frontendTarget(context), {
    commit,
    first: [
      branchStep({ commit, branch: place.branch, environment, fromAnyBranch }, records),
      checkStep(Component.Frontend, frontendOf(settings)),
      { name: Step.Build, look: async () => "the site would be built" },
      { name: Step.Keep, look: () => plannedKeeping(project, settings, head) },
    ],
    lease: leaseOf(records, environment),
    place: "a draft at Netlify, which gets the files that it lacks; one with the same files is used again",
    migration: async () => "the frontend has no database",
  })
}

async function servicePlan(
  project: Project,
  settings: Settings,
  head: Commit,
  {
    environment,
    token,
    records,
    overQuarantine,
    allowDiverged,
    fromAnyBranch,
    ...call
  }: Asked<ServiceDeployment, HubToken>,
): Promise<DeploymentPlan> {
  const { commit } = head
  const place = environmentOf(settings, environment)
  const { candidateSpace, space } = spaceOf(place)
  const [access, own] = [registryAccess(project, settings), backendOf(settings)]
  const source = head.sources.backend ?? noSources()
  const database = await databaseFor(source, project, settings, { environment, databaseUrl: call.databaseUrl })
  const spaceSecrets = await spaceSecretsOf(call.spaceSecrets, settings, environment, database !== undefined)
  const { container, said } = await imageToBe(project, settings, head)
  const schema = database && (await schemaOf(await container(), database, call.allowContract, access))
  const context = {
    ...contextOf(project, settings, environment),
    token,
    records,
    overQuarantine,
    allowDiverged,
    spaceSecrets,
  }
  return plannedDeployment(backendTarget(context, schema), {
    commit,
    first: [
      branchStep({ commit, branch: place.branch, environment, fromAnyBranch }, records),
      checkStep(Component.Backend, own),
      {
        name: Step.Publish,
        look: async () => `${said}${call.unscanned.trim() ? "; NOT SCANNED, as was asked for" : ""}`,
      },
    ],
    lease: leaseOf(records, environment),
    place: candidateSpace ? `in the Space ${candidateSpace}` : `none: the Space ${space} serves one version at a time`,
    migration: database
      ? async () => migrationOf(await container(), database, call.allowContract)
      : async () => "none: no database was given",
  })
}

/** The image that a deployment would take: the registry's, or one that it would build. */
async function imageToBe(project: Project, settings: Settings, { commit, created, sources }: Commit) {
  const [access, { repository, publicKey }] = [registryAccess(project, settings), imageOf(settings)]
  const there = await registryOf(repository, access, wallClock)
  const key = publicKey ? verifyingKey(publicKey) : undefined
  const at = { kind: "image" as const, source: settings.project.source }
  const { before, state } = await publishedState(there, { commit, created }, at, key)
  const found = state === Found.Same && before ? { repository, digest: before.digest } : undefined
  if (found && before) mustBeFor(found, before.platforms, backendOf(settings).platforms)
  let built: Promise<Container> | undefined
  return {
    said: found
      ? `${pinned(found)} is there: it would be scanned again, and not pushed again`
      : `the image would be built, held to its budget, scanned, and pushed as ${repository}:${commit}${state === Found.Unproven ? ": the one there does not say where it comes from" : ""}`,
    container: async () => {
      if (found) return pull(found, access)
      built ??= buildImage(sources, commit, settings, created)
      return built
    },
  }
}

const branchStep = (
  claim: Parameters<typeof checkedBranch>[0],
  records: Records | undefined,
): PlanRequest["first"][number] => ({
  name: Step.Branch,
  look: () => checkedBranch(claim, records?.order),
})

const checkStep = (
  component: Component,
  { untested }: { untested?: string | undefined },
): PlanRequest["first"][number] => ({
  name: Step.Check,
  look: async () =>
    untested
      ? `the ${component}'s linters would run; NOT TESTED: ${untested}`
      : `the ${component}'s tests and linters would run, and stop it where one fails`,
})

const leaseOf = (records: Records | undefined, environment: string): PlanRequest["lease"] =>
  records && (() => records.lease(environment))

/** What a promotion would do, in its order. */
export async function planPromotion(project: Project, call: PromotionCall): Promise<string> {
  const settings = await settingsOf(project)
  const [target, proving] = [environmentOf(settings, call.to), environmentOf(settings, call.from)]
  mustDiffer(call.from, call.to)
  const { tokens, fromTokens } = await promotionTokens(settings, target, proving, call)
  const records = await neededRecordsOf(project, settings)
  const request = { ...(await promotionRequest(target, call, records)), lease: leaseOf(records, call.to) }
  const on = (environment: string) => ({
    ...contextOf(project, settings, environment),
    records,
    allowDiverged: call.allowDiverged,
  })
  const service = async () => {
    const candidate = backendTarget({ ...on(call.from), token: fromTokens.hub })
    const { database, schema } = await schemaOfLive(project, settings, call, () => candidate.host.live())
    const spaceSecrets = await spaceSecretsOf(call.spaceSecrets, settings, call.to, database !== undefined)
    const gets = backendTarget({ ...on(call.to), spaceSecrets, token: tokens.hub }, schema)
    const access = registryAccess(project, settings)
    return plannedPromotion(candidate, gets, {
      ...request,
      artifact: async ({ id, commit }) => {
        const [{ publicKey }, { source }] = [imageOf(settings), settings.project]
        const expected = { kind: "image" as const, commit, publicKey, source, builder: "" }
        const image = await verified({ ...imageNamed(id), ...expected }, access, wallClock)
        return `${pinned(image)} says that it is of this commit`
      },
      migration: async () => {
        const id = (await candidate.host.live())?.id ?? ""
        return database && id
          ? migrationOf(pull(imageNamed(id), access), database, call.allowContract)
          : "none: no database was given"
      },
    })
  }
  const site = async () => {
    const archive = await siteArchive(project, settings)
    const mustBeSigned = frontendOf(settings).publicKey !== ""
    const proved = frontendTarget({ ...on(call.from), token: fromTokens.netlify })
    return plannedPromotion(proved, frontendTarget({ ...on(call.to), token: tokens.netlify }), {
      ...request,
      artifact: async (proven) => (await provenSite(proven, proved.host, archive, mustBeSigned)).from,
      migration: async () => "the frontend has no database",
    })
  }
  const plans = await Promise.all([target.backend && service(), target.frontend && site()])
  return productPlannedDeployed(
    plans.flatMap((plan) => plan ?? []),
    project,
  )
}
