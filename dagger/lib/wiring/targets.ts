import { Component } from "../../src/exposed-types.js"
import type { CacheUse } from "../cache/slow-step.js"
import type { Clock } from "../clock.js"
import type { SchemaState } from "../database/schema.js"
import type { Archive } from "../deployment/archive.js"
import { notJudgeable } from "../deployment/errors.js"
import { backendChecks, commitPlaceOf, frontendChecks } from "../deployment/health-checks.js"
import { probeUntil } from "../deployment/health-probe.js"
import type { Host, Live } from "../deployment/host.js"
import { askForm } from "../deployment/judgeable.js"
import type { Ledger } from "../deployment/ledger.js"
import { LeasedLock, type LeaseRecord, type Lock } from "../deployment/lock.js"
import type { ProductionBranch } from "../deployment/promotion.js"
import { provenByAnswer, provenByHost } from "../deployment/proof.js"
import type { ImageArtifact, Order, SiteArtifact } from "../deployment/release.js"
import type { Target } from "../deployment/target.js"
import type { Tracer } from "../deployment/tracer.js"
import type { RegistryUser } from "../deployment/undo.js"
import type { Past } from "../metrics/measurement.js"
import { get } from "../providers/endpoint.js"
import { GitHub } from "../providers/github/github.js"
import { GitHubLedger } from "../providers/github/ledger.js"
import { GitHubLocks } from "../providers/github/lock.js"
import { GitHubBranch } from "../providers/github/production-branch.js"
import { HuggingFaceHost } from "../providers/hugging-face/hugging-face.js"
import { NetlifyHost } from "../providers/netlify/netlify.js"
import { pullable } from "../providers/registry/registry.js"
import { backendOf, environmentOf, frontendOf, siteOf, spaceOf } from "../settings/settings.js"
import type { Settings } from "../settings/settings-types.js"
import { type HubToken, tokenAt } from "./hub-token.js"

/** Where and how one call deploys. @typeParam Token of the component's host: Netlify's or Hugging Face's. */
export interface DeploymentContext<Token = string> {
  settings: Settings
  environment: string
  token: Token
  clock: Clock
  tracer: Tracer
  /** Lock, ledger and order of commits; without them nothing is recorded and nothing stops a second deployment. */
  records?: Records | undefined
  /** The reason to deploy a quarantined version; "" forbids it. */
  overQuarantine?: string
  /** Why a version that does not contain the live one may go live nevertheless; "" for: it may not. */
  allowDiverged?: string
  /** Who deploys, and the address of the run. */
  actor?: string
  run?: string
  /** Whether this module can reach the images' registry without a password, as a Space does. */
  publicImages?: boolean
  /** When the call began; the start of the deployment unless given. */
  calledAt?: Date | undefined
  /** How much of the checks, the build and the scan came from a cache. */
  cache?: CacheUse | undefined
  /** Secrets of the service, by name. */
  spaceSecrets?: Readonly<Record<string, string>>
  /** Whether the call has the environment's database. */
  hasDatabase?: boolean
  /** As whom the call is at the registry. */
  registry?: RegistryUser | undefined
  /** Keeps built sites for longer than Netlify. */
  archive?: Archive<SiteArtifact> | undefined
}

/** The records of an environment. */
export interface Records {
  lock: Lock
  ledger: Ledger
  order: (commit: string, live: string) => Promise<Order>
  /** Who holds the lock of an environment, or left it behind; `undefined` when nobody ever took it. */
  lease: (environment: string) => Promise<LeaseRecord | undefined>
  /** A branch that an environment is deployed from. */
  branch: (name: string) => ProductionBranch
  /** The ledger over a span of time, for the metrics. */
  past: Past
  /** What a person should know of how the place of the records answered so far; a sentence each. */
  notes?: () => Promise<string[]>
}

/** The database of an environment. */
export interface Schema {
  /** DATABASE_URL for the app; "" when the app has its own. */
  url: string
  migrate: () => Promise<string>
  /** Newest revision that the release knows. */
  head: string
  /** Compares the schema that an earlier version knows with the database. */
  stateFor: (earlier: Live) => Promise<SchemaState>
}

/** The repository in `project.source` of the settings. */
export function gitHubOf(settings: Settings, token: string, clock: Clock): GitHub {
  const repository = new URL(settings.project.source).pathname.replace(/^\/|\/$|\.git$/g, "")
  return new GitHub({ repository, token, api: settings.providers.gitHub }, clock)
}

/** The records in a GitHub repository: the lock as a ref, the ledger as deployments with statuses. */
export function gitHubRecords(settings: Settings, token: string, clock: Clock): Records {
  const gitHub = gitHubOf(settings, token, clock)
  const [ledger, locks] = [new GitHubLedger(gitHub), new GitHubLocks(gitHub)]
  return {
    lock: new LeasedLock(locks, clock),
    lease: async (environment) => (await locks.read(environment))?.record,
    ledger,
    order: (commit, live) => gitHub.order(commit, live),
    branch: (name) => new GitHubBranch(gitHub, name),
    notes: () => gitHub.notes(),
    past: {
      history: (places, since) => ledger.history(places, since),
      committedAt: (commit) => gitHub.committedAt(commit),
    },
  }
}

/** What the providers of a target said beside their answers. */
const notesOf = (host: Host<never>, records: Records | undefined) => async () => [
  ...(host.notes?.() ?? []),
  ...((await records?.notes?.()) ?? []),
]

/** What the targets of both components share. */
function shared({ settings, environment, clock, tracer, records, ...rest }: DeploymentContext<unknown>) {
  const {
    overQuarantine = "",
    allowDiverged = "",
    actor = "",
    run = "",
    hasDatabase = false,
    registry,
    calledAt,
    cache,
  } = rest
  const kept = records && { lock: records.lock, ledger: records.ledger, order: records.order }
  const { secrets } = environmentOf(settings, environment)
  return {
    environment,
    clock,
    tracer,
    overQuarantine,
    allowDiverged,
    actor,
    run,
    secrets,
    hasDatabase,
    registry,
    call: settings.call,
    calledAt,
    cache,
    ...kept,
  }
}

/** The environment's Netlify site. */
export function frontendTarget(context: DeploymentContext): Target<SiteArtifact> & { host: NetlifyHost } {
  const { settings, environment, token, clock } = context
  const place = environmentOf(settings, environment)
  const [{ apiUrl, probe }, frontend] = [place, siteOf(place)]
  const host = new NetlifyHost(
    {
      site: frontend.site,
      token,
      environment,
      apiUrl,
      configFile: frontendOf(settings).configFile,
      api: settings.providers.netlify,
      seconds: settings.budgets.frontend,
    },
    clock,
    { switchBy: frontend.switchBy },
  )
  return {
    ...shared(context),
    component: Component.Frontend,
    host,
    archive: context.archive,
    notes: notesOf(host, context.records),
    probe: (url, commit) => probeUntil(url, frontendChecks(frontend, commit), probe, { get, clock }),
    migrate: async () => "the frontend has no database",
  }
}

/** The environment's Hugging Face Space. */
export function backendTarget(
  context: DeploymentContext<HubToken>,
  schema?: Schema,
): Target<ImageArtifact> & { host: HuggingFaceHost } {
  const { settings, environment, token, clock, publicImages } = context
  const place = environmentOf(settings, environment)
  const [{ probe }, backend] = [place, spaceOf(place)]
  const service = backendOf(settings)
  const { port, delivery, commitFrom } = service
  const at = (space: string) => ({
    space,
    token: tokenAt(token, space),
    title: settings.project.title,
    port,
    commitAt: commitPlaceOf(service),
    hub: settings.providers.huggingFace,
    seconds: backend.buildSeconds,
    graceSeconds: 120,
  })
  const source = delivery === "source"
  const options = {
    source,
    variables: backend.variables,
    secrets: { ...context.spaceSecrets, ...(schema?.url && { [service.databaseVariable]: schema.url }) },
  }
  const host = new HuggingFaceHost(at(backend.space), clock, {
    ...(backend.candidateSpace && { candidate: new HuggingFaceHost(at(backend.candidateSpace), clock, options) }),
    ...options,
    ...(publicImages && !source && { pullable: (image) => pullable(image, clock) }),
  })
  return {
    ...shared(context),
    component: Component.Backend,
    host,
    notes: notesOf(host, context.records),
    probe: async (url, commit, id) => {
      const answered = await probeUntil(url, backendChecks(service, backend, commit), probe, { get, clock })
      return commitFrom === "host" ? provenByHost(answered, id, await host.imageAt(url)) : provenByAnswer(answered)
    },
    judgeable: async ({ url, commit }) => {
      const found = await askForm(url, backendChecks(service, backend, commit || "unknown"), get)
      if (!found) return ""
      if (service.health.unjudged === "refuse") throw notJudgeable(url, found.why, found.setting)
      return `${found.why}; the new version has to answer as the settings say`
    },
    migrate: schema?.migrate ?? (async () => "no database is configured"),
    schema: schema?.head ?? "",
    ...(schema && { hasDatabase: true, schemaFor: schema.stateFor }),
  }
}
