import type { z } from "zod"
import { malformedSettings, unknownEnvironment } from "../errors.js"
import { JsonMistake, readCommentedJson } from "./commented-json.js"
import { identity, shared } from "./environment-identity.js"
import { described, exposedSecrets, withoutSecrets } from "./settings-mistakes.js"
import { Root } from "./settings-schema.js"
import type { EnvironmentSettings, ProbePolicy, Settings } from "./settings-types.js"

type Given = z.output<typeof Root>
type GivenEnvironment = Given["environments"][string]

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
    return readCommentedJson(file)
  } catch (mistake) {
    if (!(mistake instanceof JsonMistake)) throw mistake
    const { line, column, why } = mistake
    throw malformedSettings([`line ${line}, column ${column}: ${why}`])
  }
}

function resolved({ environments, probe, scan, links, ...rest }: Given): Settings {
  const { knownBad: _, ...scanned } = scan
  const troubleshooting = links.troubleshooting ?? `${rest.image.source}/blob/HEAD/docs/deployment/troubleshooting.md`
  return {
    ...rest,
    links: { troubleshooting },
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
    frontend: {
      site: known.site,
      url: known.frontendUrl,
      title: frontend.title ?? title,
      links: frontend.links,
      switchBy: frontend.switchBy,
    },
    backend: { ...backend, url: known.backendUrl },
    secrets: known.secrets,
    // JSON has no undefined, so a key that is there has a value.
    probe: policy({ ...probe, ...(it.probe as Partial<Given["probe"]>) }),
    page: it.page,
    notify: it.notify,
  }
}

const policy = ({ times, seconds, wakeUpSeconds, ...pauses }: Given["probe"]): ProbePolicy => ({
  times,
  seconds,
  wakeUpSeconds,
  firstPause: pauses.firstPauseMilliseconds,
  slowestPause: pauses.slowestPauseMilliseconds,
})
