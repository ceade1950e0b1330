import { z } from "zod"
import { malformedSettings, unknownEnvironment } from "./errors.js"
import type { ProbePolicy } from "./health-probe.js"
import { type JsonMistake, readStrictJson } from "./strict-json.js"

/** Everything that differs between two projects, with every default filled in. */
export type Settings = {
  frontend: FrontendSettings
  backend: BackendSettings
  image: ImageSettings
  providers: ProviderAddresses
  scan: ScanSettings
  probe: ProbePolicy
  budgets: BudgetSeconds
  environments: Record<string, EnvironmentSettings>
}

export type FrontendSettings = {
  /** Folder in the checkout. */
  source: string
  /** Folder that `npm run build` writes; paths from here on begin in `source`. */
  output: string
  coverage: string
  junit: string
  /** Percent; equal passes. */
  minLineCoverage: number
}

export type BackendSettings = {
  source: string
  coverage: string
  junit: string
  minLineCoverage: number
  /** Port the app listens on in its container. */
  port: number
  healthPath: string
  /** Compressed, in units of 1,000,000 bytes. */
  imageBudgetMegabytes: number
}

export type ImageSettings = {
  /** registry/owner/name, without a tag. */
  repository: string
  title: string
  /** Page of the source code. */
  source: string
}

/** Where the providers answer; another address for a stand-in, a proxy or an Enterprise server. */
export type ProviderAddresses = { netlify: string; huggingFace: string; gitHub: string }

export type ScanSettings = {
  /** Severities that stop a deployment, in Trivy's words. */
  severities: string[]
  ignores: ScanIgnore[]
  trivyVersion: string
}

export type ScanIgnore = {
  id: string
  owner: string
  reason: string
  /** The last day on which it holds, such as 2027-01-31. */
  expires: string
}

/** Whole seconds that a step may take. */
export type BudgetSeconds = { tests: number; frontend: number; image: number; backend: number; rollback: number }

export type EnvironmentSettings = {
  name: string
  /** Whether visitors use it; its secrets' names have no suffix. */
  production: boolean
  branch: string
  /** Address of the backend, told to the site. */
  apiUrl: string
  frontend: EnvironmentFrontend
  backend: EnvironmentBackend
  secrets: SecretNames
  probe: ProbePolicy
  /** Who is told when it breaks. */
  page: string[]
}

export type EnvironmentFrontend = {
  /** Domain or ID by which Netlify knows the site. */
  site: string
  url: string
  /** A part of the first page's title. */
  title: string
  /** Whether every page and file that the first page names must answer. */
  links: boolean
}

export type EnvironmentBackend = {
  /** owner/name */
  space: string
  url: string
  /** Space where a version is proven first; "" for none. */
  candidateSpace: string
  /** Dependencies that the health answer must call up. */
  needs: string[]
  /** Whole seconds that the Space may take to build and start. */
  buildSeconds: number
}

/** Names of secrets, never their values. */
export type SecretNames = { netlify: string; huggingFace: string; database: string; slack: string }

/** Trivy releases that were not made by their authors. https://github.com/aquasecurity/trivy/security/advisories */
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
  z.string(pathHint(example)).regex(/^(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$))[^\\:*?"<>|\p{Cc}]+$/u, pathHint(example))

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

/** Names and addresses that no public network routes: a token sent there in the clear stays inside. */
function isPrivate(host: string): boolean {
  if (host.startsWith("[")) return /^\[(?:::1|f[cd][0-9a-f]{2}:.*)\]$/.test(host)
  if (/^[\d.]+$/.test(host)) return /^(?:127|10)\.|^192\.168\.|^172\.(?:1[6-9]|2\d|3[01])\./.test(host)
  return !host.includes(".") || /\.(?:localhost|local|internal|test)$/.test(host)
}

const repositoryHint = "give registry/owner/name in lower case and without a tag, such as ghcr.io/acme/backend"
const spaceHint = "give the Space as owner/name, such as acme/backend"
const space = z.string(spaceHint).regex(/^[\w.-]{1,96}\/[\w.-]{1,96}$/, spaceHint)
const secretHint = "give the name of a secret, such as NETLIFY_TOKEN: A to Z, 0 to 9 and _"
const secretName = z
  .string(secretHint)
  .regex(/^[A-Z_][A-Z0-9_]{0,99}$/, secretHint)
  .refine((name) => !name.startsWith("GITHUB_"), "GitHub keeps names that begin with GITHUB_ for itself")

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
      "Git takes no branch of this name",
    ),
  apiUrl: address.optional(),
  frontend: z.strictObject(
    {
      site: z
        .string("give the Netlify site's name, domain or ID, such as docs-staging")
        .regex(
          /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i,
          "give the Netlify site's name, domain or ID, such as docs-staging",
        ),
      url: address.optional(),
      title: text("give a part of the first page's title").optional(),
      links: choice("say whether the pages that the first page names must answer").default(true),
    },
    "describe the Netlify site",
  ),
  backend: z.strictObject(
    {
      space,
      url: address.optional(),
      candidateSpace: z.union([z.literal(""), space], spaceHint).default(""),
      needs: z.array(text("give the name of a dependency, such as database"), "give a list of names").default([]),
      buildSeconds: seconds(3600).default(600),
    },
    "describe the Space",
  ),
  secrets: z
    .strictObject({
      netlify: secretName.optional(),
      huggingFace: secretName.optional(),
      database: secretName.optional(),
      slack: secretName.optional(),
    })
    .prefault({}),
  probe: z.strictObject(probeKeys).partial().prefault({}),
  page: z.array(text("give who is told, such as @ada"), "give a list of names").default([]),
})

const Ignore = z.strictObject({
  id: z
    .string("give the advisory's ID, such as CVE-2026-1234")
    .regex(/^[A-Z][A-Za-z]*(?:-[A-Za-z0-9]+)+$/, "give the advisory's ID, such as CVE-2026-1234"),
  owner: text("name who answers for ignoring it"),
  reason: text("say why it does no harm here"),
  expires: z.iso.date("give the last day on which it holds, such as 2027-01-31"),
})

const Root = z.strictObject({
  frontend: z
    .strictObject({
      source: path("frontend").default("frontend"),
      output: path("build").default("build"),
      coverage: path("coverage/lcov.info").default("coverage/lcov.info"),
      junit: path("coverage/junit.xml").default("coverage/junit.xml"),
      minLineCoverage: percent.default(70),
    })
    .prefault({}),
  backend: z
    .strictObject({
      source: path("backend").default("backend"),
      coverage: path("coverage.xml").default("coverage.xml"),
      junit: path("junit.xml").default("junit.xml"),
      minLineCoverage: percent.default(70),
      port: whole("give a port, 1 to 65535", 1, 65_535).default(7860),
      healthPath: z
        .string("give a path such as /health")
        .regex(/^\/[\w./-]*$/, "give a path such as /health")
        .default("/health"),
      imageBudgetMegabytes: whole("give whole megabytes, 1 to 2000", 1, 2000).default(200),
    })
    .prefault({}),
  image: z.strictObject(
    {
      repository: z
        .string(repositoryHint)
        .max(255, "keep it under 255 characters")
        // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests
        .regex(
          /^(?:localhost|[a-z0-9-]+(?:\.[a-z0-9-]+)*)(?::\d{1,5})?(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)+$/,
          repositoryHint,
        ),
      title: text("give the product's name"),
      source: address,
    },
    "describe the image: repository, title, source",
  ),
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
      trivyVersion: z
        .string("give a release of Trivy, such as 0.74.0")
        .regex(/^\d+\.\d+\.\d+$/, "give a release of Trivy without the v, such as 0.74.0")
        .default("0.74.0"),
      knownBad: z.array(z.string("give a release of Trivy"), "give a list of releases").default([]),
    })
    .superRefine(({ trivyVersion, knownBad }, context) => {
      if ([...knownBadTrivy, ...knownBad].includes(trivyVersion)) {
        context.addIssue({
          code: "custom",
          path: ["trivyVersion"],
          message: "this release is known to be bad; take another",
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

type Given = z.output<typeof Root>
type GivenEnvironment = z.output<typeof Environment>

/**
 * Reads the settings file.
 * @param file JSON, as written by the operator.
 * @throws PipelineError with every mistake at once, each with the path of its key. A value is never quoted when it may be a secret.
 */
export function readSettings(file: string): Settings {
  const raw = parse(file)
  const secrets = exposedSecrets(raw)
  const given = Root.safeParse(raw)
  const mistakes = [
    ...secrets.map(({ path, kind }) => ({
      path,
      why: `looks like ${kind}: revoke it, and give the name of a secret that holds the new one`,
    })),
    ...(given.success ? [] : given.error.issues.flatMap((issue) => inWords(issue, raw))),
    ...shared(raw),
  ]
  if (!given.success || mistakes.length > 0) {
    const hidden = new Set(secrets.map(({ path }) => path))
    throw malformedSettings(
      mistakes
        .filter(({ path }, index) => index < secrets.length || !hidden.has(path))
        .map(({ path, why }) => masked(`${path || "the file"}: ${why}`)),
    )
  }
  return resolved(given.data)
}

/** @throws PipelineError that names the known ones. */
export function environmentOf({ environments }: Settings, name: string): EnvironmentSettings {
  const found = Object.hasOwn(environments, name) ? environments[name] : undefined
  if (!found) throw unknownEnvironment(name, Object.keys(environments))
  return found
}

function parse(file: string): unknown {
  try {
    return readStrictJson(file)
  } catch (mistake) {
    const { line, column, why } = mistake as JsonMistake
    throw malformedSettings([`line ${line}, column ${column}: this is not JSON: ${why}`])
  }
}

function resolved({ environments, probe, scan, ...rest }: Given): Settings {
  const { knownBad: _, ...scanned } = scan
  return {
    ...rest,
    scan: scanned,
    probe: policy(probe),
    environments: Object.fromEntries(
      Object.entries(environments).map(([name, it]) => [name, environment(name, it, rest.image.title, probe)]),
    ),
  }
}

function environment(name: string, it: GivenEnvironment, title: string, probe: Given["probe"]): EnvironmentSettings {
  const { frontend, backend } = it
  const known = identity(name, it)
  return {
    name,
    production: it.production ?? name === "production",
    branch: it.branch,
    apiUrl: known.apiUrl,
    frontend: { site: known.site, url: known.frontendUrl, title: frontend.title ?? title, links: frontend.links },
    backend: { ...backend, url: known.backendUrl },
    secrets: known.secrets,
    // JSON has no undefined, so a key that is there has a value.
    probe: policy({ ...probe, ...(it.probe as Partial<Given["probe"]>) }),
    page: it.page,
  }
}

const policy = ({ times, seconds, wakeUpSeconds, ...pauses }: Given["probe"]): ProbePolicy => ({
  times,
  seconds,
  wakeUpSeconds,
  firstPause: Math.min(pauses.firstPauseMilliseconds, pauses.slowestPauseMilliseconds),
  slowestPause: pauses.slowestPauseMilliseconds,
})

interface Identity {
  branch: string
  site: string
  frontendUrl: string
  space: string
  candidateSpace: string
  backendUrl: string
  apiUrl: string
  secrets: SecretNames
}

/** What makes an environment this one and no other, with its defaults. Takes the file as it is, which may hold anything. */
function identity(name: string, raw: unknown): Identity {
  const given = (...keys: string[]) => {
    const found = keys.reduce<unknown>(childOf, raw)
    return typeof found === "string" ? found : ""
  }
  const site = given("frontend", "site")
  const domain = /\.|^[0-9a-f]{8}-[0-9a-f]{4}-/i.test(site) || site === "" ? site : `${site}.netlify.app`
  const space = given("backend", "space")
  const production = childOf(raw, "production") ?? name === "production"
  const suffix = production === true ? "" : `_${name.toUpperCase().replaceAll("-", "_")}`
  const secret = (key: string, usual: string) => given("secrets", key) || `${usual}${suffix}`
  const backendUrl = given("backend", "url") || (space && spaceUrl(space))
  return {
    branch: given("branch"),
    site: domain,
    frontendUrl: given("frontend", "url") || (domain.includes(".") ? `https://${domain}` : ""),
    space,
    candidateSpace: given("backend", "candidateSpace"),
    backendUrl,
    apiUrl: given("apiUrl") || backendUrl,
    secrets: {
      netlify: secret("netlify", "NETLIFY_TOKEN"),
      huggingFace: secret("huggingFace", "HF_TOKEN"),
      database: secret("database", "DATABASE_URL"),
      slack: secret("slack", "SLACK_WEBHOOK_URL"),
    },
  }
}

/** https://huggingface.co/docs/hub/spaces-embed: the subdomain is the Space's name in lower case, with - for what a domain can't hold. */
const spaceUrl = (space: string) => `https://${space.toLowerCase().replace(/[^a-z0-9]+/g, "-")}.hf.space`

interface Mistake {
  path: string
  why: string
}

/** Two environments that name the same thing: a deployment to one would change the other. */
function shared(raw: unknown): Mistake[] {
  const all = childOf(raw, "environments")
  if (typeof all !== "object" || all === null) return []
  const owners = new Map<string, { environment: string; path: string }>()
  return Object.entries(all).flatMap(([environment, it]) => {
    const told = new Set<string>()
    return claims(identity(environment, it)).flatMap(({ kind, key, value, from }) => {
      const path = `${inPath("environments", environment)}.${key}`
      const thing = `${kind} ${comparable(kind, value)}`
      const owner = owners.get(thing)
      if (!value || owner?.environment === environment) return []
      if (!owner) {
        owners.set(thing, { environment, path })
        return []
      }
      told.add(key)
      const given = key.split(".").reduce<unknown>(childOf, it) !== undefined
      // An address that the shared site or Space gave is not a mistake of its own.
      if (!given && from && told.has(from)) return []
      return [{ path, why: `the same ${kind} as ${owner.path}, ${value}: two environments never share one` }]
    })
  })
}

/** @returns `from`: the key that gives the value when it is left out. */
const claims = ({ secrets, ...it }: Identity) => [
  { kind: "branch", key: "branch", value: it.branch, from: "" },
  { kind: "Netlify site", key: "frontend.site", value: it.site, from: "" },
  { kind: "address", key: "frontend.url", value: it.frontendUrl, from: "frontend.site" },
  { kind: "Space", key: "backend.space", value: it.space, from: "" },
  { kind: "Space", key: "backend.candidateSpace", value: it.candidateSpace, from: "" },
  { kind: "address", key: "backend.url", value: it.backendUrl, from: "backend.space" },
  { kind: "address", key: "apiUrl", value: it.apiUrl, from: "backend.url" },
  { kind: "database", key: "secrets.database", value: secrets.database, from: "" },
  { kind: "secret", key: "secrets.netlify", value: secrets.netlify, from: "" },
  { kind: "secret", key: "secrets.huggingFace", value: secrets.huggingFace, from: "" },
  { kind: "secret", key: "secrets.slack", value: secrets.slack, from: "" },
]

function comparable(kind: string, value: string): string {
  if (kind === "address") return (URL.parse(value)?.href ?? value).toLowerCase().replace(/\/+$/, "")
  return kind === "Netlify site" || kind === "Space" ? value.toLowerCase() : value
}

type Issue = z.core.$ZodIssue

/** An issue of the schema in the operator's words. */
function inWords(issue: Issue, raw: unknown): Mistake[] {
  const path = issue.path.reduce<string>((before, key) => inPath(before, key), "")
  if (issue.code === "unrecognized_keys") {
    const known = keysAt(issue.path)
    return issue.keys.map((key) => ({ path: inPath(path, key), why: `no such key${suggestion(key, known)}` }))
  }
  if (issue.code === "invalid_key") return [{ path, why: issue.issues[0]?.message ?? issue.message }]
  const missing = issue.path.reduce<unknown>(childOf, raw) === undefined
  if (/^Invalid input/.test(issue.message)) {
    return [{ path, why: missing ? "missing" : "expected a group of keys in { }" }]
  }
  return [{ path, why: missing ? `missing; ${issue.message}` : issue.message }]
}

/** Keys that the schema knows at a path. */
function keysAt(path: PropertyKey[]): string[] {
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

function suggestion(key: string, known: string[]): string {
  const near = known
    .map((name) => ({ name, distance: edits(key.toLowerCase(), name.toLowerCase()) }))
    .sort((one, other) => one.distance - other.distance)[0]
  if (near && near.distance <= Math.max(1, Math.floor(near.name.length / 3))) return `; did you mean ${near.name}?`
  return `; here the keys are ${known.join(", ")}`
}

/** Insertions, deletions, replacements and swaps of neighbours that make one word the other. */
function edits(one: string, other: string): number {
  if (Math.abs(one.length - other.length) > 20) return Number.POSITIVE_INFINITY
  const rows = [Array.from({ length: other.length + 1 }, (_, column) => column)]
  const at = (row: number, column: number) => rows[row]?.[column] ?? Number.POSITIVE_INFINITY
  for (let row = 1; row <= one.length; row++) {
    rows.push([row])
    for (let column = 1; column <= other.length; column++) {
      const same = one[row - 1] === other[column - 1] ? 0 : 1
      const swapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1]
      rows[row]?.push(
        Math.min(
          at(row - 1, column) + 1,
          at(row, column - 1) + 1,
          at(row - 1, column - 1) + same,
          swapped ? at(row - 2, column - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      )
    }
  }
  return at(one.length, other.length)
}

const inPath = (before: string, key: PropertyKey) => {
  if (typeof key === "number") return `${before}[${key}]`
  const name = /^[\w-]{1,60}$/.test(String(key)) ? String(key) : JSON.stringify(String(key).slice(0, 60))
  return before ? `${before}.${name}` : name
}

function childOf(value: unknown, key: PropertyKey): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key)
    ? (value as Record<PropertyKey, unknown>)[key]
    : undefined
}

const secretForms: [form: RegExp, kind: string][] = [
  [/\bhf_\w{6,}/, "a Hugging Face token"],
  [/\b(?:gh[pousr]_|github_pat_)\w{6,}/, "a GitHub token"],
  [/\bnf[pco]_\w{6,}/, "a Netlify token"],
  [/\bhooks\.slack\.com\/\S*/i, "a Slack webhook"],
  [/\bxox[a-z]-[\w-]{6,}/, "a Slack token"],
  [/\bsk-[\w-]{12,}/, "an OpenRouter or OpenAI key"],
  [/:\/\/[^/\s@]*:[^/\s@]+@/, "an address with a password in it"],
  [/-----BEGIN [A-Z ]*PRIVATE KEY/, "a private key"],
]

/** Values and keys that look like a secret itself. */
function exposedSecrets(value: unknown, path = ""): { path: string; kind: string }[] {
  if (typeof value === "string") {
    const kind = secretForms.find(([form]) => form.test(value))?.[1]
    return kind ? [{ path, kind }] : []
  }
  if (typeof value !== "object" || value === null) return []
  return Object.entries(value).flatMap(([key, child]) => {
    const here = inPath(path, Array.isArray(value) ? Number(key) : key)
    return [...exposedSecrets(key, here), ...exposedSecrets(child, here)]
  })
}

const masked = (text: string) =>
  secretForms.reduce((left, [form]) => left.replace(new RegExp(form, `g${form.flags}`), "***"), text)
