import {
  type Container,
  type Directory,
  type File,
  func,
  object,
  type Secret,
  type Service,
  type Workspace,
} from "@dagger.io/dagger"
import type { Project } from "#lib/containers/project.js"
import type { Deployed } from "./exposed-types.js"

// Loaded by the call that needs it: Dagger reads and runs all that this file imports at every call of any function.
const checks = () => import("#lib/containers/checks.js")
const imageChecks = () => import("#lib/containers/image-checks.js")
const plans = () => import("#lib/containers/plans.js")
const service = () => import("#lib/containers/service.js")

/** The service: check, build and scan its image, publish it, migrate its database, deploy to a Hugging Face Space, roll back. */
@object()
export class Backend implements Project {
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
   * Run the service's tests with pytest and hold their line coverage to the limit of the settings.
   *
   * Fails when a test fails, or when line coverage is below the limit (70 % by default; equal passes). `dagger call backend test`
   */
  @func({ cache: "never" })
  async test(): Promise<string> {
    const { settings, sources } = await (await service()).serviceSources(this)
    return (await checks()).passedOrThrow([await (await checks()).backendTests(sources, settings)], settings.call)
  }

  /** Run Ruff over the service, and each other linter that the project configures or lists. */
  @func({ cache: "never" })
  async lint(): Promise<string> {
    const { settings, sources } = await (await service()).serviceSources(this)
    return (await checks()).passedOrThrow([await (await checks()).backendLint(sources, settings)], settings.call)
  }

  /**
   * The service's runtime image, built from its own Dockerfile; it answers with the commit.
   *
   * Builds the files on disk. `dagger call backend image --output=image.tar`
   */
  @func({ cache: "never" })
  async image(
    /** Full commit hash that the image answers with, instead of the checkout's. */
    commit = "",
    /** One of backend.platforms of the settings, such as linux/arm64; the first when left out. */
    platform = "",
  ): Promise<Container> {
    return (await service()).builtImage(this, commit, platform)
  }

  /**
   * The very files of the image that `publish` pushes, as an OCI image layout; index.json names the digest.
   *
   * Where backend.platforms names several, that of an index that lists them. Builds the files on disk. The same commit gives the same digest, whenever and wherever it is built from the same base image.
   * `dagger call backend image-layout --output=image`
   */
  @func({ cache: "never" })
  async imageLayout(): Promise<Directory> {
    return (await service()).serviceLayout(this)
  }

  /**
   * The image's compressed size against its budget, with its heaviest layers.
   *
   * Fails when it is over backend.imageBudgetMegabytes of the settings, for any of its platforms. `dagger call backend image-size`
   */
  @func({ cache: "never" })
  async imageSize(): Promise<string> {
    return (await imageChecks()).serviceSize(this)
  }

  /**
   * Scan the service's image for known vulnerabilities.
   *
   * Fails when it has one of the settings' severities for which there is a fixed version, and, in other words, when it could not
   * be scanned. Leaves nothing behind. `dagger call backend scan`
   */
  @func({ cache: "never" })
  async scan(
    /** The live image as registry/name@sha256:…, where scan.onlyNew is set; the registry's `latest` when left out. */
    liveImage = "",
    /** Name of an environment whose live image is scanned, instead of the checkout's. */
    environment = "",
    /** Hugging Face token that may see its Space, or the run's OIDC ID token; needed with `environment`. */
    huggingFaceToken?: Secret,
  ): Promise<string> {
    return (await imageChecks()).scannedClean(this, { liveImage, environment, huggingFaceToken })
  }

  /**
   * Reports of the same scan, whatever it found.
   *
   * Leaves scan.txt and scan.json, and where the scanner worked trivy.json, trivy.sarif, sbom.cdx.json and sbom.spdx.json; those of
   * a second platform in a folder, such as linux-arm64.
   * `dagger call backend scan-reports --output=reports`
   */
  @func({ cache: "never" })
  async scanReports(
    /** As for `scan`. */
    liveImage = "",
    /** As for `scan`. */
    environment = "",
    /** As for `scan`. */
    huggingFaceToken?: Secret,
  ): Promise<Directory> {
    return (await imageChecks()).scanReports(this, { liveImage, environment, huggingFaceToken })
  }

  /**
   * The image's bill of materials: sbom.cdx.json (CycloneDX) and sbom.spdx.json (SPDX).
   *
   * `dagger call backend sbom --output=reports`
   */
  @func({ cache: "never" })
  async sbom(): Promise<Directory> {
    return (await imageChecks()).serviceSbom(this)
  }

  /**
   * Build the image of the checkout's commit, check its size, scan it and push it; the last line is the name to deploy it by.
   *
   * Its tags are the commit and `latest`, which only moves forward. An image of the commit that is there already is scanned again
   * and not pushed again. Its SBOMs, the scan and its provenance are kept beside it in the registry.
   * `dagger call --registry-user=me --registry-token=env://GITHUB_TOKEN backend publish`
   */
  @func({ cache: "never" })
  async publish(
    /** Why the image is pushed without a scan, where no scanner can be had; the answer repeats it. */
    unscanned = "",
    /** As for `scan`. */
    liveImage = "",
    /** Address that names who builds, such as that of the workflow; the project itself when left out. */
    builder = "",
  ): Promise<string> {
    return (await service()).publishService(this, { unscanned, liveImage, builder })
  }

  /**
   * Whether the registry's image of a commit says that it is of this commit, project and builder; prints the name to deploy it by.
   *
   * Compares its labels and its provenance, and looks for a signature by image.publicKey of the settings. Without such a key it
   * shows a mix-up, not a forgery. Changes nothing. `dagger call backend verify`
   */
  @func({ cache: "never" })
  async verify(
    /** Full commit hash, instead of the checkout's. */
    commit = "",
    /** Address that names who built it, as `publish` was given it. */
    builder = "",
  ): Promise<string> {
    return (await service()).verifiedService(this, commit, builder)
  }

  /**
   * What a deployment of the checkout's commit would do to a database: each schema step with its class, and the SQL.
   *
   * Changes nothing. `dagger call backend migration-plan --database-url=env://DATABASE_URL`
   */
  @func({ cache: "never" })
  async migrationPlan(
    /** PostgreSQL URL, such as env://DATABASE_URL. */
    databaseUrl: Secret,
    /** Name of the environment whose variables the migrations get; staging, or the only one, when left out. */
    environment = "",
  ): Promise<string> {
    return (await service()).migrationPlan(this, databaseUrl, environment)
  }

  /**
   * Upgrade a database to the newest schema revision of the checkout's commit, without deploying anything.
   *
   * Fails when a step would break the live version, unless that is allowed; a failed step leaves the database at the last whole one.
   * `dagger call backend migrate --database-url=env://DATABASE_URL`
   */
  @func({ cache: "never" })
  async migrate(
    /** PostgreSQL URL, such as env://DATABASE_URL. */
    databaseUrl: Secret,
    /** Name of the environment whose variables the migrations get; staging, or the only one, when left out. */
    environment = "",
    /** Why a step that takes something away may run while the live version still reads the database. */
    allowContract = "",
  ): Promise<string> {
    return (await service()).migrate(this, databaseUrl, environment, allowContract)
  }

  /**
   * Check, build, push, migrate and deploy the service of the checkout's commit; restore the previous image when it is not healthy.
   *
   * Commits the image's digest to the Space, waits until it runs, and probes it for its commit and what it depends on.
   * A version that is live and healthy already ends `no-change` and writes nothing. Exits non-zero unless it ends `success`, `no-change` or `superseded`.
   * `dagger call backend deploy --environment=staging --hugging-face-token=env://HF_TOKEN_STAGING report`
   */
  @func({ cache: "never" })
  async deploy(
    /** Hugging Face token that may write to the Space, or the run's OIDC ID token for https://huggingface.co. */
    huggingFaceToken: Secret,
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
  ): Promise<Deployed> {
    return (plan ? (await plans()).planService : (await service()).deployService)(this, {
      huggingFaceToken,
      environment,
      databaseUrl,
      spaceSecrets,
      allowContract,
      overQuarantine,
      allowDiverged,
      fromAnyBranch,
      unscanned,
    })
  }

  /**
   * Serve an earlier image of the service again: no build, no migration, probed afterwards.
   *
   * Refused before anything changes when that image does not know the database's schema and what lies between is not only additions.
   * `dagger call --github-token=env://GITHUB_TOKEN backend rollback --reason="…" --hugging-face-token=env://HF_TOKEN_STAGING report`
   */
  @func({ cache: "never" })
  async rollback(
    /** Why; kept in the ledger. */
    reason: string,
    /** Hugging Face token that may write to the Space, or the run's OIDC ID token for https://huggingface.co. */
    huggingFaceToken: Secret,
    /** Name of an environment in the settings. */
    environment = "staging",
    /** Commit (or its beginning) or image to go back to; the last good release when left out. */
    to = "",
    /** PostgreSQL URL of the environment; needed when its releases have a schema. */
    databaseUrl?: Secret,
    /** Only say what it would do; writes nothing. */
    plan = false,
  ): Promise<Deployed> {
    return (await service()).rollbackService(this, { reason, huggingFaceToken, environment, to, databaseUrl, plan })
  }

  /**
   * The last ten releases of the service: commit, age, author, and whether one can go back to it, or why not.
   *
   * `dagger call --github-token=env://GITHUB_TOKEN backend releases --hugging-face-token=env://HF_TOKEN_STAGING`
   */
  @func({ cache: "never" })
  async releases(
    /** Hugging Face token that may see the Space, or the run's OIDC ID token. */
    huggingFaceToken: Secret,
    /** Name of an environment in the settings. */
    environment = "staging",
  ): Promise<string> {
    return (await service()).serviceReleases(this, environment, huggingFaceToken)
  }
}
