import type { z } from "zod"
import { Component } from "../../src/exposed-types.js"
import { Backend } from "./backend-schema.js"
import { JsonMistake, readCommentedJson } from "./commented-json.js"
import { identity, shared } from "./environment-identity.js"
import { malformedSettings, notDescribed, unknownEnvironment } from "./errors.js"
import { Frontend } from "./frontend-schema.js"
import { ownCall } from "./module-call.js"
import { described, exposedSecrets, withoutSecrets } from "./settings-mistakes.js"
import { Root } from "./settings-schema.js"
import type {
  BackendSettings,
  EnvironmentBackend,
  EnvironmentFrontend,
  EnvironmentSettings,
  FrontendSettings,
  ImageSettings,
  ProbePolicy,
  Settings,
} from "./settings-types.js"

type Given = z.output<typeof Root>
type GivenEnvironment = Given["environments"][string]

/**
 * Reads the settings file.
 * @param file JSON, as written by the operator.
 * @param call what people type before a function, for the commands that are named to them.
 * @throws PipelineError with every mistake at once, each with the path of its key. A value is never quoted when it may be a secret.
 */
export function readSettings(file: string, call = ownCall): Settings {
  const raw = parse(file)
  const secrets = exposedSecrets(raw)
  const given = Root.safeParse(raw)
  const mistakes = [
    ...secrets.map(({ path, kind }) => ({
      path,
      why: `looks like ${kind}: revoke it, and give the name of a secret that holds the new one`,
    })),
    ...(given.success ? [] : given.error.issues.flatMap((issue) => described(issue, raw))),
    ...shared(raw),
  ]
  if (!given.success || mistakes.length > 0) {
    const hidden = new Set(secrets.map(({ path }) => path))
    throw malformedSettings(
      mistakes
        .filter(({ path }, index) => index < secrets.length || !hidden.has(path))
        .map(({ path, why }) => withoutSecrets(`${path || "the file"}: ${why}`)),
    )
  }
  return { ...resolved(given.data), call }
}

/** @throws PipelineError that names the known ones. */
export function environmentOf({ environments }: Settings, name: string): EnvironmentSettings {
  const found = Object.hasOwn(environments, name) ? environments[name] : undefined
  if (!found) throw unknownEnvironment(name, Object.keys(environments))
  return found
}

/** @throws PipelineError when the project has no site. */
export function frontendOf({ frontend }: Settings): FrontendSettings {
  if (!frontend) throw notDescribed(Component.Frontend)
  return frontend
}

/** @throws PipelineError when the project has no service. */
export function backendOf({ backend }: Settings): BackendSettings {
  if (!backend) throw notDescribed(Component.Backend)
  return backend
}

/** How the service is told its database, and what else its own settings need. */
export type MigrationSettings = Pick<BackendSettings, "databaseVariable" | "env">

/**
 * What the migrations of an environment get; its own variables win over those of the tests.
 * @param environment "" for staging, as deployments take it, or the only one with a service; where there is neither, none has a say.
 */
export function migrationSettings(settings: Settings, environment: string): MigrationSettings {
  const { databaseVariable, env } = backendOf(settings)
  const served = Object.values(settings.environments).filter(({ backend }) => backend)
  const found = environment
    ? environmentOf(settings, environment)
    : (served.find(({ name }) => name === "staging") ?? (served.length === 1 ? served[0] : undefined))
  return { databaseVariable, env: { ...env, ...found?.backend?.variables } }
}

/** @throws PipelineError when the project has no service, so no image. */
export function imageOf({ image }: Settings): ImageSettings {
  if (!image) throw notDescribed(Component.Backend)
  return image
}

/** @throws PipelineError when the environment has no site. */
export function siteOf({ name, frontend }: EnvironmentSettings): EnvironmentFrontend {
  if (!frontend) throw notDescribed(Component.Frontend, name)
  return frontend
}

/** @throws PipelineError when the environment has no service. */
export function spaceOf({ name, backend }: EnvironmentSettings): EnvironmentBackend {
  if (!backend) throw notDescribed(Component.Backend, name)
  return backend
}

/** Components that an environment has, the backend first: it serves old and new pages alike. */
export const componentsOf = ({ frontend, backend }: Pick<EnvironmentSettings, "frontend" | "backend">): Component[] => [
  ...(backend ? [Component.Backend] : []),
  ...(frontend ? [Component.Frontend] : []),
]

function parse(file: string): unknown {
  try {
    return readCommentedJson(file)
  } catch (mistake) {
    if (!(mistake instanceof JsonMistake)) throw mistake
    const { line, column, why } = mistake
    throw malformedSettings([`line ${line}, column ${column}: ${why}`])
  }
}

function resolved({
  environments,
  probe,
  protection,
  scan,
  links,
  frontend,
  backend,
  image,
  cache,
  $schema: _,
  ...rest
}: Given): Omit<Settings, "call"> {
  const { knownBad: __, ...scanned } = scan
  const all = Object.values(environments)
  const site = frontend ?? (all.some((it) => it.frontend) ? Frontend.parse({}) : undefined)
  const service = backend ?? (all.some((it) => it.backend) ? Backend.parse({}) : undefined)
  return {
    ...rest,
    ...(site && { frontend: { ...site, ...kept(site, image) } }),
    ...(service && { backend: { ...service, ...buildContext(service) } }),
    ...(image && { image }),
    ...(cache && { cache: { ...cache, publicKey: image?.publicKey ?? site?.publicKey ?? "" } }),
    links: {
      troubleshooting: links.troubleshooting ?? `${rest.project.source}/blob/HEAD/docs/deployment/troubleshooting.md`,
    },
    scan: scanned,
    probe: policy(probe),
    environments: Object.fromEntries(
      Object.entries(environments).map(([name, it]) => [
        name,
        environment(name, it, {
          title: rest.project.title,
          probe,
          protection,
          healthPath: service?.health.path ?? "/",
        }),
      ]),
    ),
  }
}

/** The registry of a repository, such as `ghcr.io` of `ghcr.io/acme/backend`. */
export const registryHost = (repository: string) => repository.split("/", 1)[0] ?? repository

/** The registries that the settings name. */
export const registryHosts = ({ image, frontend, cache }: Pick<Settings, "image" | "frontend" | "cache">): string[] => [
  ...new Set(
    [image?.repository, frontend?.artifact, cache?.repository].flatMap((it) => (it ? [registryHost(it)] : [])),
  ),
]

/** Where built sites are kept, and whose signature they must have: beside the image, and its signer's, unless the settings say otherwise. */
const kept = ({ artifact, publicKey }: z.output<typeof Frontend>, image: Given["image"]) => ({
  artifact: artifact ?? (image ? `${image.repository}-site` : ""),
  publicKey: image?.publicKey ?? publicKey,
})

/** What the image is built from: without a word the service's folder and the Dockerfile in it, also where the context is a larger one. */
function buildContext({ source, context, dockerfile }: NonNullable<Given["backend"]>): {
  context: string
  dockerfile: string
} {
  const folder = context || source
  if (dockerfile || folder === source) return { context: folder, dockerfile: dockerfile || "Dockerfile" }
  const inside = folder === "." ? source : source.startsWith(`${folder}/`) ? source.slice(folder.length + 1) : ""
  return { context: folder, dockerfile: inside ? `${inside}/Dockerfile` : "Dockerfile" }
}

function environment(
  name: string,
  it: GivenEnvironment,
  { title, probe, protection, healthPath }: Pick<Given, "probe" | "protection"> & { title: string; healthPath: string },
): EnvironmentSettings {
  const { frontend, backend } = it
  const known = identity(name, it)
  return {
    name,
    production: it.production ?? name === "production",
    branch: it.branch,
    apiUrl: known.apiUrl,
    ...(frontend && {
      frontend: {
        site: known.site,
        url: known.frontendUrl,
        title: frontend.title ?? title,
        links: frontend.links,
        switchBy: frontend.switchBy,
      },
    }),
    ...(backend && { backend: service(backend, known.backendUrl, healthPath) }),
    secrets: known.secrets,
    // JSON has no undefined, so a key that is there has a value.
    probe: policy({ ...probe, ...(it.probe as Partial<Given["probe"]>) }),
    protection: { ...protection, ...(it.protection as Partial<Given["protection"]>) },
    page: it.page,
    notify: it.notify,
  }
}

function service(
  { fromSite, ...rest }: NonNullable<GivenEnvironment["backend"]>,
  url: string,
  healthPath: string,
): EnvironmentBackend {
  return { ...rest, url, ...(fromSite && { fromSite: { ...fromSite, path: fromSite.path ?? healthPath } }) }
}

const policy = ({ times, seconds, wakeUpSeconds, ...pauses }: Given["probe"]): ProbePolicy => ({
  times,
  seconds,
  wakeUpSeconds,
  firstPause: pauses.firstPauseMilliseconds,
  slowestPause: pauses.slowestPauseMilliseconds,
})
