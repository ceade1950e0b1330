import type { Clock } from "../clock.js"
import type { ProbePolicy } from "../settings/settings-types.js"
import { readWebPage, spaced } from "./web-page.js"

/** The answer to one GET; redirects are not followed. */
export type Answer =
  | { kind: "answered"; status: number; type: string; location: string; body: string }
  | { kind: "silent"; why: string }

export enum HealthState {
  Healthy = "healthy",
  WrongVersion = "wrong-version",
  Unhealthy = "unhealthy",
  Unreachable = "unreachable",
  Asleep = "asleep",
}

export interface Health {
  state: HealthState
  /** The reason for people; "" when healthy. */
  reason: string
}

/** What a healthy answer contains; an empty value checks nothing. */
export interface Expectation {
  status: number
  /** Commit in the JSON field `commit`. */
  commit: string
  /** JSON fields by dotted path, such as `status: "ok"`. */
  fields: Record<string, string>
  /** Text of the page's `<title>`, or a part of it. */
  title: string
  /** Names in the JSON object or list `dependencies` whose state must be up. */
  dependencies: string[]
}

/** One path of the site, and the answer expected. */
export interface Check {
  path: string
  expect: Expectation
  /** Also request each page and file of the same site that this page links to; a missing one is unhealthy. */
  links: boolean
}

export interface ProbeResult extends Health {
  /** Rounds of requests. */
  attempts: number
  milliseconds: number
}

export type Get = (url: string) => Promise<Answer>

const healthy: Health = { state: HealthState.Healthy, reason: "" }
const upWords = new Set(["ok", "up", "healthy", "ready"])

/** Judges one answer. The body is untrusted text: it is compared and quoted, never interpreted. */
export async function judge(answer: Answer, expect: Expectation): Promise<Health> {
  if (answer.kind === "silent") return { state: HealthState.Unreachable, reason: answer.why }
  const wantsJson = expect.commit !== "" || Object.keys(expect.fields).length > 0 || expect.dependencies.length > 0
  if (wantsJson && answer.status >= 502 && answer.status <= 504 && isHtml(answer))
    return { state: HealthState.Asleep, reason: `answered ${answer.status} with a page of the host, not of the app` }
  if (answer.status !== expect.status) return unhealthy(statusReason(answer, expect.status))
  return (
    (wantsJson && judgeJson(answer, expect)) || (expect.title && (await judgeTitle(answer, expect.title))) || healthy
  )
}

function judgeJson(answer: Answered, expect: Expectation): Health | undefined {
  const body = parseObject(answer.body)
  if (!body)
    return unhealthy(isHtml(answer) ? "answered an HTML page instead of JSON" : "answered something that is not JSON")
  if (expect.commit && body.commit !== expect.commit)
    return {
      state: HealthState.WrongVersion,
      reason: `commit ${quote(at(body, "commit"))} answers, expected ${quote(expect.commit)}`,
    }
  for (const [path, wanted] of Object.entries(expect.fields)) {
    const found = at(body, path)
    if (found !== wanted) return unhealthy(`${path} is ${quote(found)}, expected ${quote(wanted)}`)
  }
  for (const name of expect.dependencies) {
    const state = dependencyState(body, name)
    if (!upWords.has(state ?? "")) return unhealthy(`dependency ${name} is ${quote(state)}`)
  }
  return undefined
}

async function judgeTitle(answer: Answered, wanted: string): Promise<Health | undefined> {
  const { title } = await readWebPage(answer.body)
  return title?.includes(spaced(wanted))
    ? undefined
    : unhealthy(`the page's title is ${quote(title)}, expected ${quote(wanted)}`)
}

/** Runs every check once, in order, and returns the first that is not healthy. */
export async function probeOnce(url: string, checks: Check[], get: Get): Promise<Health> {
  for (const check of checks) {
    const address = join(url, check.path)
    const answer = await get(address)
    const health = await judge(answer, check.expect)
    if (health.state !== HealthState.Healthy) return { ...health, reason: `${address} ${phrase(health.reason)}` }
  }
  return healthy
}

/** The links of a page to the same site that do not answer 200. Requests at most 100. */
export async function brokenLinks(url: string, get: Get): Promise<string[]> {
  const page = await get(url)
  if (page.kind === "silent") return [url]
  const broken: string[] = []
  for (const link of (await linksOf(url, page.body)).slice(0, 100)) {
    const answer = await get(link)
    const gone = answer.kind === "silent" || answer.status >= 400
    if (gone) broken.push(link)
  }
  return broken
}

/** Addresses of the same site that a page leads to and loads, each once, without fragments. */
export async function linksOf(url: string, html: string): Promise<string[]> {
  const page = await readWebPage(html)
  const base = (page.base && URL.parse(page.base, url)?.href) || url
  const links = new Set<string>()
  for (const written of page.links) {
    const link = URL.parse(written, base)
    if (!/^https?:$/.test(link?.protocol ?? "") || link?.origin !== new URL(url).origin) continue
    link.hash = ""
    links.add(link.href)
  }
  return [...links]
}

/**
 * Probes until this version answered `times` in a row, or time is up.
 * A target that sleeps or does not answer first gets its wake-up time; the probe's seconds begin with its first answer.
 */
export async function probeUntil(
  url: string,
  checks: Check[],
  policy: ProbePolicy,
  { get, clock, random = Math.random }: { get: Get; clock: Clock; random?: () => number },
): Promise<ProbeResult> {
  const started = clock.now().getTime()
  const elapsed = () => clock.now().getTime() - started
  let awakeAt = -1
  let inARow = 0
  let good = 0
  for (let attempts = 1; ; attempts++) {
    let health = await probeOnce(url, checks, get)
    const dormant = health.state === HealthState.Asleep || health.state === HealthState.Unreachable
    if (awakeAt < 0 && !dormant) awakeAt = elapsed()
    if (health.state === HealthState.Healthy) {
      inARow++
      if (inARow >= policy.times) health = await linksHealth(url, checks, get)
      // A page that is well each time and has broken links is not unstable.
      if (health.state === HealthState.Healthy) good++
      else good = 0
      if (inARow >= policy.times && health.state === HealthState.Healthy)
        return { ...health, attempts, milliseconds: elapsed() }
    } else inARow = 0
    const deadline = awakeAt < 0 ? policy.wakeUpSeconds * 1000 : awakeAt + policy.seconds * 1000
    const pause = inARow > 0 ? policy.firstPause : backoff(attempts, policy, random)
    if (elapsed() + pause > deadline)
      return { ...withHistory(health, good, attempts), attempts, milliseconds: elapsed() }
    await clock.sleep(pause)
  }
}

async function linksHealth(url: string, checks: Check[], get: Get): Promise<Health> {
  for (const check of checks.filter((check) => check.links)) {
    const page = join(url, check.path)
    const broken = await brokenLinks(page, get)
    if (broken.length > 0)
      return unhealthy(
        `${page} has ${broken.length} broken ${broken.length === 1 ? "link" : "links"}: ${broken.slice(0, 5).join(", ")}`,
      )
  }
  return healthy
}

/** Doubles with each attempt; the random part keeps many probes from running at the same time. */
export function backoff(attempt: number, policy: ProbePolicy, random: () => number): number {
  const full = Math.min(policy.slowestPause, policy.firstPause * 2 ** (attempt - 1))
  return Math.round(full / 2 + (full / 2) * random())
}

function withHistory(health: Health, good: number, attempts: number): Health {
  if (health.state === HealthState.Healthy)
    return unhealthy(`only ${good} of ${attempts} answers were healthy before time was up`)
  if (good === 0) return health
  return { ...health, reason: `${health.reason}; it is unstable: ${good} of ${attempts} answers were healthy` }
}

type Answered = Extract<Answer, { kind: "answered" }>

const unhealthy = (reason: string): Health => ({ state: HealthState.Unhealthy, reason })
const isHtml = (answer: Answered) => answer.type.includes("html") || /^\s*<(!doctype|html)/i.test(answer.body)
const quote = (value: unknown) => (value === undefined ? "missing" : JSON.stringify(String(value).slice(0, 80)))
const phrase = (reason: string) => (reason.startsWith("answered") ? reason : `is not healthy: ${reason}`)

function statusReason(answer: Answered, expected: number): string {
  if (answer.location)
    return `answered ${answer.status} to ${answer.location.slice(0, 200)}, expected ${expected}; redirects are not followed`
  return `answered ${answer.status}, expected ${expected}`
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

function at(value: unknown, path: string): string | undefined {
  let here = value
  for (const key of path.split(".")) {
    if (typeof here !== "object" || here === null || !Object.hasOwn(here, key)) return undefined
    here = (here as Record<string, unknown>)[key]
  }
  return here === undefined ? undefined : typeof here === "object" ? JSON.stringify(here) : String(here)
}

/** Dependencies come as `{ database: { state } }`, `{ database: "up" }` or `[{ name, state }]`; `status` serves for `state`. */
function dependencyState(body: Record<string, unknown>, name: string): string | undefined {
  const all = body.dependencies
  const one: unknown = Array.isArray(all)
    ? all.find((entry) => typeof entry === "object" && entry !== null && (entry as { name?: unknown }).name === name)
    : typeof all === "object" && all !== null
      ? (all as Record<string, unknown>)[name]
      : undefined
  if (typeof one === "string") return one
  return at(one, "state") ?? at(one, "status")
}

function join(url: string, path: string): string {
  return path === "" || path === "/"
    ? `${url.replace(/\/+$/, "")}/`
    : `${url.replace(/\/+$/, "")}/${path.replace(/^\/+/, "")}`
}
