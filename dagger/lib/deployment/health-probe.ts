import type { Clock } from "../clock.js"
import type { CommitPlace, ProbePolicy, SitePage } from "../settings/settings-types.js"
import { count } from "../text/wording.js"
import type { Answer, Answered, Get } from "./answer.js"
import { judgeCors, preflight } from "./cors.js"
import { at, dependencyOf, type HealthForm, isDependencyUp, isHealthyWord, readBody, wordOf } from "./health-answer.js"
import { readWebPage, spaced } from "./web-page.js"

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
  commit: string
  /** Field or header that holds the commit. */
  commitAt: Pick<CommitPlace, "field" | "header">
  /** How the answer says that it is well, and of what it depends; `undefined` asks neither. */
  health: HealthForm | undefined
  /** Text of the page's `<title>`, or a part of it. */
  title: string
  /** Names of dependencies whose state must be up. */
  dependencies: string[]
}

/** One path of the site, and the answer expected. */
export interface Check {
  path: string
  expect: Expectation
  /** Also request each page and file of the same site that this page links to; a missing one is unhealthy. */
  links: boolean
  /** The page in whose name a browser asks: its origin must be allowed. */
  from?: SitePage
}

export interface ProbeResult extends Health {
  /** Rounds of requests. */
  attempts: number
  milliseconds: number
  /** What showed which version it is; completes "proven by". */
  proof?: string
}

const healthy: Health = { state: HealthState.Healthy, reason: "" }

/** Judges one answer. The body is untrusted text: it is compared and quoted, never interpreted. */
export async function judge(answer: Answer, expect: Expectation): Promise<Health> {
  if (answer.kind === "silent") return { state: HealthState.Unreachable, reason: answer.why }
  const ofApp = expect.commit !== "" || expect.health !== undefined
  if (ofApp && answer.status >= 502 && answer.status <= 504 && isHtml(answer))
    return { state: HealthState.Asleep, reason: `answered ${answer.status} with a page of the host, not of the app` }
  if (answer.status !== expect.status) return unhealthy(statusReason(answer, expect.status))
  return (ofApp && judgeApp(answer, expect)) || (expect.title && (await judgeTitle(answer, expect.title))) || healthy
}

function judgeApp(answer: Answered, expect: Expectation): Health | undefined {
  const body = readBody(answer.body)
  if (body === undefined && (expect.health || !expect.commitAt.header))
    return unhealthy(isHtml(answer) ? "answered an HTML page instead of JSON" : "answered something that is not JSON")
  const commit = commitIn(answer, expect.commitAt)
  if (expect.commit && !isThatCommit(commit, expect.commit))
    return {
      state: HealthState.WrongVersion,
      reason: `commit ${quote(commit)} answers, expected ${quote(expect.commit)}`,
    }
  return expect.health && judgeHealth(body, expect.health, expect.dependencies)
}

function judgeHealth(body: unknown, form: HealthForm, dependencies: string[]): Health | undefined {
  const found = wordOf(body, form)
  if (!found || !isHealthyWord(found.word, form.values)) {
    const expected = form.values.length > 0 ? form.values.map(quote).join(" or ") : '"ok" or the like'
    return unhealthy(
      `${found ? found.field || "the answer" : form.field || "status"} is ${quote(found?.word)}, expected ${expected}`,
    )
  }
  for (const name of dependencies) {
    const state = dependencyOf(body, form, name)
    if (!isDependencyUp(state)) return unhealthy(`dependency ${name} is ${quote(state)}`)
  }
  return undefined
}

/** The commit that an answer tells; `undefined` when it tells none. */
export function commitIn(answer: Answered, { field, header }: Expectation["commitAt"]): string | undefined {
  if (header) return answer.headers[header.toLowerCase()]
  const told = at(readBody(answer.body), field)
  return typeof told === "string" ? told : undefined
}

/** A short name of a commit names it as well. */
export const isThatCommit = (told: string | undefined, commit: string): boolean =>
  told === commit || (/^[0-9a-f]{7,39}$/.test(told ?? "") && commit.startsWith(told ?? ""))

async function judgeTitle(answer: Answered, wanted: string): Promise<Health | undefined> {
  const { title } = await readWebPage(answer.body)
  return title?.includes(spaced(wanted))
    ? undefined
    : unhealthy(`the page's title is ${quote(title)}, expected ${quote(wanted)}`)
}

/** Runs every check once, in order, and returns the first that is not healthy. */
export async function probeOnce(url: string, checks: Check[], get: Get): Promise<Health> {
  for (const check of checks) {
    const address = addressOf(url, check.path)
    const { from } = check
    const answer = await (from ? get(address, { method: "GET", headers: { origin: from.origin } }) : get(address))
    const judged = await judge(answer, check.expect)
    const health = judged.state === HealthState.Healthy && from ? await asSite(url, answer, from, get) : judged
    if (health.state !== HealthState.Healthy) return { ...health, reason: `${address} ${phrase(health.reason)}` }
  }
  return healthy
}

/** Whether a browser would let the site's page ask: it reads this answer, and is allowed to send its question. */
async function asSite(url: string, answer: Answer, page: SitePage, get: Get): Promise<Health> {
  const asked = preflight(page)
  const allowed = await get(addressOf(url, page.path), { method: "OPTIONS", headers: asked })
  const reason = judgeCors(answer, allowed, page)
  return reason ? unhealthy(reason) : healthy
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
    const page = addressOf(url, check.path)
    const broken = await brokenLinks(page, get)
    if (broken.length > 0)
      return unhealthy(`${page} has ${count(broken.length, "broken link")}: ${broken.slice(0, 5).join(", ")}`)
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

const unhealthy = (reason: string): Health => ({ state: HealthState.Unhealthy, reason })
const isHtml = (answer: Answered) => answer.type.includes("html") || /^\s*<(!doctype|html)/i.test(answer.body)
const quote = (value: unknown) => (value === undefined ? "missing" : JSON.stringify(String(value).slice(0, 80)))
const phrase = (reason: string) => (reason.startsWith("answered") ? reason : `is not healthy: ${reason}`)

function statusReason(answer: Answered, expected: number): string {
  if (answer.location)
    return `answered ${answer.status} to ${answer.location.slice(0, 200)}, expected ${expected}; redirects are not followed`
  return `answered ${answer.status}, expected ${expected}`
}

export function addressOf(url: string, path: string): string {
  return path === "" || path === "/"
    ? `${url.replace(/\/+$/, "")}/`
    : `${url.replace(/\/+$/, "")}/${path.replace(/^\/+/, "")}`
}
