import { Component, Verdict } from "../../src/exposed-types.js"
import { gitHub } from "../../stand-ins/github.js"
import { huggingFace, type RunImage } from "../../stand-ins/hugging-face.js"
import { netlify } from "../../stand-ins/netlify.js"
import { type SlackSeen, slack } from "../../stand-ins/slack.js"
import type { Clock } from "../clock.js"
import type { SchemaState } from "../database/schema.js"
import type { Archive } from "../deployment/archive.js"
import { deploy } from "../deployment/deployment.js"
import type { Live } from "../deployment/host.js"
import type { Attempt } from "../deployment/ledger.js"
import { deployProduct } from "../deployment/product-release.js"
import { promote } from "../deployment/promotion.js"
import { type ImageArtifact, imageNamed, type SiteArtifact } from "../deployment/release.js"
import { rollback } from "../deployment/rollback.js"
import { provenSite } from "../deployment/site-proof.js"
import type { Tracer } from "../deployment/tracer.js"
import { measurement, readRecord } from "../metrics/measurement.js"
import { Notifier } from "../notifications/notifier.js"
import { type Operation, OperationKind } from "../notifications/operation.js"
import { backendOf, environmentOf } from "../settings/settings.js"
import type { Settings } from "../settings/settings-types.js"
import { channelsOf } from "../wiring/channels.js"
import { backendTarget, type DeploymentContext, frontendTarget, gitHubRecords, type Schema } from "../wiring/targets.js"
import { byHand, proven } from "./conclusion.js"
import { atStandIns, previewScenario, statusScenario } from "./looks.js"
import { absentNeeds } from "./needs.js"
import { reportPages } from "./report-pages.js"
import { Scenarios } from "./scenarios.js"
import { scopeOf } from "./scope.js"
import { deliveries, onStandIns, ownFiles, placesOf, siteWith, within } from "./stand-ins.js"
import type { Timeline } from "./timeline.js"

/** The versions that a rehearsal deploys. */
export enum Version {
  /** The version of the caller. */
  Own = "own",
  /** Starts and answers nothing but 503. */
  Broken = "broken",
  /** Drops a table: a contract step of the schema. */
  Contract = "contract",
  /** Follows it, and knows the schema. */
  Later = "later",
}

/** What the scan of the image came to. */
export interface ImageScan {
  /** `undefined` when no scanner could be had. */
  clean: boolean | undefined
  text: string
}

/** The database of an environment: its address for the app, and the migrations of an image. */
export interface RehearsalDatabase {
  url: string
  upgrade(image: ImageArtifact, allowContract: string): Promise<string>
  /** "" without a schema. */
  head(image: ImageArtifact): Promise<string>
  /** Compares the schema that `image` knows with the database; `newest` knows every revision. */
  state(image: ImageArtifact, newest: ImageArtifact): Promise<SchemaState>
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
  scan(image: ImageArtifact): Promise<ImageScan>
  run: RunImage
  /** `undefined` for a service that has none. */
  database: ((environment: string) => RehearsalDatabase) | undefined
  /** Whether the service has schema revisions. */
  hasSchema: boolean
  /** What is left out for want of something that only the engine knows; a sentence each. */
  leftOut: string[]
  clock: Clock
  tracer: Tracer
}

export interface Rehearsed extends Timeline {
  /** What `dagger call status` says of its stand-ins at the end. */
  status: string
  /** What `dagger call metrics` exports of its ledger, by file name. */
  metrics: Record<string, string>
  /** The page of each deployment, by file name. */
  deployments: Record<string, string>
  /** What Slack got, oldest first. */
  messages: SlackSeen[]
}

const [netlifyToken, hubToken, gitHubToken] = ["nfp_rehearsal", "hf_rehearsal", "rehearsal"]
const noSchemaState: SchemaState = { database: "", known: [], between: [] }

/**
 * Runs the whole pipeline against stand-ins, as far as the project has the parts. All code is that of production; only the addresses of the
 * providers differ.
 *
 * A deployment, its promotion, a broken candidate of each component with automatic rollback, a manual rollback that the schema forbids, one
 * that succeeds, and the quarantine of the version that it replaced.
 */
export async function rehearse(dependencies: Dependencies): Promise<Rehearsed> {
  const { commit, settings, checks, site, archive, image, scan, run, database, hasSchema, clock, tracer } = dependencies
  const scope = scopeOf(settings)
  const { first, second, components } = scope
  const leftOut = [...scope.leftOut, ...dependencies.leftOut]
  const has = (component: Component) => components.includes(component)
  const main = has(Component.Backend) ? Component.Backend : Component.Frontend
  const [staging, production] = [environmentOf(settings, first), environmentOf(settings, second)]
  const repository = new URL(settings.project.source).pathname.slice(1)
  const { sites: siteNames, spaces: spaceNames } = placesOf([staging, production])
  await using sites = await netlify({ sites: siteNames, token: netlifyToken })
  await using spaces = await huggingFace({ spaces: spaceNames, token: hubToken, run })
  await using history = await gitHub({ repository, token: gitHubToken })
  await using channel = await slack()
  history.commit("the caller's own", [], production.branch, commit)
  const commits = {
    [Version.Own]: commit,
    [Version.Broken]: history.commit("a broken candidate", [commit]),
    [Version.Contract]: history.commit("drop a table", [commit]),
    [Version.Later]: "",
  }
  commits[Version.Later] = history.commit("a later version", [commits[Version.Contract]])

  let rehearsed = onStandIns(settings, { netlify: sites.url, huggingFace: spaces.url, gitHub: history.url }, [])
  const credentials = { slackWebhook: channel.webhook, gitHubToken }
  const scenarios = new Scenarios(clock, (operation) => {
    const { channels, undelivered } = channelsOf(rehearsed, operation, credentials, clock)
    return new Notifier(channels, operation, clock, tracer, undelivered)
  })
  const records = gitHubRecords(rehearsed, gitHubToken, clock)
  const contextOf = (environment: string, token: string): DeploymentContext => ({
    ...{ settings: rehearsed, environment, token, records, clock, tracer: scenarios.tracer, actor: "rehearsal" },
  })
  const operation = (
    kind: OperationKind,
    component: Component | Component[],
    environment: string,
    version?: Version,
    reason = "",
  ): Operation => ({
    ...{ kind, components: [component].flat(), environment, reason, actor: "rehearsal", run: "" },
    commit: version ? commits[version] : "",
  })
  const deployment = (component: Component, version: Version) =>
    operation(OperationKind.Deployment, component, second, version)
  const wayBack = (reason: string) => operation(OperationKind.Rollback, main, second, undefined, reason)
  const frontend = (environment: string) => frontendTarget(contextOf(environment, netlifyToken))
  const backend = async (environment: string, artifact: ImageArtifact, allowContract = "") => {
    const given = database?.(environment)
    const schema: Schema | undefined = given && {
      url: given.url,
      migrate: () => given.upgrade(artifact, allowContract),
      head: await given.head(artifact),
      stateFor: (earlier: Live) => given.state(imageNamed(earlier.id), artifact),
    }
    return backendTarget(contextOf(environment, hubToken), schema)
  }
  const release = (version: Version) => ({ commit: commits[version], version: version as string })

  // Pushes to one registry run one after the other: in parallel they damage each other's layers.
  const pushAll = async () => {
    const built = new Map<Version, ImageArtifact>()
    let scanning: Promise<ImageScan> | undefined
    for (const version of Object.values(Version).filter((it) => hasSchema || it !== Version.Contract)) {
      const pushed = await scenarios.run(`build and push ${version}`, settings.budgets.image, () =>
        image(commits[version], version),
      )
      built.set(version, pushed)
      scanning ??= scenarios.run(
        "scan the image",
        settings.budgets.image,
        () => scan(pushed),
        ({ text }) => text,
      )
    }
    return { of: (version: Version) => built.get(version) as ImageArtifact, scanned: await scanning }
  }
  // Nothing is deployed before the checks passed.
  const [, builtSite, images] = await Promise.all([
    scenarios.run("check the project", settings.budgets.tests, checks),
    has(Component.Frontend)
      ? scenarios.run("build the site", settings.budgets.frontend, () => site(commit))
      : undefined,
    has(Component.Backend) ? pushAll() : undefined,
  ])
  const ownSite = builtSite as SiteArtifact
  const imageOf = (version: Version) => images?.of(version) as ImageArtifact
  if (images?.scanned?.clean === false) scenarios.wrong.push(`the scan stops the image: ${images.scanned.text}`)
  if (images && images.scanned?.clean === undefined) leftOut.push(`the scan of the image: ${images.scanned?.text}`)
  const own = imageOf(Version.Own)
  const { budgets } = settings
  if (has(Component.Backend)) {
    const service = backendOf(settings)
    const { needs = [], variables = {} } = production.backend ?? {}
    const url = database?.(second).url
    const asked = needs.filter((name) => !(url && /database|postgres|^db$/i.test(name)))
    const env = { ...variables, ...(url && { [service.databaseVariable]: url }) }
    const absent = await absentNeeds(asked, own, env, { run, health: service.health, clock })
    leftOut.push(...absent.map(({ name, state }) => `the dependency ${name}, which is ${state} without its account`))
    rehearsed = onStandIns(
      rehearsed,
      rehearsed.providers,
      absent.map(({ name }) => name),
    )
  }

  const start = operation(OperationKind.Deployment, components, first, Version.Own)
  if (components.length > 1)
    await scenarios.product("deploy both components", Verdict.Success, budgets.backend, start, async () =>
      deployProduct(
        { ...release(Version.Own), image: own, site: ownSite },
        { backend: await backend(first, own), frontend: frontend(first) },
      ),
    )
  else
    await scenarios.deployment("deploy", Verdict.Success, budgets.backend, start, async () =>
      main === Component.Backend
        ? deploy({ ...release(Version.Own), artifact: own }, await backend(first, own))
        : deploy({ ...release(Version.Own), artifact: ownSite }, frontend(first)),
    )
  const request = { wanted: "", policy: { provenSeconds: 0 }, branch: records.branch(production.branch) }
  const promotion = (component: Component) => operation(OperationKind.Promotion, component, second)
  if (first !== second && has(Component.Backend))
    await scenarios.deployment("promote", Verdict.Success, budgets.backend, promotion(Component.Backend), async () =>
      promote(await backend(first, own), await backend(second, own), {
        ...request,
        artifact: async ({ id }) => ({ artifact: imageNamed(id), from: "its registry, by its digest" }),
      }),
    )
  if (first !== second && has(Component.Frontend)) {
    const staged = frontend(first)
    await scenarios.deployment("promote", Verdict.Success, budgets.frontend, promotion(Component.Frontend), () =>
      promote(staged, frontend(second), {
        ...request,
        artifact: (proof) => provenSite(proof, staged.host, archive, true),
      }),
    )
    const [provenFiles, liveFiles] = siteNames.map((name) => ownFiles(sites.files(name)))
    if (provenFiles === "[]" || provenFiles !== liveFiles)
      scenarios.wrong.push(`after the promotion ${second}'s site has other files than ${first}'s`)
  }
  await scenarios.deployment(
    "deploy again",
    Verdict.NoChange,
    budgets.backend,
    deployment(main, Version.Own),
    async () =>
      main === Component.Backend
        ? deploy({ ...release(Version.Own), artifact: own }, await backend(second, own))
        : deploy({ ...release(Version.Own), artifact: ownSite }, frontend(second)),
  )

  const looked = () => ({
    ...{ settings: atStandIns(within(rehearsed, scope), sites, spaces), sites, history, clock },
    tokens: { netlify: netlifyToken, hub: hubToken, gitHub: gitHubToken },
  })
  if (has(Component.Frontend))
    await scenarios.look("preview a pull request", budgets.frontend, () =>
      previewScenario(looked(), { commit, artifact: ownSite, beside: first, into: second }),
    )

  const [broken, survived]: [string[], string[]] = [[], []]
  if (has(Component.Backend)) {
    const candidate = imageOf(Version.Broken)
    const reverted = await scenarios.deployment(
      "deploy a broken candidate",
      Verdict.RolledBack,
      budgets.rollback,
      deployment(Component.Backend, Version.Broken),
      async () => deploy({ ...release(Version.Broken), artifact: candidate }, await backend(second, candidate)),
    )
    broken.push(`the backend was ${reverted.verdict} (${reverted.reason})`)
  }
  if (has(Component.Frontend)) {
    // The site was built from another commit than the one deployed: a stale build.
    const stale = await scenarios.deployment(
      "deploy a stale build",
      Verdict.Failed,
      budgets.frontend,
      deployment(Component.Frontend, Version.Broken),
      () => deploy({ ...release(Version.Broken), artifact: ownSite }, frontend(second)),
    )
    broken.push(`the frontend ${stale.verdict} before visitors saw it`)
  }
  if (has(Component.Backend))
    survived.push(await scenarios.proof(`${second} backend`, await backend(second, own), commit))
  if (has(Component.Frontend)) survived.push(await scenarios.proof(`${second} frontend`, frontend(second), commit))

  // From here on one component: the service where there is one, for only it has a schema.
  const before = hasSchema ? Version.Contract : Version.Own
  const laterSite = main === Component.Frontend ? await siteWith(ownSite, commits[Version.Later]) : ownSite
  const deployMain = async (version: Version, allowContract = "") =>
    main === Component.Backend
      ? deploy(
          { ...release(version), artifact: imageOf(version) },
          await backend(second, imageOf(version), allowContract),
        )
      : deploy({ ...release(version), artifact: laterSite }, frontend(second))
  const schema = async (attempt: Attempt) =>
    database ? database(second).state(imageNamed(attempt.id), imageOf(Version.Later)) : noSchemaState
  const rollBack = async (reason: string, version: Version, to = "") =>
    main === Component.Backend
      ? rollback(await backend(second, imageOf(version)), { to, reason, schema })
      : rollback(frontend(second), { to, reason })
  if (hasSchema) {
    await scenarios.deployment(
      "deploy a contract step",
      Verdict.Success,
      budgets.backend,
      deployment(main, Version.Contract),
      () => deployMain(Version.Contract, "no reader is left"),
    )
    await scenarios.deployment(
      "roll back over it",
      Verdict.Refused,
      budgets.rollback,
      wayBack("rehearse a refusal"),
      () => rollBack("rehearse a refusal", Version.Contract, commit),
    )
  }
  const later = deployment(main, Version.Later)
  await scenarios.deployment("deploy a later version", Verdict.Success, budgets.backend, later, () =>
    deployMain(Version.Later),
  )
  const byPerson = "rehearse a rollback by hand"
  await scenarios.deployment("roll back to the last good", Verdict.Success, budgets.rollback, wayBack(byPerson), () =>
    rollBack(byPerson, Version.Later),
  )
  await scenarios.deployment("deploy the version left", Verdict.Refused, budgets.backend, later, () =>
    deployMain(Version.Later),
  )
  const after = await scenarios.proof(
    `${second} ${main}`,
    main === Component.Backend ? await backend(second, imageOf(before)) : frontend(second),
    commits[before],
  )

  const left = main === Component.Backend ? [commits[Version.Broken], commits[Version.Later]] : [commits[Version.Later]]
  const live = { [main]: commits[before], ...(components.length > 1 && { [Component.Frontend]: commit }) }
  const status = await scenarios.look("look at everything", 10, () =>
    statusScenario(looked(), { environment: second, live, quarantined: { component: main, commits: left } }),
  )

  const window = { weeks: 1, environment: "" }
  const record = await readRecord(records.past, rehearsed, window, clock.now())

  const passed = scenarios.wrong.length === 0
  const facts = { commit, scope, broken, survived, after, hasSchema, scanned: images?.scanned?.clean === true }
  return {
    metrics: measurement(record, rehearsed, window).files,
    deployments: reportPages(scenarios.deployments, settings),
    messages: channel.messages(),
    status,
    events: scenarios.events,
    passed,
    conclusion: passed
      ? proven({ ...facts, deliveries: deliveries(channel, history, Object.values(commits)) })
      : scenarios.wrong,
    leftOut,
    byHand: byHand(settings, scope),
  }
}
