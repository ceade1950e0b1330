import { type Directory, type File, func, object, type Secret, type Service, type Workspace } from "@dagger.io/dagger"
import type { Project } from "#lib/containers/project.js"
import type { Deployed } from "./exposed-types.js"

// Loaded by the call that needs it: Dagger reads and runs all that this file imports at every call of any function.
const checks = () => import("#lib/containers/checks.js")
const plans = () => import("#lib/containers/plans.js")
const preview = () => import("#lib/containers/preview.js")
const site = () => import("#lib/containers/site.js")
const siteArchive = () => import("#lib/containers/site-archive.js")

/** The site: check, build, deploy to Netlify, roll back. */
@object()
export class Frontend implements Project {
  // What the constructor of `Delivery` was given. The engine keeps fields, and would lose an object that holds them all.
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

  /**
   * Run the site's tests and hold their line coverage to the limit of the settings.
   *
   * Fails when a test fails, or when line coverage is below the limit (70 % by default; equal passes). `dagger call frontend test`
   */
  @func({ cache: "never" })
  async test(): Promise<string> {
    const { settings, sources } = await (await site()).siteSources(this)
    return (await checks()).passedOrThrow([await (await checks()).frontendTests(sources, settings)], settings.call)
  }

  /** Run the site's `lint`, `typecheck` and `format:check` scripts, where package.json has them under these or like names. */
  @func({ cache: "never" })
  async lint(): Promise<string> {
    const { settings, sources } = await (await site()).siteSources(this)
    return (await checks()).passedOrThrow([await (await checks()).frontendLint(sources, settings)], settings.call)
  }

  /**
   * The site as it is deployed: the same files for every environment; version.json names the commit.
   *
   * Builds the files on disk. `dagger call frontend build --output=build`
   */
  @func({ cache: "never" })
  async build(
    /** Full commit hash that version.json names, instead of the checkout's. */
    commit = "",
  ): Promise<Directory> {
    return (await site()).builtSite(this, commit)
  }

  /**
   * Build the site of the checkout's commit and keep its very files in the registry; the last line is its name there.
   *
   * One artifact for each commit, in frontend.artifact of the settings, with its provenance, and signed where they have a publicKey. What
   * is there already is not pushed again. A deployment with --registry-token does the same; a promotion and a rollback take it from there.
   * `dagger call --registry-user=me --registry-token=env://GITHUB_TOKEN frontend publish`
   */
  @func({ cache: "never" })
  async publish(
    /** Address that names who builds, such as that of the workflow; the project itself when left out. */
    builder = "",
  ): Promise<string> {
    return (await siteArchive()).publishSite(this, builder)
  }

  /**
   * Check, build and deploy the site of the checkout's commit; it is proven beside the live version before it goes live.
   *
   * Uploads a draft, probes it at its own address, publishes it, probes again; restores the previous version when that fails.
   * A version that is live and healthy already ends `no-change` and writes nothing. Exits non-zero unless it ends `success`, `no-change` or `superseded`.
   * `dagger call frontend deploy --environment=staging --netlify-token=env://NETLIFY_TOKEN_STAGING report`
   */
  @func({ cache: "never" })
  async deploy(
    /** Netlify token that may deploy the site. */
    netlifyToken: Secret,
    /** Name of an environment in the settings. */
    environment = "staging",
    /** Why a version that was rolled back may go live again. */
    overQuarantine = "",
    /** Why a commit that does not contain the one that is live may replace it. */
    allowDiverged = "",
    /** Why a commit that the environment's branch does not contain may be deployed. */
    fromAnyBranch = "",
    /** Only say what it would do, step by step; writes nothing. */
    plan = false,
  ): Promise<Deployed> {
    const call = { netlifyToken, environment, overQuarantine, allowDiverged, fromAnyBranch }
    return (plan ? (await plans()).planSite : (await site()).deploySite)(this, call)
  }

  /**
   * Show the site of a pull request at an address of its own, and say so in one comment there; what is live does not change.
   *
   * A Netlify draft beside what the environment publishes, with its config.json, proven by the probe. The comment has address, commit,
   * checks, sizes and schema steps, and is edited from then on. Builds the files on disk. Fails when the draft is not healthy; checks
   * that fail are shown. `dagger call --github-token=env://GITHUB_TOKEN frontend preview --pull-request=12 --netlify-token=env://NETLIFY_TOKEN_STAGING`
   */
  @func({ cache: "never" })
  async preview(
    /** Netlify token that may deploy the site. */
    netlifyToken: Secret,
    /** Number of the pull request. */
    pullRequest: number,
    /** Name of an environment in the settings, whose site the draft lies beside. */
    environment = "staging",
    /** Full commit hash that version.json and the comment name, instead of the checkout's. */
    commit = "",
    /** Only remove its drafts, once the pull request is closed; builds nothing. */
    close = false,
  ): Promise<string> {
    return (await preview()).previewSite(this, { netlifyToken, pullRequest, environment, commit, close })
  }

  /**
   * Serve an earlier release of the site again: no build, probed afterwards.
   *
   * The release is checked before anything changes. The version left is quarantined: it is deployed again only with a reason.
   * `dagger call --github-token=env://GITHUB_TOKEN frontend rollback --reason="…" --netlify-token=env://NETLIFY_TOKEN_STAGING report`
   */
  @func({ cache: "never" })
  async rollback(
    /** Why; kept in the ledger. */
    reason: string,
    /** Netlify token that may deploy the site. */
    netlifyToken: Secret,
    /** Name of an environment in the settings. */
    environment = "staging",
    /** Commit (or its beginning) or deploy ID to go back to; the last good release when left out. */
    to = "",
    /** Only say what it would do; writes nothing. */
    plan = false,
  ): Promise<Deployed> {
    return (await site()).rollbackSite(this, { reason, netlifyToken, environment, to, plan })
  }

  /**
   * The last ten releases of the site: commit, age, author, and whether one can go back to it, or why not.
   *
   * `dagger call --github-token=env://GITHUB_TOKEN frontend releases --netlify-token=env://NETLIFY_TOKEN_STAGING`
   */
  @func({ cache: "never" })
  async releases(
    /** Netlify token that may see the site. */
    netlifyToken: Secret,
    /** Name of an environment in the settings. */
    environment = "staging",
  ): Promise<string> {
    return (await site()).siteReleases(this, environment, netlifyToken)
  }
}
