import { type GitHubStandIn, gitHub } from "../../stand-ins/github.js"
import { huggingFace, type RunImage } from "../../stand-ins/hugging-face.js"
import { netlify } from "../../stand-ins/netlify.js"
import { type SlackStandIn, slack } from "../../stand-ins/slack.js"
import type { Clock } from "../clock.js"
import { Component } from "../component.js"
import type { SchemaState } from "../database/schema.js"
import type { Archive } from "../deployment/archive.js"
import { deploy } from "../deployment/deployment.js"
import { HealthState } from "../deployment/health-probe.js"
import type { Live } from "../deployment/host.js"
import type { Attempt } from "../deployment/ledger.js"
import type { Deployment } from "../deployment/outcome.js"
import { deployProduct, type ProductDeployment } from "../deployment/product-release.js"
import { promote } from "../deployment/promotion.js"
import { type ImageArtifact, imageNamed, type SiteArtifact } from "../deployment/release.js"
import { rollback } from "../deployment/rollback.js"
import { provenSite } from "../deployment/site-proof.js"
import type { AnyTarget } from "../deployment/target.js"
import { noTracer, type Tracer } from "../deployment/tracer.js"
import { measurement, readRecord } from "../metrics/measurement.js"
import { Notifier, notifying } from "../notifications/notifier.js"
import { type Operation, OperationKind, type OperationResult, resultOf } from "../notifications/operation.js"
import { environmentOf, siteOf, spaceOf } from "../settings/settings.js"
import type { EnvironmentBackend, Settings } from "../settings/settings-types.js"
import { Verdict } from "../verdict.js"
import { channelsOf } from "../wiring/channels.js"
import { backendTarget, type DeploymentContext, frontendTarget, gitHubRecords } from "../wiring/targets.js"
import { atStandIns, previewScenario, statusScenario } from "./looks.js"
import type { Event } from "./timeline.js"

/** The versions of the backend that a rehearsal deploys. */
export enum Version {
  /** The version of the caller. */
  Own = "own",
  /** Starts, but can't reach what it needs. */
  Broken = "broken",
  /** Drops a column: a contract step of the schema. */
  Contract = "contract",
  /** Follows it, and knows the schema. */
  Later = "later",
}

/** What a rehearsal needs from the engine. */
export interface Dependencies {
  /** Commit of the caller's checkout. */
  commit: string
  settings: Settings
  /** Runs all checks. Returns their summary; throws when one failed. */
  checks(): Promise<string>
  /** Builds the site for a commit and keeps it in the archive. */
  site(commit: string): Promise<SiteArtifact>
  archive: Archive<SiteArtifact>
  /** Builds a version of the image and pushes it. */
  image(commit: string, version: Version): Promise<ImageArtifact>
  run: RunImage
  /** The database of an environment: its address for the app, and the migrations of an image. */
  database(environment: string): {
    url: string
    upgrade(image: ImageArtifact, allowContract: string): Promise<string>
    head(image: ImageArtifact): Promise<string>
    /** Compares the schema that `image` knows with the database; `newest` knows every revision. */
    state(image: ImageArtifact, newest: ImageArtifact): Promise<SchemaState>
  }
  clock: Clock
  tracer: Tracer
}

export interface Rehearsed {
  events: Event[]
  /** What the rehearsal proved, or where it failed. */
  conclusion: string[]
  passed: boolean
  /** What `dagger call status` says of its stand-ins at the end. */
  status: string
  /** What `dagger call metrics` exports of its ledger, by file name. */
  metrics: Record<string, string>
}

const [netlifyToken, hubToken, gitHubToken] = ["nfp_rehearsal", "hf_rehearsal", "rehearsal"]

/**
 * Runs the whole pipeline against stand-ins. All code is that of production; only the addresses of the providers differ.
 *
 * Staging, promotion, a broken candidate of each component with automatic rollback, a manual rollback that the schema forbids, one
 * that succeeds, and the quarantine of the version that it replaced.
 */
export async function rehearse(dependencies: Dependencies): Promise<Rehearsed> {
  const { commit, settings, checks, site, archive, image, run, database, clock, tracer } = dependencies
  const [staging, production] = [environmentOf(settings, "staging"), environmentOf(settings, "production")]
  const repository = new URL(settings.project.source).pathname.slice(1)
  const [stagingSite, stagingSpace] = [siteOf(staging), spaceOf(staging)]
  const [productionSite, productionSpace] = [siteOf(production), spaceOf(production)]
  await using sites = await netlify({ sites: [stagingSite.site, productionSite.site], token: netlifyToken })
  await using spaces = await huggingFace({
    spaces: [stagingSpace.space, productionSpace.space],
    token: hubToken,
    run,
  })
  await using history = await gitHub({ repository, token: gitHubToken })
  await using channel = await slack()
  history.commit("the caller's own", [], production.branch, commit)
  const commits = {
    [Version.Own]: commit,
    [Version.Broken]: history.commit("a broken candidate", [commit]),
    [Version.Contract]: history.commit("drop a column", [commit]),
    [Version.Later]: "",
  }
  commits[Version.Later] = history.commit("a later version", [commits[Version.Contract]])

  const onStandIns = withStandIns(settings, { netlify: sites.url, huggingFace: spaces.url, gitHub: history.url })
  const credentials = { slackWebhook: channel.webhook, gitHubToken }
  const scenarios = new Scenarios(clock, (operation) => {
    const { channels, undelivered } = channelsOf(onStandIns, operation, credentials, clock)
    return new Notifier(channels, operation, clock, tracer, undelivered)
  })
  const context = { settings: onStandIns, clock, tracer: scenarios.tracer, actor: "rehearsal" }
  const operation = (
    kind: OperationKind,
    components: Component[],
    environment: string,
    version?: Version,
    reason = "",
  ): Operation => ({
    ...{ kind, components, environment, reason, actor: "rehearsal", run: "" },
    commit: version ? commits[version] : "",
  })
  const toProduction = (component: Component, version: Version) =>
    operation(OperationKind.Deployment, [component], "production", version)
  const promotion = (component: Component) => operation(OperationKind.Promotion, [component], "production")
  const wayBack = (reason: string) =>
    operation(OperationKind.Rollback, [Component.Backend], "production", undefined, reason)
  const records = gitHubRecords(context.settings, gitHubToken, clock)
  const frontend = (environment: string) =>
    frontendTarget({ ...context, environment, token: netlifyToken, records } satisfies DeploymentContext)
  const backend = async (environment: string, artifact: ImageArtifact, allowContract = "") => {
    const { url, upgrade, head, state } = database(environment)
    const schema = {
      url,
      migrate: () => upgrade(artifact, allowContract),
      head: await head(artifact),
      stateFor: (earlier: Live) => state(imageNamed(earlier.id), artifact),
    }
    return backendTarget({ ...context, environment, token: hubToken, records } satisfies DeploymentContext, schema)
  }
  const release = (version: Version) => ({ commit: commits[version], version: version as string })

  // Pushes to one registry run one after the other: in parallel they damage each other's layers.
  const pushAll = async () => {
    const built = new Map<Version, ImageArtifact>()
    for (const version of Object.values(Version))
      built.set(
        version,
        await scenarios.run(`build and push ${version}`, settings.budgets.image, () =>
          image(commits[version], version),
        ),
      )
    return (version: Version) => built.get(version) as ImageArtifact
  }
  // Nothing is deployed before the checks passed.
  const [, ownSite, images] = await Promise.all([
    scenarios.run("check both components", settings.budgets.tests, checks),
    scenarios.run("build the site", settings.budgets.frontend, () => site(commit)),
    pushAll(),
  ])
  const own = images(Version.Own)
  const { budgets } = settings

  const first = operation(OperationKind.Deployment, [Component.Backend, Component.Frontend], "staging", Version.Own)
  await scenarios.product("deploy both components", Verdict.Success, budgets.backend, first, async () =>
    deployProduct(
      { ...release(Version.Own), image: own, site: ownSite },
      { backend: await backend("staging", own), frontend: frontend("staging") },
    ),
  )
  const request = {
    wanted: "",
    policy: { provenSeconds: 0 },
    branch: records.branch(production.branch),
  }
  await scenarios.deployment("promote", Verdict.Success, budgets.backend, promotion(Component.Backend), async () =>
    promote(await backend("staging", own), await backend("production", own), {
      ...request,
      artifact: async ({ id }) => ({ artifact: imageNamed(id), from: "its registry, by its digest" }),
    }),
  )
  const staged = frontend("staging")
  await scenarios.deployment("promote", Verdict.Success, budgets.frontend, promotion(Component.Frontend), () =>
    promote(staged, frontend("production"), {
      ...request,
      artifact: (proven) => provenSite(proven, staged.host, archive, true),
    }),
  )
  const [stagingFiles, productionFiles] = [stagingSite, productionSite].map(({ site }) => ownFiles(sites.files(site)))
  if (stagingFiles === "[]" || stagingFiles !== productionFiles)
    scenarios.wrong.push("after the promotion production's site has other files than staging's")
  await scenarios.deployment(
    "deploy again",
    Verdict.NoChange,
    budgets.backend,
    toProduction(Component.Backend, Version.Own),
    async () => deploy({ ...release(Version.Own), artifact: own }, await backend("production", own)),
  )

  const looked = {
    ...{ settings: atStandIns(onStandIns, sites, spaces), sites, history, clock },
    tokens: { netlify: netlifyToken, hub: hubToken, gitHub: gitHubToken },
  }
  const previewed = await scenarios.run("preview a pull request", budgets.frontend, () =>
    previewScenario(looked, commit, ownSite),
  )

  const broken = images(Version.Broken)
  const reverted = await scenarios.deployment(
    "deploy a broken candidate",
    Verdict.RolledBack,
    budgets.rollback,
    toProduction(Component.Backend, Version.Broken),
    async () => deploy({ ...release(Version.Broken), artifact: broken }, await backend("production", broken)),
  )
  // The site was built from another commit than the one deployed: a stale build.
  await scenarios.deployment(
    "deploy a stale build",
    Verdict.Failed,
    budgets.frontend,
    toProduction(Component.Frontend, Version.Broken),
    () => deploy({ ...release(Version.Broken), artifact: ownSite }, frontend("production")),
  )
  const survived = [
    await scenarios.proof("production backend", await backend("production", own), commit),
    await scenarios.proof("production frontend", frontend("production"), commit),
  ]

  const [contract, later] = [images(Version.Contract), images(Version.Later)]
  await scenarios.deployment(
    "deploy a contract step",
    Verdict.Success,
    budgets.backend,
    toProduction(Component.Backend, Version.Contract),
    async () =>
      deploy(
        { ...release(Version.Contract), artifact: contract },
        await backend("production", contract, "no reader is left"),
      ),
  )
  const schema = (attempt: Attempt) => database("production").state(imageNamed(attempt.id), later)
  await scenarios.deployment(
    "roll back over it",
    Verdict.Refused,
    budgets.rollback,
    wayBack("rehearse a refusal"),
    async () => rollback(await backend("production", contract), { to: commit, reason: "rehearse a refusal", schema }),
  )
  await scenarios.deployment(
    "deploy a later version",
    Verdict.Success,
    budgets.backend,
    toProduction(Component.Backend, Version.Later),
    async () => deploy({ ...release(Version.Later), artifact: later }, await backend("production", later)),
  )
  await scenarios.deployment(
    "roll back to the last good",
    Verdict.Success,
    budgets.rollback,
    wayBack("rehearse a rollback by hand"),
    async () => rollback(await backend("production", later), { to: "", reason: "rehearse a rollback by hand", schema }),
  )
  await scenarios.deployment(
    "deploy the version left",
    Verdict.Refused,
    budgets.backend,
    toProduction(Component.Backend, Version.Later),
    async () => deploy({ ...release(Version.Later), artifact: later }, await backend("production", later)),
  )
  const after = await scenarios.proof(
    "production backend",
    await backend("production", contract),
    commits[Version.Contract],
  )

  const status = await scenarios.run("look at everything", 10, () =>
    statusScenario(looked, {
      live: { [Component.Backend]: commits[Version.Contract], [Component.Frontend]: commit },
      quarantined: [commits[Version.Broken], commits[Version.Later]],
    }),
  )

  const window = { weeks: 1, environment: "" }
  const record = await readRecord(records.past, context.settings, window, clock.now())

  return {
    metrics: measurement(record, context.settings, window).files,
    status,
    events: scenarios.events,
    passed: scenarios.wrong.length === 0,
    conclusion:
      scenarios.wrong.length > 0
        ? scenarios.wrong
        : [
            `Rolled back by hand: ${after}.`,
            `The broken candidate ${reverted.commit.slice(0, 7)} was ${reverted.verdict}: ${reverted.reason}.`,
            ...survived.map((line) => `After the broken candidate: ${line}, the old commit.`),
            `Preview: ${previewed}.`,
            "Status: it named what each environment serves, and both quarantined versions; see status.txt.",
            deliveries(channel, history, Object.values(commits)),
          ],
  }
}

/** The notifications that were delivered, in a sentence. */
function deliveries(channel: SlackStandIn, history: GitHubStandIn, commits: string[]): string {
  const issues = history.issues()
  const closed = issues.filter(({ state }) => state === "closed").length
  const statuses = commits.flatMap((commit) => history.commitStatuses(commit)).length
  return `Slack got ${channel.messages().length} messages, the commits ${statuses} statuses; ${issues.length} incidents were opened and ${closed} of them closed.`
}

/** A site's files by their digests, without the one that is the environment's own. */
const ownFiles = (files: Record<string, string>) =>
  JSON.stringify(
    Object.entries(files)
      .filter(([path]) => !/^\/?config\.json$/.test(path))
      .sort(),
  )

/** Accounts elsewhere that no rehearsal has; the service answers `off` for them. */
const accountsElsewhere = new Set(["openrouter"])

/** The settings with the addresses of the stand-ins, and short probes: stand-ins answer at once. */
function withStandIns(settings: Settings, providers: Settings["providers"]): Settings {
  const probe = { times: 3, seconds: 8, wakeUpSeconds: 30, firstPause: 200, slowestPause: 1000 }
  const environments = Object.entries(settings.environments).map(([name, one]) => [
    name,
    { ...one, probe, ...(one.backend && { backend: rehearsed(one.backend) }) },
  ])
  return { ...settings, providers, environments: Object.fromEntries(environments) }
}

const rehearsed = (backend: EnvironmentBackend): EnvironmentBackend => ({
  ...backend,
  needs: backend.needs.filter((name) => !accountsElsewhere.has(name)),
})

/** Records the time of each scenario, and whether it ended as expected. */
class Scenarios {
  readonly events: Event[] = []
  readonly wrong: string[] = []
  private readonly began: number

  private notifier: Notifier | undefined

  constructor(
    private readonly clock: Clock,
    private readonly notifierOf: (operation: Operation) => Notifier,
  ) {
    this.began = this.now()
  }

  /** Lets the notifier of the current scenario notice when it begins to change something. */
  readonly tracer: Tracer = { step: (step, act) => (this.notifier?.tracer ?? noTracer).step(step, act) }

  /** Runs a scenario with its notifications; an undelivered one fails the rehearsal. */
  private async notified<Result>(
    name: string,
    operation: Operation,
    act: () => Promise<Result>,
    described: (result: Result) => OperationResult,
  ): Promise<Result> {
    this.notifier = this.notifierOf(operation)
    const { result, undelivered } = await notifying(this.notifier, operation, this.clock, act, described)
    this.wrong.push(...undelivered.map((line) => `${name}: ${line}`))
    return result
  }

  private now = () => this.clock.now().getTime()

  async run<Result>(name: string, budgetSeconds: number, act: () => Promise<Result>): Promise<Result> {
    const began = this.now()
    const note = (verdict: string, detail: string) =>
      this.events.push({
        name,
        component: "",
        environment: "",
        verdict,
        detail,
        steps: [],
        ...this.times(began, budgetSeconds),
      })
    try {
      const result = await act()
      note("done", typeof result === "string" && !result.startsWith("/") && !result.includes("\n") ? result : "")
      return result
    } catch (failure) {
      note("failed", (failure as Error).message)
      throw failure
    }
  }

  async deployment(
    what: string,
    expected: Verdict,
    budgetSeconds: number,
    operation: Operation,
    act: () => Promise<Deployment>,
  ): Promise<Deployment> {
    const began = this.now()
    const deployment = await this.notified(what, operation, act, resultOf)
    const { component, environment, verdict, reason, failed, steps } = deployment
    const name = `${what} (${component}, ${environment})`
    this.events.push({
      name,
      component,
      environment,
      verdict,
      detail: reason,
      steps,
      ...this.times(began, budgetSeconds),
    })
    if (verdict !== expected) this.wrong.push(`${name} ended ${verdict}, expected ${expected}: ${failed} ${reason}`)
    return deployment
  }

  async product(
    what: string,
    expected: Verdict,
    budgetSeconds: number,
    operation: Operation,
    act: () => Promise<ProductDeployment>,
  ): Promise<void> {
    const began = this.now()
    const { environment, verdict, reason, failed, components } = await this.notified(what, operation, act, resultOf)
    const name = `${what} (${environment})`
    const steps = components.flatMap(({ component, steps }) =>
      steps.map((step) => ({ ...step, name: `${component}: ${step.name}` })),
    )
    this.events.push({
      name,
      component: "",
      environment,
      verdict,
      detail: reason,
      steps,
      ...this.times(began, budgetSeconds),
    })
    if (verdict !== expected) this.wrong.push(`${name} ended ${verdict}, expected ${expected}: ${failed} ${reason}`)
  }

  /** Probes what visitors get now. Returns it as a sentence. */
  async proof(name: string, { host, probe }: AnyTarget, commit: string): Promise<string> {
    const live = await host.live()
    const health = await probe(live?.url ?? "", commit, live?.id ?? "")
    if (health.state !== HealthState.Healthy) this.wrong.push(`${name} should serve ${commit}: ${health.reason}`)
    return `${name} serves ${commit}`
  }

  private times(began: number, budgetSeconds: number) {
    return { startMilliseconds: began - this.began, milliseconds: this.now() - began, budgetSeconds }
  }
}
