/**
 * Tests, builds, publishes, deploys, probes, promotes and rolls back a web product: a site on Netlify, a service in a Hugging Face
 * Space, or both as one release.
 */
import type { Changeset, Directory, File, Secret, Service, Workspace } from "@dagger.io/dagger"
import { func, object } from "@dagger.io/dagger"
import type { Project } from "#lib/containers/project.js"
import { Backend } from "./backend.js"
import type { Component, IncidentAction, NoticeKind, StatusContext, StatusState } from "./exposed-types.js"
import { Frontend } from "./frontend.js"
import { Checks } from "./single-checks.js"

// Loaded by the call that needs it: Dagger reads and runs all that this file imports at every call of any function.
const ci = () => import("#lib/containers/ci.js")
const doctor = () => import("#lib/containers/doctor.js")
const init = () => import("#lib/containers/init.js")
const messages = () => import("#lib/containers/messages.js")
const metrics = () => import("#lib/containers/metrics.js")
const plans = () => import("#lib/containers/plans.js")
const probe = () => import("#lib/containers/probe.js")
const product = () => import("#lib/containers/product.js")
const project = () => import("#lib/containers/project.js")
const rehearse = () => import("#lib/containers/rehearse.js")
const status = () => import("#lib/containers/status.js")
const statusReport = () => import("#lib/status/status-report.js")
const warmCache = () => import("#lib/containers/warm-cache.js")

/** Check, build, publish, deploy, probe, promote, roll back, measure, rehearse. */
@object()
export class Delivery implements Project {
  readonly workspace!: Workspace
  readonly settingsFile?: File
  readonly githubToken?: Secret
  readonly slackWebhook?: Secret
  readonly registryUser!: string
  readonly registryToken?: Secret
  readonly registryService?: Service
  readonly signingKey?: Secret
  readonly scanDatabase!: string
  readonly scanDatabaseService?: Service
  readonly databaseService?: Service
  readonly actor!: string
  readonly run!: string
  readonly markdown!: boolean

  /** The site alone. */
  @func()
  readonly frontend: Frontend

  /** The service alone. */
  @func()
  readonly backend: Backend

  constructor(
    /** The caller's project; Dagger fills it in. */
    workspace: Workspace,
    /** Settings instead of the delivery.json in the root of the repository; docs/deployment/reference/settings.md describes them. */
    settings?: File,
    /** GitHub token for the lock, the ledger, statuses and incidents; without it nothing is remembered and nothing stops a second deployment. */
    githubToken?: Secret,
    /** Slack's incoming webhook, such as env://SLACK_WEBHOOK_URL; without it, or when it is empty, Slack gets no message. */
    slackWebhook?: Secret,
    /** User of the registry of the image, of the kept site and of the cache; leave it out for one that takes pushes from anyone. */
    registryUser = "",
    /** Token or password of that user, such as env://GITHUB_TOKEN. */
    registryToken?: Secret,
    /** Serves that registry instead of the network, such as tcp://localhost:5000. */
    registryService?: Service,
    /** EC P-256 key in PEM that signs the image, the kept site and entries of the cache; needed where the settings have a publicKey. */
    signingKey?: Secret,
    /** Where Trivy's database is, as registry/name:version, instead of the settings'. */
    scanDatabase = "",
    /** Serves the registry of Trivy's database instead of the network, such as tcp://localhost:5000. */
    scanDatabaseService?: Service,
    /** Serves the database's host instead of the network, such as tcp://localhost:5432. */
    databaseService?: Service,
    /** Who calls, for the ledger and for messages. */
    actor = "",
    /** Address of the run, for the ledger and for messages. */
    run = "",
    /** Reports of deployments, rollbacks and promotions as Markdown, for a job summary; that of a failed one too. */
    markdown = false,
  ) {
    const project = {
      workspace,
      settingsFile: settings,
      githubToken,
      slackWebhook,
      registryUser,
      registryToken,
      registryService,
      signingKey,
      scanDatabase,
      scanDatabaseService,
      databaseService,
      actor,
      run,
      markdown,
    }
    Object.assign(this, project)
    // Fields and not functions: a function that returns an object is one more start of Node.js at each call.
    this.frontend = Object.assign(new Frontend(), project)
    this.backend = Object.assign(new Backend(), project)
  }

  /**
   * Run all checks of the project at once, its tests, linters and workflows, and name every failure, not only the first.
   *
   * Fails when a test, a linter or a type check fails, or line coverage is below the limit of the settings (70 % by default; equal
   * passes). Leaves nothing behind. `dagger call ci`
   */
  @func({ cache: "never" })
  async ci(
    /** Full hash of the commit that gets the status `ci`; it needs --github-token. */
    commit = "",
  ): Promise<string> {
    return (await ci()).ci(this, commit)
  }

  /**
   * Reports of the same checks, also when some failed.
   *
   * Leaves lcov.info, coverage.xml, frontend-junit.xml, backend-junit.xml, coverage-frontend.svg, coverage-backend.svg, licences.md,
   * summary.md and summary.json. Never fails because a check failed. `dagger call ci-reports --output=reports`
   */
  @func({ cache: "never" })
  async ciReports(): Promise<Directory> {
    return (await ci()).ciReports(this)
  }

  /**
   * Keep what the checks install in cache.repository of the settings, where a new engine finds it, and delete old entries there.
   *
   * `ci` takes packages and linters from there, and only reads. What the cache has is not pushed again; the newest ten of each kind
   * are kept. Refused for a commit that the default branch lacks.
   * `dagger call --github-token=env://GITHUB_TOKEN --registry-user=me --registry-token=env://GITHUB_TOKEN warm-cache`
   */
  @func({ cache: "never" })
  async warmCache(
    /** Why a commit that the default branch does not contain may fill the cache. */
    fromAnyBranch = "",
  ): Promise<string> {
    return (await warmCache()).warmCache(this, fromAnyBranch)
  }

  /** The single checks of `ci`, for `dagger check`. */
  @func()
  checks(): Checks {
    return Object.assign(new Checks(), { workspace: this.workspace, settingsFile: this.settingsFile })
  }

  /**
   * Check, build and deploy all components of the checkout's commit as one release: backend first, frontend last.
   *
   * When the frontend fails, the backend goes back too, unless the database has moved on too far; then the report says so.
   * `dagger call --github-token=env://GITHUB_TOKEN deploy --netlify-token=env://NETLIFY_TOKEN_STAGING --hugging-face-token=env://HF_TOKEN_STAGING`
   */
  @func({ cache: "never" })
  async deploy(
    /** Netlify token that may deploy the site; needed where the environment has one. */
    netlifyToken?: Secret,
    /** Hugging Face token that may write to the Space, or the run's OIDC ID token for https://huggingface.co; needed where the environment has a Space. */
    huggingFaceToken?: Secret,
    /** Name of an environment in the settings. */
    environment = "staging",
    /** PostgreSQL URL to migrate, and to give to the service; without it the service uses a database of its own. */
    databaseUrl?: Secret,
    /** Secrets of the service in dotenv form, a line for each, such as env://SPACE_SECRETS; set in the Space where they differ. */
    spaceSecrets?: Secret,
    /** Why a schema step that takes something away may run while the live version still reads the database. */
    allowContract = "",
    /** Why a version that was rolled back may go live again. */
    overQuarantine = "",
    /** Why a commit that does not contain the one that is live may replace it. */
    allowDiverged = "",
    /** Why a commit that the environment's branch does not contain may be deployed. */
    fromAnyBranch = "",
    /** Why the image is deployed without a scan, where no scanner can be had. */
    unscanned = "",
    /** Only say what it would do, step by step; writes nothing. */
    plan = false,
  ): Promise<string> {
    const tokens = { netlifyToken, huggingFaceToken, databaseUrl, spaceSecrets }
    const reasons = { allowContract, overQuarantine, allowDiverged, fromAnyBranch, unscanned }
    return (plan ? (await plans()).planAll : (await product()).deployAll)(this, { environment, ...tokens, ...reasons })
  }

  /**
   * Serve an earlier release of all components again: frontend first, so that no page asks a backend older than itself.
   *
   * No build, no migration. `dagger call --github-token=env://GITHUB_TOKEN rollback --reason="…" --netlify-token=env://NETLIFY_TOKEN_STAGING --hugging-face-token=env://HF_TOKEN_STAGING`
   */
  @func({ cache: "never" })
  async rollback(
    /** Why; kept in the ledger. */
    reason: string,
    /** Netlify token that may deploy the site; needed where the environment has one. */
    netlifyToken?: Secret,
    /** Hugging Face token that may write to the Space, or the run's OIDC ID token for https://huggingface.co; needed where the environment has a Space. */
    huggingFaceToken?: Secret,
    /** Name of an environment in the settings. */
    environment = "staging",
    /** Commit (or its beginning) to go back to; the frontend's last good release when left out. */
    to = "",
    /** PostgreSQL URL of the environment; needed when its releases have a schema. */
    databaseUrl?: Secret,
    /** Only say what it would do; writes nothing. */
    plan = false,
  ): Promise<string> {
    const tokens = { netlifyToken, huggingFaceToken, databaseUrl }
    return (await product()).rollbackAll(this, { reason, environment, to, plan, ...tokens })
  }

  /**
   * Put what one environment serves into another: the same image, the same site, unchanged; then merge its commit through the API.
   *
   * Refused unless it is the newest deployment there, live, healthy now and for long enough; and when that is deployed again meanwhile.
   * `dagger call --github-token=env://GITHUB_TOKEN promote --netlify-token=env://NETLIFY_TOKEN --hugging-face-token=env://HF_TOKEN`
   */
  @func({ cache: "never" })
  async promote(
    /** Netlify token that may deploy the site of the environment that gets the version. */
    netlifyToken?: Secret,
    /** Hugging Face token that may write to its Space, or the run's OIDC ID token. */
    huggingFaceToken?: Secret,
    /** Netlify token that may see the site that proved the version; the other one when left out. */
    fromNetlifyToken?: Secret,
    /** Hugging Face token that may see the Space that proved the version; the other one when left out. */
    fromHuggingFaceToken?: Secret,
    /** Name of the environment that proved the version. */
    from = "staging",
    /** Name of the environment that gets it. */
    to = "production",
    /** Which deployment: the ID that a host gave it, its commit, or its entry in the ledger; the newest when left out. */
    deployment = "",
    /** Whole seconds that the version must have been live in the first. */
    provenSeconds = 600,
    /** PostgreSQL URL of the environment that gets it. */
    databaseUrl?: Secret,
    /** Secrets of the service in the environment that gets it, in dotenv form, a line for each, such as env://SPACE_SECRETS; set in the Space where they differ. */
    spaceSecrets?: Secret,
    /** Why a schema step that takes something away may run while the live version still reads the database. */
    allowContract = "",
    /** Why a commit that does not contain the one that is live may replace it. */
    allowDiverged = "",
    /** Only say what it would do, step by step; writes nothing. */
    plan = false,
  ): Promise<string> {
    const tokens = { netlifyToken, huggingFaceToken, fromNetlifyToken, fromHuggingFaceToken, databaseUrl, spaceSecrets }
    const asked = { from, to, deployment, provenSeconds, allowContract, allowDiverged }
    return (plan ? (await plans()).planPromotion : (await product()).promoteAll)(this, { ...tokens, ...asked })
  }

  /**
   * What is live in all environments, how it is, who changes it, how the last attempts ended, and what to type next. Changes nothing.
   *
   * Asks every public address, GitHub and, with their tokens, the hosts; what nobody answers is said. It ends well whatever it finds.
   * `dagger call --github-token=env://GITHUB_TOKEN status`
   */
  @func({ cache: "never" })
  async status(
    /** Netlify token that may see the sites, for what Netlify itself says; not needed. */
    netlifyToken?: Secret,
    /** Hugging Face token that may see the Spaces, or the run's OIDC ID token; not needed. */
    huggingFaceToken?: Secret,
  ): Promise<string> {
    return (await status()).statusReport(this, { netlifyToken, huggingFaceToken })
  }

  /** The same as JSON. `dagger call --github-token=env://GITHUB_TOKEN status-json` */
  @func({ cache: "never" })
  async statusJson(
    /** As for `status`. */
    netlifyToken?: Secret,
    /** As for `status`. */
    huggingFaceToken?: Secret,
  ): Promise<string> {
    return (await statusReport()).statusJson(await (await status()).statusOf(this, { netlifyToken, huggingFaceToken }))
  }

  /**
   * Ask an environment until it is healthy: the right commit, its title or dependencies, several times in a row.
   *
   * Fails when it is not healthy in time; policy and times come from the environment's settings. Changes nothing.
   * `dagger call probe --environment=staging`
   */
  @func({ cache: "never" })
  async probe(
    /** Name of an environment in the settings. */
    environment = "staging",
    /** Full commit hash that must answer; any when left out. */
    commit = "",
    /** Address of a site to ask, instead of the environment's frontend and backend. */
    url = "",
  ): Promise<string> {
    return (await probe()).probe(this, { environment, commit, url })
  }

  /**
   * Check everything that a deployment to an environment needs, from its tokens to its database.
   *
   * Looks at tokens and when they end, site, Space, image, branch, GitHub's environment and secrets, schema, database. Changes nothing. Each diagnosis says what to do; fails when one is wrong. What no secret was given for is not asked.
   * `dagger call --github-token=env://GITHUB_TOKEN doctor --environment=production --netlify-token=env://NETLIFY_TOKEN --hugging-face-token=env://HF_TOKEN`
   */
  @func({ cache: "never" })
  async doctor(
    /** Name of an environment in the settings. */
    environment = "staging",
    /** Netlify token of the environment. */
    netlifyToken?: Secret,
    /** Hugging Face token of the environment, or the run's OIDC ID token, which is exchanged as a deployment does. */
    huggingFaceToken?: Secret,
    /** PostgreSQL URL of the environment. */
    databaseUrl?: Secret,
  ): Promise<string> {
    return (await doctor()).doctor(this, { environment, netlifyToken, huggingFaceToken, databaseUrl })
  }

  /**
   * Protect the branches that are deployed at least as the settings say: checks, reviews, no overwritten history.
   *
   * Raises what is weaker and leaves what is stricter, or done by a ruleset; looks again afterwards. Needs an administrator's token.
   * `dagger call --github-token=env://GITHUB_TOKEN protect --plan`
   */
  @func({ cache: "never" })
  async protect(
    /** Only say what would be raised. */
    plan = false,
  ): Promise<string> {
    return (await doctor()).protect(this, plan)
  }

  /**
   * Measure how the project delivers, from the record of its deployments: frequency, success, lead time, time to restore, durations.
   *
   * Leaves index.html, metrics.md, metrics.json, deployments.json, plots and badges; with --slack-webhook also notification.txt, which
   * says whether Slack took the summary. A missed target is an alert in them, no failure. Only reads.
   * `dagger call --github-token=env://GITHUB_TOKEN metrics --output=reports/metrics`
   */
  @func({ cache: "never" })
  async metrics(
    /** ISO weeks that are measured, this week included; 1 to 104. */
    weeks = 12,
    /** Name of an environment in the settings; all of them when left out. */
    environment = "",
    /** The deployments.json of an earlier call, instead of GitHub; measured up to when it was read. */
    ledger?: File,
  ): Promise<Directory> {
    return (await metrics()).metrics(this, { weeks, environment }, ledger)
  }

  /**
   * The same numbers as text, with each target that is missed and the runs that missed it.
   *
   * `dagger call --github-token=env://GITHUB_TOKEN metrics-summary`
   */
  @func({ cache: "never" })
  async metricsSummary(
    /** As for `metrics`. */
    weeks = 12,
    /** As for `metrics`. */
    environment = "",
    /** As for `metrics`. */
    ledger?: File,
  ): Promise<string> {
    return (await metrics()).metricsSummary(this, { weeks, environment }, ledger)
  }

  /**
   * Send Slack a message of your own, in the form of the pipeline's messages.
   *
   * FAILURE and ROLLED_BACK mention the channel and the environment's people. Fails when Slack does not take it within 30 s; an empty
   * secret sends nothing and says so. `dagger call --slack-webhook=env://SLACK_WEBHOOK_URL notify --kind=SUCCESS --text="the nightly import is done"`
   */
  @func({ cache: "never" })
  async notify(
    /** What the message says first, and its colour. */
    kind: NoticeKind,
    /** What happened, instead of the kind's own words. */
    text = "",
    /** Name of an environment in the settings, whose people are mentioned. */
    environment = "",
    /** Which component; the whole product when left out. */
    component?: Component,
    /** Full hash of the commit. */
    commit = "",
    /** What people call the version. */
    version = "",
    /** Who wrote it. */
    author = "",
    /** Why it failed, or was rolled back; a part of a log. */
    reason = "",
    /** What to do next. */
    next = "",
    /** Whole seconds that it took. */
    seconds = 0,
    /** Address of what visitors see. */
    url = "",
  ): Promise<string> {
    const facts = { commit, version, author, reason, next, seconds, url }
    return (await messages()).notify(this, { kind, text, environment, component, ...facts })
  }

  /**
   * Give a commit a status: `ci`, `deploy-frontend` or `deploy-backend`.
   *
   * Fails when GitHub does not take it. `dagger call --github-token=env://GITHUB_TOKEN commit-status --context=CI --state=SUCCESS`
   */
  @func({ cache: "never" })
  async commitStatus(
    /** Name of the status, as rules of branches know it. */
    context: StatusContext,
    /** What it shows. */
    state: StatusState,
    /** Full commit hash, instead of the checkout's. */
    commit = "",
    /** A few words; cut at 140 characters. */
    description = "",
  ): Promise<string> {
    return (await messages()).commitStatus(this, { context, state, commit, description })
  }

  /**
   * Open an incident as an issue, or add to the one that is open for the same cause; or close it.
   *
   * One is open for each environment, component and cause at most. Fails when GitHub does not take it.
   * `dagger call --github-token=env://GITHUB_TOKEN incident --action=OPEN --component=BACKEND --environment=production --cause="slow answers" --reason="…"`
   */
  @func({ cache: "never" })
  async incident(
    /** Open it or close it. */
    action: IncidentAction,
    /** Which component. */
    component: Component,
    /** Name of an environment in the settings. */
    environment = "staging",
    /** A few stable words that identify it; when closing, all of the component when left out. */
    cause = "",
    /** What is wrong, or what fixed it. */
    reason = "",
  ): Promise<string> {
    return (await messages()).incident(this, { action, component, environment, cause, reason })
  }

  /**
   * Run the whole pipeline on stand-ins, with no account anywhere.
   *
   * Check, build, scan, push, deploy, promote, then a broken candidate of each component, which visitors must not notice, and rollbacks.
   * What the project lacks is left out and told; the report begins with what was proven and what is still to do with real accounts.
   * Returns timeline.txt, timeline.json, timeline.html, status.txt, what Slack got as messages.json, the page of each deployment in
   * deployments/, and in metrics/ what its ledger measures to.
   * `dagger call rehearse --output=reports/rehearsal`
   */
  @func({ cache: "never" })
  async rehearse(): Promise<Directory> {
    return (await rehearse()).rehearse(this)
  }

  /**
   * Write what a repository needs to be delivered: settings, workflows, and the files that its site and service lack.
   *
   * Changes nothing that exists, but for entries that .gitignore and dagger.json lack. The command line shows the changes and asks.
   * `dagger call -m ADDRESS init`
   */
  @func({ cache: "never" })
  async init(
    /** Address of this module with a version, for the workflows, instead of the commit that is called. */
    module = "",
  ): Promise<Changeset> {
    return (await init()).init(this, module)
  }

  /** What `init` finds, writes, and leaves alone and why; and what only a person can do. `dagger call -m ADDRESS init-report` */
  @func({ cache: "never" })
  async initReport(
    /** As for `init`. */
    module = "",
  ): Promise<string> {
    return (await init()).initReport(this, module)
  }

  /** The settings file that this call uses. `dagger call settings contents` */
  @func({ cache: "never" })
  async settings(): Promise<File> {
    return (await project()).settingsFileOf(this)
  }
}
