import type { Answer, Answered, Get } from "./answer.js"
import {
  dependencyOf,
  fieldsOf,
  type HealthForm,
  isHealthyWord,
  isUnhealthyWord,
  keyHolding,
  readBody,
  wordOf,
} from "./health-answer.js"
import { addressOf, type Check, commitIn, type Expectation } from "./health-probe.js"

/** Why an answer says nothing about health or version, and the setting with which it would. */
export interface Unjudgeable {
  why: string
  /** JSON for delivery.json, with the path of its key. */
  setting: string
}

/**
 * Whether the form of an answer fits the settings: `undefined` when it does, and also when there is no answer of the app to look at. An
 * answer that says "unhealthy" in a known form fits.
 */
export function unjudgeable(answer: Answer, path: string, expect: Expectation): Unjudgeable | undefined {
  if (answer.kind === "silent" || answer.status >= 500) return undefined
  if (answer.status !== expect.status) return otherPath(`${path} answered ${answer.status}`)
  const body = readBody(answer.body)
  if (expect.health) {
    if (body === undefined) return otherPath(`${path} answered no JSON`)
    const mistaken =
      otherWord(body, path, expect.health) ?? otherDependency(body, path, expect.health, expect.dependencies)
    if (mistaken) return mistaken
  }
  return expect.commit && commitIn(answer, expect.commitAt) === undefined
    ? otherCommit(answer, body, path, expect)
    : undefined
}

const otherPath = (why: string): Unjudgeable => ({
  why,
  setting: 'backend.health: { "path": "/the-path-of-its-health" }',
})

function otherWord(body: unknown, path: string, form: HealthForm): Unjudgeable | undefined {
  const found = wordOf(body, form)
  if (!found) {
    const [field] = fieldsOf(body).find(([, value]) => isHealthyWord(value, form.values)) ?? []
    return {
      why: `${path} has no field ${form.field || "status"} that says how it is`,
      setting: `backend.health: { "field": ${JSON.stringify(field ?? "the.field")} }`,
    }
  }
  if (isHealthyWord(found.word, form.values) || isUnhealthyWord(found.word)) return undefined
  return {
    why: `${path} says ${JSON.stringify(found.word.slice(0, 80))}, which is no known word`,
    setting: `backend.health: { "values": [${JSON.stringify(found.word.slice(0, 80))}] }, if it means healthy`,
  }
}

function otherDependency(body: unknown, path: string, form: HealthForm, names: string[]): Unjudgeable | undefined {
  const missing = names.find((name) => dependencyOf(body, form, name) === undefined)
  if (missing === undefined) return undefined
  const key = keyHolding(body, missing)
  return {
    why: `${path} does not name the dependency ${missing}`,
    setting: key
      ? `backend.health: { "dependencies": ${JSON.stringify(key)} }`
      : `backend.needs of the environment, without ${JSON.stringify(missing)}`,
  }
}

/** A whole commit hash somewhere else in the answer is the commit, whatever the field is called. */
function otherCommit(answer: Answered, body: unknown, path: string, { commitAt }: Expectation): Unjudgeable {
  const isHash = ([, value]: [string, string]) => /^[0-9a-f]{40}$/.test(value)
  const [field] = fieldsOf(body).find(isHash) ?? []
  const [header] = Object.entries(answer.headers).find(isHash) ?? []
  const why = `${path} tells no commit in ${commitAt.header ? `the header ${commitAt.header}` : `the field ${commitAt.field}`}`
  if (field) return { why, setting: `backend.health: { "commit": { "field": ${JSON.stringify(field)} } }` }
  if (header) return { why, setting: `backend.health: { "commit": { "header": ${JSON.stringify(header)} } }` }
  return { why, setting: 'backend: { "commitFrom": "host" }' }
}

/** The first of the checks whose answer can't be judged. */
export async function askForm(url: string, checks: Check[], get: Get): Promise<Unjudgeable | undefined> {
  for (const { path, expect } of checks) {
    const found = unjudgeable(await get(addressOf(url, path)), path, expect)
    if (found) return found
  }
  return undefined
}
