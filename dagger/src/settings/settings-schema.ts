import { z } from "zod"
import { Verdict } from "../verdict.js"

/** Trivy releases that attackers published. https://github.com/advisories/GHSA-69fq-xp46-6x23 */
const knownBadTrivy = ["0.69.4", "0.69.5", "0.69.6"]

const text = (hint: string) => z.string(hint).trim().min(1, hint).max(200, "keep it under 200 characters")
const whole = (hint: string, least: number, most: number) => z.int(hint).min(least, hint).max(most, hint)
const seconds = (most: number) => whole(`give whole seconds, 1 to ${most}`, 1, most)
const percent = z
  .number("give a percentage, 0 to 100")
  .min(0, "a percentage is 0 to 100")
  .max(100, "a percentage is 0 to 100")
const choice = (hint: string) => z.boolean(`${hint}: true or false, without quotes`)

const pathHint = (example: string) => `give a path inside the project, such as ${example}, with / and without ..`
const path = (example: string) =>
  z
    .string(pathHint(example))
    .regex(/^(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$))[^\\:*?"<>|\p{Cc}]+$/u, pathHint(example))
    .regex(/^[^[\]{}]*$/, "the engine reads [ ] { } as a pattern: rename the folder")
    // web/ and ./web are web: paths are compared by their beginnings.
    .transform((given) => given.replace(/^(?:\.\/+)+/, "").replace(/\/+$/, "") || ".")

/** Where a build writes: also beside the source, but never all of what lies there. */
const outputHint = "give a path such as build or ../dist, with /"
const output = z
  .string(outputHint)
  .regex(/^(?!\/)(?:\.\.\/)*(?!\.\.)(?!.*\/\.\.(?:\/|$))[^\\:*?"<>|\p{Cc}]+$/u, outputHint)

const variableHint = "give the name of a variable, such as API_URL: letters, 0 to 9 and _"
const variable = z.string(variableHint).regex(/^[A-Za-z_]\w{0,99}$/, variableHint)
/** Of tests, builds and linters; whoever reads the settings reads them. */
const plainValues = z
  .record(variable, z.string("give each variable a text in quotes").max(4000, "keep it under 4000 characters"), {
    error: 'give variables and their values, such as { "API_URL": "https://example.org" }',
  })
  .refine((all) => !("PATH" in all), { message: "PATH is the container's own", path: ["PATH"] })
  .default({})
const debianHint = "give names of Debian packages, such as libpq-dev"
const systemPackages = z.array(z.string(debianHint).regex(/^[a-z0-9][a-z0-9+.-]+$/, debianHint), debianHint).default([])
/** A release, or a line of them; the image of this tag is taken as it is. */
const release = (hint: string) =>
  z.union([z.literal(""), z.string(hint).regex(/^\d+(?:\.\d+){0,2}$/, hint)], hint).default("")
const npmPackageHint = "give names of npm packages, such as sharp or @parcel/watcher"
const npmPackage = z
  .string(npmPackageHint)
  .regex(/^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/, npmPackageHint)
const sitePathHint = "give a file of the site, such as config.json"
const sitePath = z
  .string(sitePathHint)
  .regex(/^(?!\/)(?!.*(?:^|\/)\.{0,2}(?:\/|$))[^\\#?%:*"<>|\p{Cc}]+\.json$/u, sitePathHint)
/** What an upload of files can't give. */
const netlifyParts = ["edge_functions", "functions", "plugins", "images", "redirects", "headers"] as const
const netlifyPartHint = `give a list of what the site does without: ${netlifyParts.join(", ")}`
const scriptHint = "give the name of a script of package.json, such as test:unit"
const installHint = 'give a list of commands, such as ["pip install -r deps/all.txt"]'

/** What Linux images are commonly built for, as OCI names it. */
const platforms = ["amd64", "arm64", "arm/v7", "arm/v6", "386", "ppc64le", "s390x", "riscv64"] as const
const platformHint = `give platforms, such as linux/arm64; an architecture is one of ${platforms.join(", ")}`
/** The only one that Hugging Face's machines run. */
const ofSpaces = "linux/amd64"

const urlPath = (example: string) =>
  z.string(`give a path such as ${example}`).regex(/^\/[\w./-]*$/, `give a path such as ${example}`)
const fieldHint = "give the field of the JSON answer, with dots for one inside another, such as status or app.state"
const field = z.string(fieldHint).regex(/^[^\s.]+(?:\.[^\s.]+)*$/, fieldHint)
const headerHint = "give the name of a header, such as x-commit"

const addressHint = "give an address such as https://example.org, without user, query or fragment"
const address = z
  .string(addressHint)
  .superRefine((given, context) => {
    const url = URL.parse(given)
    if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash) {
      context.addIssue({ code: "custom", message: addressHint })
    } else if (url.protocol === "http:" && !isPrivate(url.hostname)) {
      context.addIssue({ code: "custom", message: "use https; http only reaches this machine and private networks" })
    }
  })
  .transform((given) => given.replace(/\/+$/, ""))

/** Names and addresses of private networks: a token sent there unencrypted does not leave them. */
export function isPrivate(host: string): boolean {
  if (host.startsWith("[")) return /^\[(?:::1|f[cd][0-9a-f]{2}:.*)\]$/.test(host)
  if (/^[\d.]+$/.test(host)) return /^(?:127|10)\.|^192\.168\.|^172\.(?:1[6-9]|2\d|3[01])\./.test(host)
  return !host.includes(".") || /\.(?:localhost|local|internal|test)$/.test(host)
}

const repositoryHint = "give registry/owner/name in lower case and without a tag, such as ghcr.io/acme/backend"
const repository = z
  .string(repositoryHint)
  .max(255, "keep it under 255 characters")
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests
  .regex(
    /^(?:localhost|[a-z0-9-]+(?:\.[a-z0-9-]+)*)(?::\d{1,5})?(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)+$/,
    repositoryHint,
  )
const publicKeyHint =
  "give the public key of the signing key, as `openssl pkey -in KEY -pubout` writes it, lines joined by \\n"
const publicKey = z
  .string(publicKeyHint)
  .max(1000, publicKeyHint)
  .regex(/^(?:-----BEGIN PUBLIC KEY-----\n[A-Za-z0-9+/=\n]+-----END PUBLIC KEY-----\n?)?$/, publicKeyHint)
const databaseHint = "give registry/name:version, such as ghcr.io/aquasecurity/trivy-db:2"
const spaceHint = "give the Space as owner/name, such as acme/backend"
const space = z.string(spaceHint).regex(/^[\w.-]{1,96}\/[\w.-]{1,96}$/, spaceHint)
const secretHint = "give the name of a secret, such as NETLIFY_TOKEN: A to Z, 0 to 9 and _"
const secretName = z
  .string(secretHint)
  .regex(/^[A-Z_][A-Z0-9_]{0,99}$/, secretHint)
  .refine((name) => !name.startsWith("GITHUB_"), "GitHub reserves names that begin with GITHUB_")

const slackIdHint =
  "give the Slack ID of a person (U… or W…) or a group (S…), such as U024BE7LH: at Slack, View full profile, Copy member ID"
const slackId = z.string(slackIdHint).regex(/^[UWS][A-Z0-9]{7,20}$/, slackIdHint)
/** Verdicts that need a person. */
const troubles = [Verdict.Failed, Verdict.RolledBack, Verdict.RollbackFailed, Verdict.Inconclusive] as const
const verdicts = Object.values(Verdict)
const usuallyNotified = [
  "started" as const,
  ...verdicts.filter((it) => it !== Verdict.NoChange && it !== Verdict.Superseded),
]
const notifyHint = `give a list of started, ${verdicts.join(", ")}`
const incidentHint = `give a list of rollback, ${troubles.join(", ")}`

const probeKeys = {
  times: whole("give how many answers in a row must be healthy, 1 to 20", 1, 20),
  seconds: seconds(900),
  wakeUpSeconds: whole("give whole seconds, 0 to 900", 0, 900),
  firstPauseMilliseconds: whole("give milliseconds, 10 to 60000", 10, 60_000),
  slowestPauseMilliseconds: whole("give milliseconds, 10 to 60000", 10, 60_000),
}

const Environment = z.strictObject({
  production: choice("say whether visitors use it").optional(),
  branch: z
    .string("give the Git branch that is deployed here, such as main")
    // https://git-scm.com/docs/git-check-ref-format
    .regex(
      /^(?![-/.])(?!.*(?:\.\.|\/\/|@\{|\/\.))[^\s~^:?*[\\\p{Cc}]+(?<![/.]|\.lock)$/u,
      "Git does not allow this branch name",
    ),
  apiUrl: address.optional(),
  frontend: z
    .strictObject(
      {
        site: z
          .string("give the Netlify site's name, domain or ID, such as docs-staging")
          .regex(
            /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i,
            "give the Netlify site's name, domain or ID, such as docs-staging",
          ),
        url: address.optional(),
        title: z
          .union(
            [z.literal(""), text("give a part of the first page's title")],
            "give a part of the first page's title",
          )
          .optional(),
        links: choice("say whether the pages that the first page names must answer").default(true),
        switchBy: z
          .enum(["restore", "lock"], 'give "restore", or "lock" for an account that cannot restore drafts')
          .default("restore"),
      },
      "describe the Netlify site",
    )
    .optional(),
  backend: z
    .strictObject(
      {
        space,
        url: address.optional(),
        candidateSpace: z.union([z.literal(""), space], spaceHint).default(""),
        needs: z.array(text("give the name of a dependency, such as database"), "give a list of names").default([]),
        buildSeconds: seconds(3600).default(600),
        variables: plainValues,
        fromSite: z
          .strictObject(
            {
              origin: address.refine((it) => URL.parse(it)?.origin === it, "give an origin: an address without a path"),
              path: urlPath("/chat").optional(),
              method: z
                .enum(["GET", "POST", "PUT", "PATCH", "DELETE"], "give GET, POST, PUT, PATCH or DELETE")
                .default("POST"),
            },
            'describe what the site\'s page asks, such as { "origin": "https://book.example", "path": "/chat" }',
          )
          .optional(),
      },
      "describe the Space",
    )
    .refine((it) => it.candidateSpace.toLowerCase() !== it.space.toLowerCase(), {
      path: ["candidateSpace"],
      message: "the candidate needs a separate Space, not the live one",
    })
    .optional(),
  secrets: z
    .strictObject({
      netlify: secretName.optional(),
      huggingFace: secretName.optional(),
      space: secretName.optional(),
      database: secretName.optional(),
      slack: secretName.optional(),
    })
    .prefault({}),
  probe: z.strictObject(probeKeys).partial().prefault({}),
  page: z.array(slackId, "give a list of Slack IDs").default([]),
  notify: z
    .strictObject({
      slack: z.array(z.enum(["started", ...verdicts], notifyHint), notifyHint).default([...usuallyNotified]),
      incidents: z
        .array(z.enum(["rollback", ...troubles], incidentHint), incidentHint)
        .default(["rollback", ...troubles]),
      statuses: choice("say whether commits get a status").default(true),
    })
    .prefault({}),
})

const Ignore = z.strictObject({
  id: z
    .string("give the advisory's ID, such as CVE-2026-1234")
    .regex(/^[A-Z][A-Za-z]*(?:-[A-Za-z0-9]+)+$/, "give the advisory's ID, such as CVE-2026-1234"),
  owner: text("name who is responsible for ignoring it"),
  reason: text("say why it is harmless here"),
  expires: z.iso.date("give its last day, such as 2027-01-31"),
})

const untested = z.union([z.literal(""), text("say why it has no tests")], "say why it has no tests").default("")

/** How the site is checked and built. */
export const Frontend = z.strictObject({
  source: path("frontend").default("frontend"),
  output: output.default("build"),
  coverage: path("coverage/lcov.info").default("coverage/lcov.info"),
  junit: path("coverage/junit.xml").default("coverage/junit.xml"),
  minLineCoverage: percent.default(70),
  untested,
  testScript: z
    .string(scriptHint)
    .regex(/^[\w:./-]{0,100}$/, scriptHint)
    .default(""),
  env: plainValues,
  node: release("give a release of Node.js in quotes, such as 22 or 22.20.0"),
  installScripts: z.array(npmPackage, npmPackageHint).default([]),
  configFile: z.union([z.literal(""), sitePath], sitePathHint).default(""),
  netlifyWithout: z.array(z.enum(netlifyParts, netlifyPartHint), netlifyPartHint).default([]),
  systemPackages,
  artifact: z.union([z.literal(""), repository], repositoryHint).optional(),
  publicKey: publicKey.default(""),
})

/** How the service is checked and built. */
export const Backend = z.strictObject({
  source: path("backend").default("backend"),
  coverage: path("coverage.xml").default("coverage.xml"),
  junit: path("junit.xml").default("junit.xml"),
  minLineCoverage: percent.default(70),
  untested,
  context: z.union([z.literal(""), path(".")], pathHint(".")).default(""),
  dockerfile: z.union([z.literal(""), path("Dockerfile")], pathHint("Dockerfile")).default(""),
  env: plainValues,
  databaseVariable: variable.default("DATABASE_URL"),
  testDatabase: choice("say whether tests get a PostgreSQL of their own").default(false),
  python: release("give a release of Python in quotes, such as 3.12 or 3.12.4"),
  systemPackages,
  install: z.array(z.string(installHint).trim().min(1, installHint), installHint).default([]),
  port: whole("give a port, 1 to 65535", 1, 65_535).default(7860),
  health: z
    .strictObject({
      path: urlPath("/health").default("/health"),
      field: z.union([z.literal(""), field], fieldHint).default(""),
      values: z.array(text('give words, such as "alive"'), 'give a list of words, such as ["alive"]').default([]),
      dependencies: z.union([z.literal(""), field], fieldHint).default(""),
      commit: z
        .strictObject({
          path: z.union([z.literal(""), urlPath("/version")], "give a path such as /version").default(""),
          field: field.default("commit"),
          header: z
            .union([z.literal(""), z.string(headerHint).regex(/^[A-Za-z0-9-]{1,100}$/, headerHint)], headerHint)
            .default(""),
        })
        .prefault({}),
      unjudged: z
        .enum(["refuse", "warn"], 'give "refuse", or "warn" for a version that answers otherwise than the live one')
        .default("refuse"),
    })
    .prefault({}),
  commitFrom: z
    .enum(["answer", "host"], 'give "answer", or "host" for a service that does not tell its commit')
    .default("answer"),
  delivery: z
    .enum(["image", "source"], 'give "image", or "source" for a Space that cannot pull the image')
    .default("image"),
  platforms: z
    .array(
      z.enum(
        platforms.map((it) => `linux/${it}` as const),
        platformHint,
      ),
      platformHint,
    )
    .min(1, platformHint)
    .refine((all) => new Set(all).size === all.length, "name each platform once")
    .default([ofSpaces]),
  imageBudgetMegabytes: whole("give whole megabytes, 1 to 2000", 1, 2000).default(200),
})

/** The whole file. */
export const Root = z
  .strictObject({
    /** For editors: where the JSON schema of this file is. */
    $schema: z.string("give the address of the schema").optional(),
    frontend: Frontend.optional(),
    backend: Backend.optional(),
    project: z.strictObject(
      { title: text("give the product's name"), source: address },
      "describe the project: title, source",
    ),
    image: z
      .strictObject(
        {
          repository,
          publicKey: publicKey.default(""),
        },
        "describe the image: repository",
      )
      .optional(),
    lint: z.enum(["bugs", "all"], 'give "bugs", or "all" for all that a linter finds by itself').default("bugs"),
    links: z.strictObject({ troubleshooting: address.optional() }).prefault({}),
    providers: z
      .strictObject({
        netlify: address.default("https://api.netlify.com/api/v1"),
        huggingFace: address.default("https://huggingface.co"),
        gitHub: address.default("https://api.github.com"),
      })
      .prefault({}),
    scan: z
      .strictObject({
        severities: z
          .array(
            z.enum(["UNKNOWN", "LOW", "MEDIUM", "HIGH", "CRITICAL"], "give UNKNOWN, LOW, MEDIUM, HIGH or CRITICAL"),
            "give a list of severities",
          )
          .min(1, "name at least one severity, or the scan stops nothing")
          .default(["HIGH", "CRITICAL"]),
        ignores: z.array(Ignore, "give a list of ignores").default([]),
        onlyNew: choice("say whether only findings that the live image does not have stop an image").default(false),
        trivyVersion: z
          .string("give a release of Trivy, such as 0.74.0")
          .regex(/^\d+\.\d+\.\d+$/, "give a release of Trivy without the v, such as 0.74.0")
          .default("0.74.0"),
        database: z
          .string(databaseHint)
          .regex(/^[a-z0-9.-]+(?::\d{1,5})?(?:\/[a-z0-9._-]+)+:\d+$/, databaseHint)
          .default("ghcr.io/aquasecurity/trivy-db:2"),
        knownBad: z.array(z.string("give a release of Trivy"), "give a list of releases").default([]),
      })
      .superRefine(({ trivyVersion, knownBad }, context) => {
        if ([...knownBadTrivy, ...knownBad].includes(trivyVersion)) {
          context.addIssue({
            code: "custom",
            path: ["trivyVersion"],
            message: "this release is known to be bad; use another",
          })
        }
      })
      .prefault({}),
    probe: z
      .strictObject({
        times: probeKeys.times.default(3),
        seconds: probeKeys.seconds.default(120),
        wakeUpSeconds: probeKeys.wakeUpSeconds.default(60),
        firstPauseMilliseconds: probeKeys.firstPauseMilliseconds.default(500),
        slowestPauseMilliseconds: probeKeys.slowestPauseMilliseconds.default(8000),
      })
      .prefault({}),
    budgets: z
      .strictObject({
        tests: seconds(3600).default(300),
        frontend: seconds(3600).default(300),
        image: seconds(3600).default(480),
        backend: seconds(3600).default(600),
        rollback: seconds(3600).default(180),
      })
      .prefault({}),
    protection: z
      .strictObject({
        checks: z
          .array(text("give the name of a commit status or check, such as ci"), "give a list of names")
          .default(["ci"]),
        reviews: whole("give how many must approve, 0 to 6", 0, 6).default(1),
        dismissStale: choice("say whether a new commit dismisses approvals").default(true),
        admins: choice("say whether it applies to administrators too").default(false),
      })
      .prefault({}),
    targets: z
      .strictObject({
        successPercent: percent.default(95),
        changeFailurePercent: percent.default(15),
        leadTimeHours: whole("give whole hours, 0 to 8760; 0 is no target", 0, 8760).default(24),
        restoreMinutes: whole("give whole minutes, 0 to 10080; 0 is no target", 0, 10_080).default(60),
      })
      .prefault({}),
    environments: z
      .record(
        z
          .string()
          .regex(
            /^[a-z][a-z0-9-]{0,30}$/,
            "name an environment in lower case: a letter first, then letters, digits and -",
          ),
        Environment,
        "describe at least one environment",
      )
      .refine((all) => Object.keys(all).length > 0, "describe at least one environment"),
  })
  .superRefine(({ frontend, backend, image, environments }, context) => {
    const all = Object.values(environments)
    const hasService = backend !== undefined || all.some((it) => it.backend)
    if (!hasService && !frontend && !all.some((it) => it.frontend))
      context.addIssue({
        code: "custom",
        path: [],
        message: "describe a site (frontend), a service (backend), or both",
      })
    if (backend?.platforms.length && !backend.platforms.includes(ofSpaces) && all.some((it) => it.backend))
      context.addIssue({
        code: "custom",
        path: ["backend", "platforms"],
        message: `a Space runs ${ofSpaces}: name that too`,
      })
    if (image && frontend?.publicKey)
      context.addIssue({
        code: "custom",
        path: ["frontend", "publicKey"],
        message: "image.publicKey holds for the site as well: leave this out",
      })
    if (image && frontend?.artifact === image.repository)
      context.addIssue({
        code: "custom",
        path: ["frontend", "artifact"],
        message: "keep the site elsewhere than the image: the tags of both are commits",
      })
    if (hasService && !image)
      context.addIssue({ code: "custom", path: ["image"], message: "describe the image of the service: repository" })
  })

/** The keys of the schema at a path. */
export function keysAt(path: PropertyKey[]): string[] {
  let here: unknown = Root
  for (const key of [...path, undefined]) {
    while (here instanceof z.ZodDefault || here instanceof z.ZodPrefault || here instanceof z.ZodOptional)
      here = here.unwrap()
    if (key === undefined) break
    if (here instanceof z.ZodObject) here = here.shape[String(key)]
    else if (here instanceof z.ZodRecord) here = here.valueType
    else if (here instanceof z.ZodArray) here = here.element
  }
  return here instanceof z.ZodObject ? Object.keys(here.shape) : []
}
