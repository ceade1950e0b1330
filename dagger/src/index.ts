/**
 * Tests, builds, publishes, deploys, probes and rolls back a product of two components: a frontend (an npm site on Netlify) and a
 * backend (a Python service in a Hugging Face Space).
 */
import {
  argument,
  type Container,
  check,
  type Directory,
  dag,
  type File,
  func,
  type GitRef,
  object,
  type Secret,
  type Service,
} from "@dagger.io/dagger"
import { ciLine } from "./checks/ci-report.js"
import { wallClock } from "./clock.js"
import { Component } from "./component.js"
import { plan, sql, upgrade } from "./containers/alembic.js"
import { buildImage, buildSite, commitOf, exported, gated } from "./containers/builds.js"
import * as checks from "./containers/checks.js"
import { doctorChecks } from "./containers/doctor-checks.js"
import { commitDate } from "./containers/git.js"
import { imageLayout, imageSize } from "./containers/image-layout.js"
import { liveAt, namedOrLatest } from "./containers/live-image.js"
import { notified, notifiedChecks, sent, sentIfPossible } from "./containers/notifications.js"
import { cleanOrThrow, publishImage } from "./containers/publication.js"
import { pull, verified } from "./containers/registry.js"
import { databaseFor, databaseOf, schemaAt, schemaOf } from "./containers/schema.js"
import { plaintext } from "./containers/secrets.js"
import { contextFor } from "./containers/space.js"
import { span, traced } from "./containers/span.js"
import { TestBed } from "./containers/test-bed.js"
import { sbom, scan } from "./containers/trivy.js"
import { describedPlan } from "./database/migration.js"
import { budgetsOf } from "./deployment/budgets.js"
import { deploy } from "./deployment/deployment.js"
import { HealthState, probeUntil } from "./deployment/health-probe.js"
import { type Deployment, prepared } from "./deployment/outcome.js"
import { deployProduct, type ProductDeployment, rollbackProduct, summary } from "./deployment/product-release.js"
import { promote } from "./deployment/promotion.js"
import { imageNamed, isCommit, pinned } from "./deployment/release.js"
import {
  deploymentHtml,
  deploymentJson,
  deploymentMarkdown,
  deploymentText,
  productText,
  releasesText,
} from "./deployment/report.js"
import { releases, rollback } from "./deployment/rollback.js"
import { Step, type Tracer } from "./deployment/tracer.js"
import { undoProduct } from "./deployment/undo.js"
import { diagnosesText, isWrong } from "./doctor/diagnosis.js"
import { diagnosed } from "./doctor/doctor.js"
import { doctorFound } from "./doctor/errors.js"
import { protectAll } from "./doctor/protect.js"
import { deploymentEnded, missingSecret, notACommit, overBudget, probeEnded, rehearsalFailed } from "./errors.js"
import { imageSizeText } from "./image/image-budget.js"
import { scanText } from "./image/vulnerability-gate.js"
import { readDeployments } from "./metrics/deployment-record.js"
import { noLedger } from "./metrics/errors.js"
import { type Measurement, type MeasureRequest, mayBeMeasured, measurement, readRecord } from "./metrics/measurement.js"
import { metricsNotice } from "./metrics/metrics-notice.js"
import { type StatusContext, type StatusState, statusOf } from "./notifications/commit-status.js"
import { type IncidentAction, settled } from "./notifications/incident.js"
import { type NoticeKind, ownNotice } from "./notifications/notice.js"
import { type Operation, OperationKind } from "./notifications/operation.js"
import { get } from "./providers/endpoint.js"
import { GitHubIssues } from "./providers/github/issues.js"
import { BranchProtection } from "./providers/github/protection.js"
import { GitHubStatuses } from "./providers/github/statuses.js"
import { rehearse } from "./rehearsal/rehearsal.js"
import { timelineHtml, timelineJson, timelineText } from "./rehearsal/timeline.js"
import { environmentOf, readSettings } from "./settings/settings.js"
import type { Settings } from "./settings/settings-types.js"
import { isFailure, type Verdict } from "./verdict.js"
import {
  backendChecks,
  backendTarget,
  frontendChecks,
  frontendTarget,
  gitHubOf,
  gitHubRecords,
  type Records,
} from "./wiring/targets.js"

/** A deployment, for people and for programs. */
export type Deployed = {
  /** What was live before, each step with its time, what is live now, and the command that takes it back. */
  report: string
  /** All of it as JSON. */
  json: string
  /** All of it for a pull request or a job summary. */
  markdown: string
  /** All of it as one page that needs nothing else. */
  html: string
  verdict: Verdict
  /** Commit that was to go live. */
  commit: string
  /** Commit that is live at the end. */
  liveCommit: string
  url: string
}

// The engine reads a decorator's options from the text, so each folder's are written out where it is taken.

/** One delivery pipeline: check, build, publish, deploy, probe, rehearse. */
@object()
export class Pipeline {
  /** The settings file. */
  @func()
  settings: File

  constructor(
    /** The settings file: environments, limits, addresses. Described in docs/deployment/environments.md. */
    @argument({ defaultPath: "/delivery.json" }) settings: File,
  ) {
    this.settings = settings
  }

  /**
   * Test and lint both components and lint the workflows, all at once, and tell every failure, not the first.
   *
   * Fails when a test, a lint or a type check fails, or line coverage is below the limit of the settings (70 % by default; equal
   * passes). Leaves nothing behind. Each part is a check of its own too. `dagger call ci`, `dagger check`
   */
  @func({ cache: "never" })
  async ci(
    /** Folder of the frontend: package.json with a `test` script, and a lock file. */
    @argument({
      defaultPath: "/frontend",
      ignore: ["**/node_modules", "**/build", "**/.docusaurus", "**/coverage", "**/.env*", "**/.git"],
    })
    frontend: Directory,
    /** Folder of the backend: requirements.txt or pyproject.toml, and tests for pytest. */
    @argument({
      defaultPath: "/backend",
      ignore: [
        "**/__pycache__",
        "**/.venv",
        "**/.*_cache",
        "**/coverage.xml",
        "**/junit.xml",
        "**/.coverage",
        "**/.env*",
        "**/.git",
      ],
    })
    backend: Directory,
    /** Checkout, of which the workflows are linted. */
    @argument({ defaultPath: "/", ignore: ["*", "!.github"] }) checkout: Directory,
    /** GitHub token that may set the status `ci` of the commit; without it there is none. */
    githubToken?: Secret,
    /** Slack's incoming webhook, which hears of a failure; an empty one tells nobody. */
    slackWebhook?: Secret,
    /** Full hash of the commit that gets the status. */
    commit = "",
    /** Who runs them, for the message. */
    actor = "",
    /** Address of the run, for the status. */
    run = "",
  ): Promise<string> {
    if (commit && !isCommit(commit)) throw notACommit(commit)
    const settings = await this.read()
    const operation = { ...operationOf(OperationKind.Checks, [], "", actor, run), commit }
    return notifiedChecks(settings, operation, { githubToken, slackWebhook }, async () =>
      checks.passedOrThrow(await checks.all(frontend, backend, settings, checkout)),
    )
  }

  /**
   * Reports of the same checks, also when some failed.
   *
   * Leaves lcov.info, coverage.xml, frontend-junit.xml, backend-junit.xml, coverage-frontend.svg, coverage-backend.svg, licences.md,
   * summary.md and summary.json. Never fails because a check failed. `dagger call ci-reports --output=reports`
   */
  @func({ cache: "never" })
  async ciReports(
    /** Folder of the frontend. */
    @argument({
      defaultPath: "/frontend",
      ignore: ["**/node_modules", "**/build", "**/.docusaurus", "**/coverage", "**/.env*", "**/.git"],
    })
    frontend: Directory,
    /** Folder of the backend. */
    @argument({
      defaultPath: "/backend",
      ignore: [
        "**/__pycache__",
        "**/.venv",
        "**/.*_cache",
        "**/coverage.xml",
        "**/junit.xml",
        "**/.coverage",
        "**/.env*",
        "**/.git",
      ],
    })
    backend: Directory,
    /** Checkout, of which the workflows are linted. */
    @argument({ defaultPath: "/", ignore: ["*", "!.github"] }) checkout: Directory,
  ): Promise<Directory> {
    const [outcomes, licences] = await Promise.all([
      checks.all(frontend, backend, await this.read(), checkout),
      checks.licences(frontend, backend),
    ])
    return checks.reports(outcomes).withNewFile("licences.md", licences)
  }

  /** Run the frontend's `npm test` and judge its line coverage. */
  @func({ cache: "never" })
  @check()
  async frontendTests(
    /** Folder of the frontend: package.json with a `test` script, and a lock file. */
    @argument({
      defaultPath: "/frontend",
      ignore: ["**/node_modules", "**/build", "**/.docusaurus", "**/coverage", "**/.env*", "**/.git"],
    })
    frontend: Directory,
  ): Promise<string> {
    return checks.passedOrThrow([await checks.frontendTests(frontend, await this.read())])
  }

  /** Run the frontend's `lint` and `typecheck` scripts, where it has them. */
  @func({ cache: "never" })
  @check()
  async frontendLint(
    /** Folder of the frontend. */
    @argument({
      defaultPath: "/frontend",
      ignore: ["**/node_modules", "**/build", "**/.docusaurus", "**/coverage", "**/.env*", "**/.git"],
    })
    frontend: Directory,
  ): Promise<string> {
    return checks.passedOrThrow([await checks.frontendLint(frontend)])
  }

  /** Run the backend's tests with pytest and judge their line coverage. */
  @func({ cache: "never" })
  @check()
  async backendTests(
    /** Folder of the backend: requirements.txt or pyproject.toml, and tests for pytest. */
    @argument({
      defaultPath: "/backend",
      ignore: [
        "**/__pycache__",
        "**/.venv",
        "**/.*_cache",
        "**/coverage.xml",
        "**/junit.xml",
        "**/.coverage",
        "**/.env*",
        "**/.git",
      ],
    })
    backend: Directory,
  ): Promise<string> {
    return checks.passedOrThrow([await checks.backendTests(backend, await this.read())])
  }

  /** Run Ruff and Black over the backend, and mypy where pyproject.toml configures it. */
  @func({ cache: "never" })
  @check()
  async backendLint(
    /** Folder of the backend. */
    @argument({
      defaultPath: "/backend",
      ignore: [
        "**/__pycache__",
        "**/.venv",
        "**/.*_cache",
        "**/coverage.xml",
        "**/junit.xml",
        "**/.coverage",
        "**/.env*",
        "**/.git",
      ],
    })
    backend: Directory,
  ): Promise<string> {
    return checks.passedOrThrow([await checks.backendLint(backend)])
  }

  /** Run actionlint and zizmor over the workflows and hadolint over the backend's Dockerfile, where there are any. */
  @func({ cache: "never" })
  @check()
  async workflowLint(
    /** Checkout, of which the workflows are linted. */
    @argument({ defaultPath: "/", ignore: ["*", "!.github"] }) checkout: Directory,
    /** Folder of the backend, with its Dockerfile. */
    @argument({ defaultPath: "/backend", ignore: ["*", "!Dockerfile", "!.hadolint.yaml"] }) backend: Directory,
  ): Promise<string> {
    return checks.passedOrThrow([await checks.workflowLint(checkout, backend)])
  }

  /**
   * The site as it is deployed: the same files for every environment; version.json names the commit.
   *
   * `dagger call frontend-build --output=build`
   */
  @func({ cache: "never" })
  async frontendBuild(
    /** Folder of the frontend. */
    @argument({
      defaultPath: "/frontend",
      ignore: ["**/node_modules", "**/build", "**/.docusaurus", "**/coverage", "**/.env*", "**/.git"],
    })
    frontend: Directory,
    /** Checkout whose commit the site answers with. */
    @argument({ defaultPath: "/" }) head: GitRef,
    /** Full commit hash, instead of the checkout's. */
    commit = "",
  ): Promise<Directory> {
    return buildSite(frontend, await commitOf(head, commit), await this.read())
  }

  /**
   * The backend's runtime image, built from its own Dockerfile; it answers with the commit.
   *
   * `dagger call backend-image --output=image.tar`
   */
  @func({ cache: "never" })
  async backendImage(
    /** Folder of the backend, with its Dockerfile. */
    @argument({
      defaultPath: "/backend",
      ignore: [
        "**/__pycache__",
        "**/.venv",
        "**/.*_cache",
        "**/coverage.xml",
        "**/junit.xml",
        "**/.coverage",
        "**/.env*",
        "**/.git",
      ],
    })
    backend: Directory,
    /** Checkout whose commit the image answers with. */
    @argument({ defaultPath: "/" }) head: GitRef,
    /** Full commit hash, instead of the checkout's. */
    commit = "",
  ): Promise<Container> {
    return buildImage(backend, await commitOf(head, commit), await this.read())
  }

  /**
   * The very files of the backend's image that `publish` pushes, as an OCI image layout; index.json names the digest.
   *
   * The same commit gives the same digest, whenever and wherever it is built from the same base image.
   * `dagger call image-layout --output=image`
   */
  @func({ cache: "never" })
  async imageLayout(
    /** Folder of the backend, with its Dockerfile. */
    @argument({
      defaultPath: "/backend",
      ignore: [
        "**/__pycache__",
        "**/.venv",
        "**/.*_cache",
        "**/coverage.xml",
        "**/junit.xml",
        "**/.coverage",
        "**/.env*",
        "**/.git",
      ],
    })
    backend: Directory,
    /** Checkout whose commit the image answers with. */
    @argument({ defaultPath: "/" }) head: GitRef,
  ): Promise<Directory> {
    const [commit, created] = await Promise.all([commitOf(head, ""), commitDate(head)])
    return (await imageLayout(await buildImage(backend, commit, await this.read(), created), created)).files
  }

  /**
   * What the backend's image weighs, against its budget, with its heaviest layers.
   *
   * Fails when it is over backend.imageBudgetMegabytes of the settings. `dagger call image-size`
   */
  @func({ cache: "never" })
  async imageSize(
    /** Folder of the backend, with its Dockerfile. */
    @argument({
      defaultPath: "/backend",
      ignore: [
        "**/__pycache__",
        "**/.venv",
        "**/.*_cache",
        "**/coverage.xml",
        "**/junit.xml",
        "**/.coverage",
        "**/.env*",
        "**/.git",
      ],
    })
    backend: Directory,
    /** Checkout whose commit the image answers with. */
    @argument({ defaultPath: "/" }) head: GitRef,
  ): Promise<string> {
    const settings = await this.read()
    const size = await imageSize(
      await imageLayout(await buildImage(backend, await commitOf(head, ""), settings), ""),
      settings.backend.imageBudgetMegabytes,
    )
    if (!size.passed) throw overBudget(imageSizeText(size))
    return imageSizeText(size)
  }

  /**
   * Scan the backend's image for known vulnerabilities.
   *
   * Fails when it has one of the settings' severities for which there is a fixed version, and, in other words, when it could not
   * be scanned. Leaves nothing behind. `dagger call scan`
   */
  @func({ cache: "never" })
  async scan(
    /** Folder of the backend, with its Dockerfile. */
    @argument({
      defaultPath: "/backend",
      ignore: [
        "**/__pycache__",
        "**/.venv",
        "**/.*_cache",
        "**/coverage.xml",
        "**/junit.xml",
        "**/.coverage",
        "**/.env*",
        "**/.git",
      ],
    })
    backend: Directory,
    /** Checkout whose commit the image answers with. */
    @argument({ defaultPath: "/" }) head: GitRef,
    /** Where Trivy's database is, as registry/name:version, instead of the settings'. */
    scanDatabase = "",
    /** Serves the registry of Trivy's database instead of the network, such as tcp://localhost:5000. */
    scanDatabaseService?: Service,
    /** The live image as registry/name@sha256:…, where scan.onlyNew is set; the registry's `latest` when left out. */
    liveImage = "",
    /** User of the registry of the live image; leave it out for a public one. */
    registryUser = "",
    /** Token or password of that user, such as env://GITHUB_TOKEN. */
    registryToken?: Secret,
    /** Serves the registry of the live image instead of the network, such as tcp://localhost:5000. */
    registryService?: Service,
  ): Promise<string> {
    const settings = await this.read()
    const access = { user: registryUser, token: registryToken, service: registryService }
    const live = namedOrLatest(settings, liveImage, access, wallClock)
    const image = await buildImage(backend, await commitOf(head, ""), settings)
    const database = { repository: scanDatabase, service: scanDatabaseService }
    return cleanOrThrow((await scan(image, settings.scan, database, wallClock, live)).scan)
  }

  /**
   * Reports of the same scan, whatever it found.
   *
   * Leaves scan.txt and scan.json, and where the scanner worked trivy.json, trivy.sarif, sbom.cdx.json and sbom.spdx.json.
   * `dagger call scan-reports --output=reports`
   */
  @func({ cache: "never" })
  async scanReports(
    /** Folder of the backend, with its Dockerfile. */
    @argument({
      defaultPath: "/backend",
      ignore: [
        "**/__pycache__",
        "**/.venv",
        "**/.*_cache",
        "**/coverage.xml",
        "**/junit.xml",
        "**/.coverage",
        "**/.env*",
        "**/.git",
      ],
    })
    backend: Directory,
    /** Checkout whose commit the image answers with. */
    @argument({ defaultPath: "/" }) head: GitRef,
    /** Where Trivy's database is, as registry/name:version, instead of the settings'. */
    scanDatabase = "",
    /** Serves the registry of Trivy's database instead of the network, such as tcp://localhost:5000. */
    scanDatabaseService?: Service,
    /** The live image as registry/name@sha256:…, where scan.onlyNew is set; the registry's `latest` when left out. */
    liveImage = "",
    /** User of the registry of the live image; leave it out for a public one. */
    registryUser = "",
    /** Token or password of that user, such as env://GITHUB_TOKEN. */
    registryToken?: Secret,
    /** Serves the registry of the live image instead of the network, such as tcp://localhost:5000. */
    registryService?: Service,
  ): Promise<Directory> {
    const settings = await this.read()
    const access = { user: registryUser, token: registryToken, service: registryService }
    const live = namedOrLatest(settings, liveImage, access, wallClock)
    const image = await buildImage(backend, await commitOf(head, ""), settings)
    const database = { repository: scanDatabase, service: scanDatabaseService }
    const { scan: found, files } = await scan(image, settings.scan, database, wallClock, live)
    return files
      .withNewFile("scan.txt", `${scanText(found)}\n`)
      .withNewFile("scan.json", `${JSON.stringify(found, null, 2)}\n`)
  }

  /**
   * What the backend's image is made of: sbom.cdx.json (CycloneDX) and sbom.spdx.json (SPDX).
   *
   * `dagger call sbom --output=reports`
   */
  @func({ cache: "never" })
  async sbom(
    /** Folder of the backend, with its Dockerfile. */
    @argument({
      defaultPath: "/backend",
      ignore: [
        "**/__pycache__",
        "**/.venv",
        "**/.*_cache",
        "**/coverage.xml",
        "**/junit.xml",
        "**/.coverage",
        "**/.env*",
        "**/.git",
      ],
    })
    backend: Directory,
    /** Checkout whose commit the image answers with. */
    @argument({ defaultPath: "/" }) head: GitRef,
  ): Promise<Directory> {
    const settings = await this.read()
    return sbom(await buildImage(backend, await commitOf(head, ""), settings), settings.scan)
  }

  /**
   * Build the backend's image, hold it to its size and scan it, and push it; the last line is the name to deploy it by.
   *
   * Its tags are the commit and `latest`, which only moves forward. An image of the commit that is there already is scanned again
   * and not pushed again. Its SBOMs, the scan and its provenance are kept beside it in the registry.
   * `dagger call publish --registry-user=me --registry-token=env://GITHUB_TOKEN`
   */
  @func({ cache: "never" })
  async publish(
    /** Checkout whose commit is built and pushed; what isn't committed is left out. */
    @argument({ defaultPath: "/" }) head: GitRef,
    /** User of the registry; leave it out for a registry that takes pushes from anyone. */
    registryUser = "",
    /** Token or password of that user, such as env://GITHUB_TOKEN. */
    registryToken?: Secret,
    /** Serves the registry instead of the network, such as tcp://localhost:5000. */
    registryService?: Service,
    /** Why the image is pushed without a scan, where no scanner can be had; it is told in the answer. */
    unscanned = "",
    /** Where Trivy's database is, as registry/name:version, instead of the settings'. */
    scanDatabase = "",
    /** Serves the registry of Trivy's database instead of the network, such as tcp://localhost:5000. */
    scanDatabaseService?: Service,
    /** The live image as registry/name@sha256:…, where scan.onlyNew is set; the registry's `latest` when left out. */
    liveImage = "",
    /** EC P-256 key in PEM that signs the image, such as env://SIGNING_KEY; needed where the settings have image.publicKey. */
    signingKey?: Secret,
    /** Address that names who builds, such as that of the workflow; the project itself when left out. */
    builder = "",
    /** Address of this very run. */
    run = "",
  ): Promise<string> {
    const settings = await this.read()
    const access = { user: registryUser, token: registryToken, service: registryService }
    const { image, lines } = await publishImage(settings, head, access, {
      unscanned,
      scanDatabase: { repository: scanDatabase, service: scanDatabaseService },
      live: namedOrLatest(settings, liveImage, access, wallClock),
      signingKey,
      builder,
      run,
    })
    return [...lines, `${image.repository}@${image.digest}`].join("\n")
  }

  /**
   * Whether the registry's image of a commit says that it is of this commit, project and builder; prints the name to deploy it by.
   *
   * Compares its labels and its provenance, and looks for a signature by image.publicKey of the settings. Without such a key it
   * shows a mix-up, not a forgery. Changes nothing.
   * `dagger call verify`
   */
  @func({ cache: "never" })
  async verify(
    /** Checkout whose commit is looked up. */
    @argument({ defaultPath: "/" }) head: GitRef,
    /** Full commit hash, instead of the checkout's. */
    commit = "",
    /** Address that names who built it, as it was given to `publish`. */
    builder = "",
    /** User of the registry; leave it out for a public image. */
    registryUser = "",
    /** Token or password of that user, such as env://GITHUB_TOKEN. */
    registryToken?: Secret,
    /** Serves the registry instead of the network, such as tcp://localhost:5000. */
    registryService?: Service,
  ): Promise<string> {
    const { image } = await this.read()
    return pinned(
      await verified(
        { ...image, digest: "", commit: await commitOf(head, commit), builder: builder || image.source },
        { user: registryUser, token: registryToken, service: registryService },
        wallClock,
      ),
    )
  }

  /**
   * Check, build and deploy the site, proven beside the live version before it switches.
   *
   * Uploads a draft, probes it at its own address, switches, probes again; puts the previous version back when that fails.
   * A version that is live and healthy already ends `no-change` and writes nothing. Any other end than success exits non-zero.
   * `dagger call deploy-frontend --environment=staging --netlify-token=env://NETLIFY_TOKEN report`
   */
  @func({ cache: "never" })
  async deployFrontend(
    /** Netlify token that may deploy the site, such as env://NETLIFY_TOKEN. */
    netlifyToken: Secret,
    /** Name of an environment in the settings. */
    environment = "staging",
    /** Checkout whose commit is deployed; what isn't committed is left out. */
    @argument({ defaultPath: "/" }) head: GitRef,
    /** GitHub token for the lock and the ledger; without it nothing is remembered and nothing stops a second deployment. */
    githubToken?: Secret,
    /** Why a version that was rolled back may go live again. */
    overQuarantine = "",
    /** Who deploys, for the ledger. */
    actor = "",
    /** Address of the run, for the ledger. */
    run = "",
    /** Slack's incoming webhook, such as env://SLACK_WEBHOOK_URL; an empty one tells nobody. */
    slackWebhook?: Secret,
  ): Promise<Deployed> {
    const settings = await this.read()
    environmentOf(settings, environment)
    const commit = await commitOf(head, "")
    const operation = {
      ...operationOf(OperationKind.Deployment, [Component.Frontend], environment, actor, run),
      commit,
    }
    const deployment = await notified(settings, operation, { slackWebhook, githubToken }, async ({ log, tracer }) => {
      const token = await plaintext(netlifyToken, "netlify-token")
      const records = await recordsOf(settings, githubToken)
      const source = head.tree().directory(settings.frontend.source)
      const site = await gated(
        log.step(
          Step.Check,
          () => checks.passing(Promise.all([checks.frontendTests(source, settings), checks.frontendLint(source)])),
          ciLine,
        ),
        log.step(
          Step.Build,
          async () => exported(await buildSite(source, commit, settings), commit),
          () => "the site",
        ),
      )
      const target = frontendTarget({
        ...contextOf(settings, environment, tracer, log.started),
        token,
        records,
        overQuarantine,
        actor,
        run,
      })
      return prepared(await deploy({ commit, version: commit.slice(0, 7), artifact: site }, target), log)
    })
    return succeeded(deployment, settings)
  }

  /**
   * Check, build, push, migrate and deploy the service, and put the previous image back when the new one is not healthy.
   *
   * Commits the image's digest to the Space, waits until it runs, and probes it for its commit and what it depends on.
   * A version that is live and healthy already ends `no-change` and writes nothing. Any other end than success exits non-zero.
   * `dagger call deploy-backend --environment=staging --hugging-face-token=env://HF_TOKEN report`
   */
  @func({ cache: "never" })
  async deployBackend(
    /** Hugging Face token that may write to the Space, such as env://HF_TOKEN. */
    huggingFaceToken: Secret,
    /** Name of an environment in the settings. */
    environment = "staging",
    /** Checkout whose commit is deployed; what isn't committed is left out. */
    @argument({ defaultPath: "/" }) head: GitRef,
    /** User of the registry; leave it out for a registry that takes pushes from anyone. */
    registryUser = "",
    /** Token or password of that user, such as env://GITHUB_TOKEN. */
    registryToken?: Secret,
    /** Serves the registry instead of the network, such as tcp://localhost:5000. */
    registryService?: Service,
    /** Why the image is deployed without a scan, where no scanner can be had. */
    unscanned = "",
    /** Where Trivy's database is, as registry/name:version, instead of the settings'. */
    scanDatabase = "",
    /** Serves the registry of Trivy's database instead of the network, such as tcp://localhost:5000. */
    scanDatabaseService?: Service,
    /** EC P-256 key in PEM that signs the image, such as env://SIGNING_KEY; needed where the settings have image.publicKey. */
    signingKey?: Secret,
    /** PostgreSQL URL to migrate, and to give to the service; without it the service uses a database of its own. */
    databaseUrl?: Secret,
    /** Serves the database's host instead of the network, such as tcp://localhost:5432. */
    databaseService?: Service,
    /** Why a schema step that takes something away may run while the live version still reads the database. */
    allowContract = "",
    /** GitHub token for the lock and the ledger; without it nothing is remembered and nothing stops a second deployment. */
    githubToken?: Secret,
    /** Why a version that was rolled back may go live again. */
    overQuarantine = "",
    /** Who deploys, for the ledger. */
    actor = "",
    /** Address of the run, for the ledger. */
    run = "",
    /** Slack's incoming webhook, such as env://SLACK_WEBHOOK_URL; an empty one tells nobody. */
    slackWebhook?: Secret,
  ): Promise<Deployed> {
    const settings = await this.read()
    const { secrets } = environmentOf(settings, environment)
    const commit = await commitOf(head, "")
    const operation = { ...operationOf(OperationKind.Deployment, [Component.Backend], environment, actor, run), commit }
    const deployment = await notified(settings, operation, { slackWebhook, githubToken }, async ({ log, tracer }) => {
      const token = await plaintext(huggingFaceToken, "hugging-face-token", "HF_TOKEN")
      const records = await recordsOf(settings, githubToken)
      const source = head.tree().directory(settings.backend.source)
      const database = await databaseFor(source, databaseUrl, databaseService, secrets.database)
      const created = await commitDate(head)
      await gated(
        log.step(
          Step.Check,
          () => checks.passing(Promise.all([checks.backendTests(source, settings), checks.backendLint(source)])),
          ciLine,
        ),
        log.step(
          Step.Build,
          () => buildImage(source, commit, settings, created),
          () => "the image",
        ),
      )
      const access = { user: registryUser, token: registryToken, service: registryService }
      const place = {
        ...contextOf(settings, environment, tracer, log.started),
        publicImages: !registryService,
        token,
        records,
        overQuarantine,
        actor,
        run,
      }
      const publication = {
        unscanned,
        scanDatabase: { repository: scanDatabase, service: scanDatabaseService },
        live: liveAt(() => backendTarget(place).host.live(), access),
        signingKey,
        builder: "",
        run,
      }
      const { image: artifact } = await log.step(
        Step.Publish,
        () => publishImage(settings, head, access, publication),
        ({ lines }) => lines.join("; "),
      )
      const schema = database && (await schemaOf(pull(artifact, access), database, allowContract, access))
      const target = backendTarget(place, schema)
      const context = await contextFor(source, commit, settings)
      const release = { commit, version: commit.slice(0, 7), artifact: { ...artifact, ...context } }
      return prepared(await deploy(release, target), log)
    })
    return succeeded(deployment, settings)
  }

  /**
   * Check, build and deploy both components as one release: backend first, frontend last.
   *
   * When the frontend fails, the backend goes back too, unless the database has moved on too far; then the report says so.
   * `dagger call deploy --netlify-token=env://NETLIFY_TOKEN --hugging-face-token=env://HF_TOKEN`
   */
  @func({ cache: "never" })
  async deploy(
    /** Netlify token that may deploy the site. */
    netlifyToken: Secret,
    /** Hugging Face token that may write to the Space. */
    huggingFaceToken: Secret,
    /** Name of an environment in the settings. */
    environment = "staging",
    /** Checkout whose commit is deployed; what isn't committed is left out. */
    @argument({ defaultPath: "/" }) head: GitRef,
    /** User of the registry; leave it out for a registry that takes pushes from anyone. */
    registryUser = "",
    /** Token or password of that user, such as env://GITHUB_TOKEN. */
    registryToken?: Secret,
    /** Serves the registry instead of the network, such as tcp://localhost:5000. */
    registryService?: Service,
    /** Why the image is deployed without a scan, where no scanner can be had. */
    unscanned = "",
    /** Where Trivy's database is, as registry/name:version, instead of the settings'. */
    scanDatabase = "",
    /** Serves the registry of Trivy's database instead of the network, such as tcp://localhost:5000. */
    scanDatabaseService?: Service,
    /** EC P-256 key in PEM that signs the image, such as env://SIGNING_KEY; needed where the settings have image.publicKey. */
    signingKey?: Secret,
    /** PostgreSQL URL to migrate, and to give to the service; without it the service uses a database of its own. */
    databaseUrl?: Secret,
    /** Serves the database's host instead of the network, such as tcp://localhost:5432. */
    databaseService?: Service,
    /** Why a schema step that takes something away may run while the live version still reads the database. */
    allowContract = "",
    /** GitHub token for the lock and the ledger; without it nothing is remembered and nothing stops a second deployment. */
    githubToken?: Secret,
    /** Why a version that was rolled back may go live again. */
    overQuarantine = "",
    /** Who deploys, for the ledger. */
    actor = "",
    /** Address of the run, for the ledger. */
    run = "",
    /** Slack's incoming webhook, such as env://SLACK_WEBHOOK_URL; an empty one tells nobody. */
    slackWebhook?: Secret,
  ): Promise<string> {
    const settings = await this.read()
    const { secrets } = environmentOf(settings, environment)
    const commit = await commitOf(head, "")
    const operation = { ...operationOf(OperationKind.Deployment, bothComponents, environment, actor, run), commit }
    const whole = await notified(settings, operation, { slackWebhook, githubToken }, async ({ log, tracer }) => {
      const [netlify, hub] = [
        await plaintext(netlifyToken, "netlify-token"),
        await plaintext(huggingFaceToken, "hugging-face-token", "HF_TOKEN"),
      ]
      const records = await recordsOf(settings, githubToken)
      const [pages, service] = [
        head.tree().directory(settings.frontend.source),
        head.tree().directory(settings.backend.source),
      ]
      const database = await databaseFor(service, databaseUrl, databaseService, secrets.database)
      const created = await commitDate(head)
      const [site] = await gated(
        log.step(Step.Check, () => checks.passing(checks.all(pages, service, settings)), ciLine),
        log.step(
          Step.Build,
          () =>
            Promise.all([
              buildSite(pages, commit, settings).then((built) => exported(built, commit)),
              buildImage(service, commit, settings, created),
            ]),
          () => "the site and the image",
        ),
      )
      const access = { user: registryUser, token: registryToken, service: registryService }
      const place = {
        ...contextOf(settings, environment, tracer, log.started),
        publicImages: !registryService,
        records,
        overQuarantine,
        actor,
        run,
      }
      const publication = {
        unscanned,
        scanDatabase: { repository: scanDatabase, service: scanDatabaseService },
        live: liveAt(() => backendTarget({ ...place, token: hub }).host.live(), access),
        signingKey,
        builder: "",
        run,
      }
      const { image: artifact } = await log.step(
        Step.Publish,
        () => publishImage(settings, head, access, publication),
        ({ lines }) => lines.join("; "),
      )
      const backend = backendTarget(
        { ...place, token: hub },
        database && (await schemaOf(pull(artifact, access), database, allowContract, access)),
      )
      const context = await contextFor(service, commit, settings)
      const product = await deployProduct(
        { commit, version: commit.slice(0, 7), image: { ...artifact, ...context }, site },
        { backend, frontend: frontendTarget({ ...place, token: netlify }) },
        schemaAt(() => backend.host.live(), database, access, secrets.database),
      )
      const [first, ...rest] = product.components
      return { ...product, components: first ? [prepared(first, log), ...rest] : [] }
    })
    return bothSucceeded(whole, settings)
  }

  /**
   * What a deployment of this checkout would do to a database: each schema step with its class, and the SQL.
   *
   * Changes nothing. `dagger call migration-plan --database-url=env://DATABASE_URL`
   */
  @func({ cache: "never" })
  async migrationPlan(
    /** PostgreSQL URL, such as env://DATABASE_URL. */
    databaseUrl: Secret,
    /** Checkout whose commit would be deployed. */
    @argument({ defaultPath: "/" }) head: GitRef,
    /** Serves the database's host instead of the network, such as tcp://localhost:5432. */
    databaseService?: Service,
  ): Promise<string> {
    const [settings, database] = [await this.read(), await databaseOf(databaseUrl, databaseService)]
    if (!database) throw missingSecret("database-url")
    const image = await buildImage(head.tree().directory(settings.backend.source), await commitOf(head, ""), settings)
    const planned = await plan(image, database)
    const steps = planned.steps.map(({ revision, class: kind, title }) => `  ${revision}  ${kind}  ${title}`)
    return [
      describedPlan(planned),
      ...steps,
      ...(steps.length > 0 ? ["", await sql(image, database, planned)] : []),
    ].join("\n")
  }

  /**
   * Upgrade a database to this checkout's newest schema revision, without deploying anything.
   *
   * Fails when a step would break the live version, unless that is allowed; a failed step leaves the database at the last whole one.
   * `dagger call migrate --database-url=env://DATABASE_URL`
   */
  @func({ cache: "never" })
  async migrate(
    /** PostgreSQL URL, such as env://DATABASE_URL. */
    databaseUrl: Secret,
    /** Checkout whose commit brings the revisions. */
    @argument({ defaultPath: "/" }) head: GitRef,
    /** Serves the database's host instead of the network, such as tcp://localhost:5432. */
    databaseService?: Service,
    /** Why a step that takes something away may run while the live version still reads the database. */
    allowContract = "",
  ): Promise<string> {
    const [settings, database] = [await this.read(), await databaseOf(databaseUrl, databaseService)]
    if (!database) throw missingSecret("database-url")
    const image = await buildImage(head.tree().directory(settings.backend.source), await commitOf(head, ""), settings)
    return span(Step.Migrate, () => upgrade(image, database, allowContract))
  }

  /**
   * The last ten releases of one component: commit, age, author, and whether one can go back to it, or why not.
   *
   * `dagger call releases --component=BACKEND --environment=production --token=env://HF_TOKEN --github-token=env://GITHUB_TOKEN`
   */
  @func({ cache: "never" })
  async releases(
    /** Which component. */
    component: Component,
    /** Token of its host: Netlify's for the frontend, Hugging Face's for the backend. */
    token: Secret,
    /** GitHub token that may read the ledger. */
    githubToken: Secret,
    /** Name of an environment in the settings. */
    environment = "staging",
  ): Promise<string> {
    const settings = await this.read()
    const records = await recordsOf(settings, githubToken)
    const host = { ...contextOf(settings, environment), token: await plaintext(token, "token"), records }
    return releasesText(
      await (component === Component.Frontend ? releases(frontendTarget(host)) : releases(backendTarget(host))),
    )
  }

  /**
   * Serve an earlier release of the site again: no build, probed afterwards.
   *
   * The release is checked before anything moves. The version left is quarantined: it can't be deployed again without a reason.
   * `dagger call rollback-frontend --reason="…" --netlify-token=env://NETLIFY_TOKEN --github-token=env://GITHUB_TOKEN report`
   */
  @func({ cache: "never" })
  async rollbackFrontend(
    /** Why; kept in the ledger. */
    reason: string,
    /** Netlify token that may deploy the site. */
    netlifyToken: Secret,
    /** GitHub token that may write the ledger and take the lock. */
    githubToken: Secret,
    /** Name of an environment in the settings. */
    environment = "staging",
    /** Commit (or its beginning) or deploy ID to go back to; the last good release when left out. */
    to = "",
    /** Who rolls back, for the ledger. */
    actor = "",
    /** Address of the run, for the ledger. */
    run = "",
    /** Slack's incoming webhook, such as env://SLACK_WEBHOOK_URL; an empty one tells nobody. */
    slackWebhook?: Secret,
  ): Promise<Deployed> {
    const settings = await this.read()
    const operation = { ...operationOf(OperationKind.Rollback, [Component.Frontend], environment, actor, run), reason }
    const deployment = await notified(settings, operation, { slackWebhook, githubToken }, async ({ tracer }) => {
      const token = await plaintext(netlifyToken, "netlify-token")
      const records = await recordsOf(settings, githubToken)
      const place = { ...contextOf(settings, environment, tracer), token, records, actor, run }
      return rollback(frontendTarget(place), { to, reason })
    })
    return succeeded(deployment, settings)
  }

  /**
   * Serve an earlier image of the service again: no build, no migration, probed afterwards.
   *
   * Refused before anything moves when that image does not know the database's schema and what lies between is not only additions.
   * `dagger call rollback-backend --reason="…" --hugging-face-token=env://HF_TOKEN --github-token=env://GITHUB_TOKEN report`
   */
  @func({ cache: "never" })
  async rollbackBackend(
    /** Why; kept in the ledger. */
    reason: string,
    /** Hugging Face token that may write to the Space. */
    huggingFaceToken: Secret,
    /** GitHub token that may write the ledger and take the lock. */
    githubToken: Secret,
    /** Name of an environment in the settings. */
    environment = "staging",
    /** Commit (or its beginning) or image to go back to; the last good release when left out. */
    to = "",
    /** User of the registry; leave it out where images are public. */
    registryUser = "",
    /** Token or password of that user. */
    registryToken?: Secret,
    /** Serves the registry instead of the network, such as tcp://localhost:5000. */
    registryService?: Service,
    /** PostgreSQL URL of the environment; needed when its releases have a schema. */
    databaseUrl?: Secret,
    /** Serves the database's host instead of the network, such as tcp://localhost:5432. */
    databaseService?: Service,
    /** Who rolls back, for the ledger. */
    actor = "",
    /** Address of the run, for the ledger. */
    run = "",
    /** Slack's incoming webhook, such as env://SLACK_WEBHOOK_URL; an empty one tells nobody. */
    slackWebhook?: Secret,
  ): Promise<Deployed> {
    const settings = await this.read()
    const operation = { ...operationOf(OperationKind.Rollback, [Component.Backend], environment, actor, run), reason }
    const deployment = await notified(settings, operation, { slackWebhook, githubToken }, async ({ tracer }) => {
      const token = await plaintext(huggingFaceToken, "hugging-face-token", "HF_TOKEN")
      const records = await recordsOf(settings, githubToken)
      const database = await databaseOf(databaseUrl, databaseService)
      const target = backendTarget({
        ...contextOf(settings, environment, tracer),
        publicImages: !registryService,
        hasDatabase: database !== undefined,
        token,
        records,
        actor,
        run,
      })
      const access = { user: registryUser, token: registryToken, service: registryService }
      const { secrets } = environmentOf(settings, environment)
      const schema = schemaAt(() => target.host.live(), database, access, secrets.database)
      return rollback(target, { to, reason, schema })
    })
    return succeeded(deployment, settings)
  }

  /**
   * Serve an earlier release of both components again: frontend first, so that no page asks a backend older than itself.
   *
   * `dagger call rollback --reason="…" --netlify-token=env://… --hugging-face-token=env://… --github-token=env://…`
   */
  @func({ cache: "never" })
  async rollback(
    /** Why; kept in the ledger. */
    reason: string,
    /** Netlify token that may deploy the site. */
    netlifyToken: Secret,
    /** Hugging Face token that may write to the Space. */
    huggingFaceToken: Secret,
    /** GitHub token that may write the ledger and take the lock. */
    githubToken: Secret,
    /** Name of an environment in the settings. */
    environment = "staging",
    /** Commit (or its beginning) to go back to; the frontend's last good release when left out. */
    to = "",
    /** User of the registry; leave it out where images are public. */
    registryUser = "",
    /** Token or password of that user. */
    registryToken?: Secret,
    /** Serves the registry instead of the network, such as tcp://localhost:5000. */
    registryService?: Service,
    /** PostgreSQL URL of the environment; needed when its releases have a schema. */
    databaseUrl?: Secret,
    /** Serves the database's host instead of the network, such as tcp://localhost:5432. */
    databaseService?: Service,
    /** Who rolls back, for the ledger. */
    actor = "",
    /** Address of the run, for the ledger. */
    run = "",
    /** Slack's incoming webhook, such as env://SLACK_WEBHOOK_URL; an empty one tells nobody. */
    slackWebhook?: Secret,
  ): Promise<string> {
    const settings = await this.read()
    const operation = {
      ...operationOf(OperationKind.Rollback, [Component.Frontend, Component.Backend], environment, actor, run),
      reason,
    }
    const whole = await notified(settings, operation, { slackWebhook, githubToken }, async ({ tracer }) => {
      const [netlify, hub] = [
        await plaintext(netlifyToken, "netlify-token"),
        await plaintext(huggingFaceToken, "hugging-face-token", "HF_TOKEN"),
      ]
      const database = await databaseOf(databaseUrl, databaseService)
      const place = {
        ...contextOf(settings, environment, tracer),
        publicImages: !registryService,
        hasDatabase: database !== undefined,
        records: await recordsOf(settings, githubToken),
        actor,
        run,
      }
      const backend = backendTarget({ ...place, token: hub })
      const access = { user: registryUser, token: registryToken, service: registryService }
      const { secrets } = environmentOf(settings, environment)
      const schema = schemaAt(() => backend.host.live(), database, access, secrets.database)
      const product = { backend, frontend: frontendTarget({ ...place, token: netlify }) }
      return rollbackProduct(product, { to, reason, schema })
    })
    return bothSucceeded(whole, settings)
  }

  /**
   * Put what staging serves into production: the same image, the same site, unchanged; then merge its commit by the API.
   *
   * Refused unless it is staging's newest deployment, live, healthy now and for long enough; and when staging is deployed meanwhile.
   * `dagger call promote --netlify-token=env://NETLIFY_TOKEN --hugging-face-token=env://HF_TOKEN --github-token=env://GITHUB_TOKEN`
   */
  @func({ cache: "never" })
  async promote(
    /** Netlify token that may deploy production's site. */
    netlifyToken: Secret,
    /** Hugging Face token that may write to production's Space. */
    huggingFaceToken: Secret,
    /** GitHub token that may read and write the ledger, take the lock and merge. */
    githubToken: Secret,
    /** Netlify token that may look at the site that proved the version; production's when left out. */
    fromNetlifyToken?: Secret,
    /** Hugging Face token that may look at the Space that proved the version; production's when left out. */
    fromHuggingFaceToken?: Secret,
    /** Name of the environment that proved the version. */
    from = "staging",
    /** Name of the environment that gets it. */
    to = "production",
    /** Whole seconds that the version must have been live in the first. */
    provenSeconds = 600,
    /** User of the registry; leave it out where images are public. */
    registryUser = "",
    /** Token or password of that user. */
    registryToken?: Secret,
    /** Serves the registry instead of the network, such as tcp://localhost:5000. */
    registryService?: Service,
    /** PostgreSQL URL of the environment that gets it. */
    databaseUrl?: Secret,
    /** Serves the database's host instead of the network, such as tcp://localhost:5432. */
    databaseService?: Service,
    /** Why a schema step that takes something away may run while the live version still reads the database. */
    allowContract = "",
    /** Who promotes, for the ledger. */
    actor = "",
    /** Address of the run, for the ledger. */
    run = "",
    /** Slack's incoming webhook, such as env://SLACK_WEBHOOK_URL; an empty one tells nobody. */
    slackWebhook?: Secret,
  ): Promise<string> {
    const settings = await this.read()
    const [{ branch, secrets }, { secrets: proving }] = [environmentOf(settings, to), environmentOf(settings, from)]
    const operation = operationOf(OperationKind.Promotion, bothComponents, to, actor, run)
    const whole = await notified(settings, operation, { slackWebhook, githubToken }, async ({ tracer }) => {
      const [netlify, hub] = [
        await plaintext(netlifyToken, "netlify-token", secrets.netlify),
        await plaintext(huggingFaceToken, "hugging-face-token", secrets.huggingFace),
      ]
      const [fromNetlify, fromHub] = [
        fromNetlifyToken ? await plaintext(fromNetlifyToken, "from-netlify-token", proving.netlify) : netlify,
        fromHuggingFaceToken
          ? await plaintext(fromHuggingFaceToken, "from-hugging-face-token", proving.huggingFace)
          : hub,
      ]
      const records = await recordsOf(settings, githubToken)
      if (!records) throw missingSecret("github-token")
      const access = { user: registryUser, token: registryToken, service: registryService }
      const request = {
        wanted: "",
        policy: { provenSeconds },
        merge: (commit: string) => records.merge(branch, commit),
      }
      const place = (environment: string) => ({
        ...contextOf(settings, environment, tracer),
        publicImages: !registryService,
        records,
        actor,
        run,
      })

      const candidate = backendTarget({ ...place(from), token: fromHub })
      const live = await candidate.host.live()
      const image = live && pull(imageNamed(live.id), access)
      const database =
        image && (await databaseFor(image.directory("."), databaseUrl, databaseService, secrets.database))
      const schema = database && (await schemaOf(image, database, allowContract, access))
      const service = await promote(candidate, backendTarget({ ...place(to), token: hub }, schema), {
        ...request,
        artifact: async ({ id, commit }) => ({
          ...(await candidate.host.artifact(id)),
          ...(await verified({ ...imageNamed(id), commit, ...settings.image, builder: "" }, access, wallClock)),
        }),
      })
      const undo = () => undoProduct({ environment: to, secrets, hasDatabase: database !== undefined })
      if (isFailure(service.verdict)) return summary(to, service.commit, [service], undo)

      const proved = frontendTarget({ ...place(from), token: fromNetlify })
      const site = await promote(proved, frontendTarget({ ...place(to), token: netlify }), {
        ...request,
        artifact: () => proved.host.published(),
      })
      return summary(to, service.commit, [service, site], undo)
    })
    return bothSucceeded(whole, settings)
  }

  /**
   * Ask an address until it is healthy: the right commit, its title or dependencies, several times in a row.
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
    const settings = await this.read()
    const { frontend, backend, probe } = environmentOf(settings, environment)
    if (commit && !isCommit(commit)) throw notACommit(commit)
    const asked = url
      ? [{ name: url, url, all: frontendChecks({ title: "", links: true }, commit).slice(commit ? 0 : 1) }]
      : [
          { name: "frontend", url: frontend.url, all: frontendChecks(frontend, commit) },
          { name: "backend", url: backend.url, all: backendChecks(settings.backend.healthPath, backend.needs, commit) },
        ]
    const results = await Promise.all(
      asked.map(async ({ name, url, all }) => ({
        name,
        url,
        health: await probeUntil(url, all, probe, { get, clock: wallClock }),
      })),
    )
    const lines = results.map(
      ({ name, url, health }) => `${name} at ${url} is ${health.state}${health.reason && `: ${health.reason}`}`,
    )
    if (results.some(({ health }) => health.state !== HealthState.Healthy)) throw probeEnded(lines.join("\n"))
    return lines.join("\n")
  }

  /**
   * Look whether a deployment to an environment has all that it needs, before one finds out: tokens and their ends, site, Space, image,
   * branch, GitHub's environment and secrets, schema, database.
   *
   * Changes nothing. Each diagnosis says what to do; fails when one is wrong. What no secret was given for is not asked.
   * `dagger call doctor --environment=production --netlify-token=env://NETLIFY_TOKEN --hugging-face-token=env://HF_TOKEN`
   */
  @func({ cache: "never" })
  async doctor(
    /** Name of an environment in the settings. */
    environment = "staging",
    /** Checkout whose commit would be deployed. */
    @argument({ defaultPath: "/" }) head: GitRef,
    /** Netlify token of the environment. */
    netlifyToken?: Secret,
    /** Hugging Face token of the environment. */
    huggingFaceToken?: Secret,
    /** GitHub token; an administrator's sees most. */
    githubToken?: Secret,
    /** Slack webhook of the environment; it gets a message without words, which Slack refuses, so nobody sees it. */
    slackWebhook?: Secret,
    /** User of the registry; leave it out where images are public. */
    registryUser = "",
    /** Token or password of that user. */
    registryToken?: Secret,
    /** Serves the registry instead of the network, such as tcp://localhost:5000. */
    registryService?: Service,
    /** Key that signs images. */
    signingKey?: Secret,
    /** PostgreSQL URL of the environment. */
    databaseUrl?: Secret,
    /** Serves the database's host instead of the network, such as tcp://localhost:5432. */
    databaseService?: Service,
  ): Promise<string> {
    const settings = await this.read()
    const diagnoses = await diagnosed(
      doctorChecks({
        settings,
        environment,
        source: head.tree().directory(settings.backend.source),
        commit: await commitOf(head, ""),
        clock: wallClock,
        netlifyToken,
        huggingFaceToken,
        githubToken,
        slackWebhook,
        access: { user: registryUser, token: registryToken, service: registryService },
        signingKey,
        databaseUrl,
        databaseService,
        site: (token) => frontendTarget({ ...contextOf(settings, environment), token }).host,
      }),
    )
    const report = diagnosesText(environment, diagnoses)
    if (isWrong(diagnoses)) throw doctorFound(report)
    return report
  }

  /**
   * Protect the branches that are deployed at least as the settings say: checks, reviews, no overwritten history.
   *
   * Raises what is weaker and leaves what is stricter, or done by a ruleset; looks again afterwards. Needs an administrator's token.
   * `dagger call protect --plan --github-token=env://GITHUB_TOKEN`
   */
  @func({ cache: "never" })
  async protect(
    /** GitHub token that may administer the repository. */
    githubToken: Secret,
    /** Only tell what would be raised. */
    plan = false,
  ): Promise<string> {
    const settings = await this.read()
    const github = gitHubOf(settings, await plaintext(githubToken, "github-token"), wallClock)
    const branches = [...new Set(Object.values(settings.environments).map(({ branch }) => branch))]
    return protectAll(
      branches.map((branch) => new BranchProtection(github, branch)),
      settings.protection,
      plan,
    )
  }

  /**
   * How the project delivers, from the record of its deployments: frequency, success, lead time, time to restore, durations.
   *
   * Leaves index.html, metrics.md, metrics.json, deployments.json, plots and badges. A missed target is an alert in them, no failure;
   * only reads. `dagger call metrics --github-token=env://GITHUB_TOKEN --output=reports/metrics`
   */
  @func({ cache: "never" })
  async metrics(
    /** GitHub token that may read the ledger; read-only is enough. */
    githubToken?: Secret,
    /** ISO weeks that are measured, the one that is now included; 1 to 104. */
    weeks = 12,
    /** Name of an environment in the settings; all of them when left out. */
    environment = "",
    /** The deployments.json of an earlier call, instead of GitHub; then it is measured up to when it was read. */
    ledger?: File,
    /** Slack's incoming webhook, which gets the last whole week and each missed target; told.txt says whether it did. */
    slackWebhook?: Secret,
    /** Address of the run, for Slack. */
    run = "",
  ): Promise<Directory> {
    const found = await this.measure({ weeks, environment }, githubToken, ledger)
    if (!slackWebhook) return folderOf(found.files)
    const settings = await this.read()
    const told = await sentIfPossible(settings, metricsNotice(found, settings.image.title, run), slackWebhook)
    return folderOf({ ...found.files, "told.txt": `${told}\n` })
  }

  /**
   * The same numbers as text, with each target that is missed and the runs that missed it.
   *
   * `dagger call metrics-summary --github-token=env://GITHUB_TOKEN`
   */
  @func({ cache: "never" })
  async metricsSummary(
    /** GitHub token that may read the ledger; read-only is enough. */
    githubToken?: Secret,
    /** ISO weeks that are measured, the one that is now included; 1 to 104. */
    weeks = 12,
    /** Name of an environment in the settings; all of them when left out. */
    environment = "",
    /** The deployments.json of an earlier call, instead of GitHub; then it is measured up to when it was read. */
    ledger?: File,
  ): Promise<string> {
    return (await this.measure({ weeks, environment }, githubToken, ledger)).text
  }

  /**
   * Tell Slack something of one's own, in the form of the pipeline's own messages.
   *
   * FAILURE and ROLLED_BACK call the channel and the environment's people. Fails when Slack does not take it within 30 s; an empty
   * secret tells nobody and says so. `dagger call notify --kind=SUCCESS --text="the nightly import is done" --slack-webhook=env://…`
   */
  @func({ cache: "never" })
  async notify(
    /** What the message says first, and its colour. */
    kind: NoticeKind,
    /** Slack's incoming webhook, such as env://SLACK_WEBHOOK_URL. */
    slackWebhook: Secret,
    /** What happened, instead of the kind's own words. */
    text = "",
    /** Name of an environment in the settings; its people are called. */
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
    /** Who does it. */
    actor = "",
    /** Address of the run. */
    run = "",
  ): Promise<string> {
    const settings = await this.read()
    const said = { version, commit, author, actor, reason, next, run, url, milliseconds: seconds * 1000 }
    return sent(settings, ownNotice(kind, text, component ?? "", environment, settings.image.title, said), slackWebhook)
  }

  /**
   * Give a commit a status: `ci`, `deploy-frontend` or `deploy-backend`.
   *
   * Fails when GitHub does not take it. `dagger call commit-status --context=CI --state=SUCCESS --github-token=env://GITHUB_TOKEN`
   */
  @func({ cache: "never" })
  async commitStatus(
    /** Name of the status, as rules of branches know it. */
    context: StatusContext,
    /** What it shows. */
    state: StatusState,
    /** GitHub token that may write statuses. */
    githubToken: Secret,
    /** Checkout whose commit gets it. */
    @argument({ defaultPath: "/" }) head: GitRef,
    /** Full commit hash, instead of the checkout's. */
    commit = "",
    /** A few words; cut at 140 characters. */
    description = "",
    /** Address of the run. */
    run = "",
  ): Promise<string> {
    const settings = await this.read()
    const github = gitHubOf(settings, await plaintext(githubToken, "github-token"), wallClock)
    const status = statusOf(await commitOf(head, commit), context, state, description, run)
    await new GitHubStatuses(github).give([status], wallClock.now().getTime() + 30_000)
    return `${status.commit.slice(0, 7)} has the status ${context}: ${state}`
  }

  /**
   * Open an incident as an issue, or add to the one that is open for the same cause; or close it.
   *
   * One is open for each environment, component and cause at most. Fails when GitHub does not take it.
   * `dagger call incident --action=OPEN --component=BACKEND --cause="slow answers" --reason="…" --github-token=env://GITHUB_TOKEN`
   */
  @func({ cache: "never" })
  async incident(
    /** Open it or close it. */
    action: IncidentAction,
    /** Which component. */
    component: Component,
    /** GitHub token that may write issues. */
    githubToken: Secret,
    /** Name of an environment in the settings. */
    environment = "production",
    /** A few stable words by which it is recognized; when closing, all of the component when left out. */
    cause = "",
    /** What is wrong, or what put it right. */
    reason = "",
    /** Address of the run. */
    run = "",
  ): Promise<string> {
    const settings = await this.read()
    environmentOf(settings, environment)
    const github = gitHubOf(settings, await plaintext(githubToken, "github-token"), wallClock)
    const tracker = new GitHubIssues(github.by(wallClock.now().getTime() + 30_000))
    return settled(tracker, action, { environment, component, cause, reason, run, ...settings.links })
  }

  /**
   * Run the whole pipeline on stand-ins, with no account anywhere.
   *
   * Check, build, push, deploy to staging and to production, then a broken candidate of each component, which production must survive.
   * Returns timeline.txt, timeline.json, timeline.html, and in metrics/ what its ledger measures to.
   * `dagger call rehearse --output=reports/rehearsal`
   */
  @func({ cache: "never" })
  async rehearse(
    /** Folder of the frontend. */
    @argument({
      defaultPath: "/frontend",
      ignore: ["**/node_modules", "**/build", "**/.docusaurus", "**/coverage", "**/.env*", "**/.git"],
    })
    frontend: Directory,
    /** Folder of the backend. */
    @argument({
      defaultPath: "/backend",
      ignore: [
        "**/__pycache__",
        "**/.venv",
        "**/.*_cache",
        "**/coverage.xml",
        "**/junit.xml",
        "**/.coverage",
        "**/.env*",
        "**/.git",
      ],
    })
    backend: Directory,
    /** Checkout whose commit plays the version that must survive. */
    @argument({ defaultPath: "/" }) head: GitRef,
  ): Promise<Directory> {
    const settings = await this.read()
    const testBed = await TestBed.build(["staging", "production"])
    try {
      const timeline = await rehearse({
        commit: await commitOf(head, ""),
        settings,
        checks: async () => checks.passedOrThrow(await checks.all(frontend, backend, settings)),
        site: async (commit) => exported(await buildSite(frontend, commit, settings), commit),
        image: (commit, version) =>
          testBed.image(backend, commit, version, (source) => buildImage(source, commit, settings)),
        run: testBed.run(settings.backend.port),
        database: testBed.database,
        clock: wallClock,
        tracer: traced,
      })
      if (!timeline.passed) throw rehearsalFailed(timelineText(timeline))
      return dag
        .directory()
        .withNewFile("timeline.txt", timelineText(timeline))
        .withNewFile("timeline.json", timelineJson(timeline))
        .withNewFile("timeline.html", timelineHtml(timeline))
        .withDirectory("metrics", folderOf(timeline.metrics))
    } finally {
      await testBed.close()
    }
  }

  private async measure(request: MeasureRequest, token?: Secret, ledger?: File): Promise<Measurement> {
    const settings = await this.read()
    mayBeMeasured(settings, request)
    if (ledger) return measurement(readDeployments(await ledger.contents()), settings, request)
    const records = await recordsOf(settings, token)
    if (!records) throw noLedger()
    return measurement(await readRecord(records.past, settings, request, wallClock.now()), settings, request)
  }

  private async read(): Promise<Settings> {
    return readSettings(await this.settings.contents())
  }
}

const contextOf = (settings: Settings, environment: string, tracer: Tracer = traced, calledAt?: Date) => ({
  settings,
  environment,
  clock: wallClock,
  tracer,
  calledAt,
})

const bothComponents = [Component.Backend, Component.Frontend]

const operationOf = (
  kind: OperationKind,
  components: Component[],
  environment: string,
  actor: string,
  run: string,
): Operation => ({
  ...{ kind, components, environment, actor, run },
  commit: "",
  reason: "",
})

const folderOf = (files: Record<string, string>) =>
  Object.entries(files).reduce((all, [name, text]) => all.withNewFile(name, text), dag.directory())

async function recordsOf(settings: Settings, token: Secret | undefined): Promise<Records | undefined> {
  return token && gitHubRecords(settings, await plaintext(token, "github-token"), wallClock)
}

function bothSucceeded(product: ProductDeployment, settings: Settings): string {
  const report = productText(product, (component) => budgetsOf(settings, component))
  if (isFailure(product.verdict)) throw deploymentEnded(report)
  return report
}

function succeeded(deployment: Deployment, settings: Settings): Deployed {
  const budgets = budgetsOf(settings, deployment)
  const report = deploymentText(deployment, budgets)
  if (isFailure(deployment.verdict)) throw deploymentEnded(report)
  const { verdict, commit, liveCommit, url } = deployment
  return {
    report,
    json: deploymentJson(deployment, budgets),
    markdown: deploymentMarkdown(deployment, budgets),
    html: deploymentHtml(deployment, budgets),
    verdict,
    commit,
    liveCommit,
    url,
  }
}
