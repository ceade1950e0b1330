import type { HealthSettings } from "../settings/settings-types.js"

/** How a service words its health: the field, the words and the key of its dependencies, as the settings have them. */
export type HealthForm = Pick<HealthSettings, "field" | "values" | "dependencies">

/** The form of a project that says nothing about it: every word and key known here. */
export const anyForm: HealthForm = { field: "", values: [], dependencies: "" }

const healthyWords = new Set(
  "ok okay healthy up pass passed passing true running ready alive live available active online operational connected reachable serving success green good".split(
    " ",
  ),
)
const unhealthyWords = new Set(
  "degraded down unhealthy fail failed failing failure error critical warn warning starting stopping stopped false off offline unavailable unreachable disconnected disabled unknown out_of_service not_ready maintenance timeout red yellow bad dead".split(
    " ",
  ),
)
const wordFields = ["status", "state", "health", "healthy", "ok", "ready", "success"]
const dependencyKeys = ["dependencies", "services", "checks", "components"]

/** The word in which an answer says how it is, and the field that holds it; the field is "" when the word is all of the answer. */
export interface HealthWord {
  field: string
  word: string
}

/** JSON, or one word of text, of an answer; `undefined` for anything else. */
export function readBody(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return /^\s*[A-Za-z]{2,20}\s*$/.test(text) ? text.trim() : undefined
  }
}

export function wordOf(body: unknown, { field }: HealthForm): HealthWord | undefined {
  if (!isRecord(body)) return field || !isScalar(body) ? undefined : { field: "", word: String(body) }
  const name = field || wordFields.find((one) => isScalar(at(body, one)))
  const word = name ? at(body, name) : undefined
  return name && isScalar(word) ? { field: name, word: String(word) } : undefined
}

/** Whether a word means healthy: one of the settings, or a known one. Case counts nowhere. */
export const isHealthyWord = (word: string, values: string[]): boolean =>
  values.length > 0
    ? values.some((value) => value.toLowerCase() === word.toLowerCase())
    : healthyWords.has(word.toLowerCase())

/** Whether a word is known to mean unhealthy. */
export const isUnhealthyWord = (word: string): boolean => unhealthyWords.has(word.toLowerCase().replace(/[\s-]/g, "_"))

/**
 * The state of a dependency; `undefined` when the answer does not name it. An answer has `{ database: { state } }`, `{ database: "up" }`,
 * `[{ name, state }]`, or lists of measurements by `name:measurement`.
 * https://datatracker.ietf.org/doc/html/draft-inadarei-api-health-check-06
 */
export function dependencyOf(body: unknown, { dependencies }: HealthForm, name: string): string | undefined {
  const key = dependencies || dependencyKeys.find((one) => entryOf(at(body, one), name) !== undefined)
  return key ? stateOf(entryOf(at(body, key), name)) : undefined
}

/** The value at a dotted path. */
export function at(value: unknown, path: string): unknown {
  let here = value
  for (const key of path.split(".")) {
    if (!isRecord(here) || !Object.hasOwn(here, key)) return undefined
    here = here[key]
  }
  return here
}

/** The key of an answer whose value holds `name`, where it is none of the known ones. */
export const keyHolding = (body: unknown, name: string): string | undefined =>
  isRecord(body) ? Object.keys(body).find((key) => entryOf(body[key], name) !== undefined) : undefined

/** The fields of an answer, by dotted path, with their values as text; two levels deep. */
export function fieldsOf(body: unknown, above = ""): [path: string, value: string][] {
  if (!isRecord(body)) return []
  return Object.entries(body).flatMap(([key, value]): [string, string][] => {
    if (isScalar(value)) return [[above + key, String(value)]]
    return above === "" ? fieldsOf(value, `${key}.`) : []
  })
}

function entryOf(all: unknown, name: string): unknown {
  if (Array.isArray(all)) return all.find((entry) => isRecord(entry) && entry.name === name)
  if (!isRecord(all)) return undefined
  if (Object.hasOwn(all, name)) return all[name]
  const measured = Object.keys(all).find((key) => key.startsWith(`${name}:`))
  return measured && all[measured]
}

function stateOf(entry: unknown): string | undefined {
  if (Array.isArray(entry)) {
    const states = entry.map(stateOf)
    return states.find((state) => !isDependencyUp(state)) ?? states[0]
  }
  if (isScalar(entry)) return String(entry)
  const found = ["state", "status", "healthy", "ok", "up"].map((key) => at(entry, key)).find(isScalar)
  return found === undefined ? undefined : String(found)
}

/** A dependency is up by a known word: the words of the settings are the service's own. */
export const isDependencyUp = (state: string | undefined): boolean =>
  state !== undefined && healthyWords.has(state.toLowerCase())

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
const isScalar = (value: unknown): value is string | boolean | number =>
  typeof value === "string" || typeof value === "boolean" || typeof value === "number"
