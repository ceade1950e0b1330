import type { Component } from "../../src/exposed-types.js"
import { Verdict } from "../../src/exposed-types.js"
import type { Health } from "../deployment/health-probe.js"
import { type Attempt, lastGood, quarantine } from "../deployment/ledger.js"
import type { LeaseRecord } from "../deployment/lock.js"
import type { UndoPlace } from "../deployment/undo.js"
import { type Distance, fitOf, type OfService } from "./fit.js"
import { asked, type Known, valueOr } from "./known.js"
import { nextCommands } from "./next-command.js"
import type { ComponentStatus, Drift, EnvironmentStatus, OpenIncident, Status } from "./status.js"

/** What a component's address answers. */
export interface Seen extends Health {
  /** "" where it tells none. */
  commit: string
}

/** What a host says that it serves. */
export interface Hosted {
  id: string
  commit: string
  locked: boolean
}

/** One component of one environment, as it can be looked at. */
export interface Watched {
  component: Component
  url: string
  /** Its public address, asked once. */
  look(): Promise<Seen>
  /** Its host; absent without a token for it. */
  host?: () => Promise<Hosted | undefined>
  /** Flag that gives that token. */
  flag: string
}

export interface WatchedEnvironment {
  environment: string
  production: boolean
  components: Watched[]
  secrets: UndoPlace["secrets"]
}

/** What is recorded of deployments. */
export interface Recorded {
  /** Newest first, until two versions of them went live; ninety at most. */
  attempts(component: Component, environment: string): Promise<Attempt[]>
  lease(environment: string): Promise<LeaseRecord | undefined>
  incidents(): Promise<OpenIncident[]>
  distance(commit: string, than: string): Promise<Distance>
}

export interface Surveyed {
  environments: WatchedEnvironment[]
  /** Absent without a GitHub token. */
  records: Recorded | undefined
  /** As whom the call is at the registry, for the commands that it names. */
  registry?: UndoPlace["registry"]
  /** What people type before a function. */
  call: string
  ofService: OfService
  now: Date
  /** How long any question may take. */
  milliseconds: number
}

const gitHub = "GitHub"

/** Asks everything of all environments at once, then how far their versions are from each other. Changes nothing. */
export async function survey({
  environments,
  records,
  registry,
  call,
  ofService,
  now,
  milliseconds,
}: Surveyed): Promise<Status> {
  const unknown: string[] = []
  const warnings: string[] = []
  const ask = <Value>(who: string, question: () => Promise<Value>) => asked(question, { who, milliseconds })
  /** The value, once what is not known of it is said. */
  const noted = <Value, Other>(subject: string, known: Known<Value>, other: Other) => {
    if (!known.known) unknown.push(`${subject}: ${known.why}`)
    return valueOr(known, other)
  }
  const incidentsAsked = records && ask(gitHub, () => records.incidents())
  const found = await Promise.all(
    environments.map(async ({ environment, production, components }) => {
      const leaseAsked = records && ask(gitHub, () => records.lease(environment))
      const looks = await Promise.all(
        components.map(async (one) => {
          const [seen, hosted, attempts] = await Promise.all([
            one.look(),
            one.host && ask("the host", one.host),
            records && ask(gitHub, () => records.attempts(one.component, environment)),
          ])
          return { one, seen, hosted, attempts }
        }),
      )
      return { environment, production, looks, lease: await leaseAsked }
    }),
  )
  if (!records)
    unknown.push(
      "versions, who deployed, locks, attempts, quarantine, incidents and drift: there is no --github-token to ask GitHub with, or it is empty",
    )
  const flags = new Set(
    environments.flatMap(({ components }) => components.flatMap((one) => (one.host ? [] : [one.flag]))),
  )
  if (flags.size > 0) unknown.push(`what the hosts themselves say: there is no ${[...flags].sort().join(", no ")}`)
  const incidents = incidentsAsked && noted("open incidents", await incidentsAsked, undefined)
  // Of a repository that a token may not see GitHub answers as of one without a lock.
  const isSeen = incidents !== undefined || found.some(({ looks }) => looks.some(({ attempts }) => attempts?.known))

  const states = found.map(({ environment, production, looks, lease: answer }) => {
    const lease = answer && seenOr(answer, isSeen)
    if (lease) noted(`the lock of ${environment}`, lease, undefined)
    return {
      environment,
      production,
      components: looks.map(({ one, seen, hosted, attempts }) => {
        const name = `${one.component} of ${environment}`
        const host = hosted && noted(`what the host of the ${name} serves`, hosted, undefined)
        const past = attempts && noted(`the ledger of the ${name}`, attempts, undefined)
        const state = componentStatus(one, seen, host, past)
        if (hosted?.known && !host) warnings.push(`The host of the ${name} says that it serves nothing.`)
        if (state.locked) warnings.push(`A person locked the ${name} to the version that is live.`)
        if (attempts?.known && state.commit && !state.since)
          warnings.push(
            `${state.commit.slice(0, 7)} is live as the ${name}, and ${attempts.value.length > 0 ? `none of the ${attempts.value.length} newest attempts in its ledger` : "no attempt in its ledger"} put it there.`,
          )
        return state
      }),
      lock: lockOf(lease, now),
      ...(incidents && { incidents: incidents.filter((one) => one.environment === environment) }),
    }
  })

  const distance = (commit: string, than: string) => records && ask(gitHub, () => records.distance(commit, than))
  const [fits, drifts] = await Promise.all([
    Promise.all(
      states.map(async ({ components }) => {
        const [page, service] = ["frontend", "backend"].map(
          (name) => components.find(({ component }) => component === name)?.commit,
        )
        const between = page && service && page !== service ? await distance(page, service) : undefined
        return fitOf(components, between, ofService)
      }),
    ),
    Promise.all(
      pairs(states).map(async ({ component, from, to, ahead, behind }) => {
        const between = ahead === behind ? equal : await distance(ahead, behind)
        return { component, from, to, between }
      }),
    ),
  ])
  const drift = drifts.flatMap(({ component, from, to, between }): Drift[] => {
    const value = between && noted(`how far the ${component} of ${from} is from ${to}`, between, undefined)
    return value ? [{ component, from, to, ahead: value.ahead, behind: value.behind }] : []
  })
  const whole = states.map((state, at) => ({ ...state, fit: fits[at] ?? fitOf([], undefined, ofService) }))
  const secrets = Object.fromEntries(environments.map((one) => [one.environment, one.secrets]))
  return {
    at: now.toISOString(),
    environments: whole,
    drift,
    unknown,
    warnings,
    next: nextCommands({ environments: whole, drift }, secrets, records !== undefined, { registry, call }),
  }
}

const equal: Known<{ ahead: number; behind: number }> = { known: true, value: { ahead: 0, behind: 0 } }

/** What answers, joined with what the host and the ledger say of it. */
export function componentStatus(
  { component, url }: Pick<Watched, "component" | "url">,
  { commit: told, state, reason }: Seen,
  host: Hosted | undefined,
  past: Attempt[] | undefined,
): ComponentStatus {
  const attempts = past ?? []
  const commit = told || host?.commit || attempts.find(({ id }) => id !== "" && id === host?.id)?.commit || ""
  const wentLive = attempts.find((one) => isAbout(one, commit))
  const isReturn = wentLive?.commit !== commit
  const original = attempts.find((one) => one.commit === commit && one.verdict === Verdict.Success)
  const commits = [...new Set(attempts.flatMap((one) => [one.commit, one.previousCommit]))].filter(Boolean)
  return {
    component,
    url,
    commit,
    id: host?.id ?? (isReturn ? wentLive?.previousId : wentLive?.id) ?? "",
    version: original?.version ?? "",
    since: wentLive?.endedAt ?? "",
    by: wentLive?.actor ?? "",
    run: wentLive?.run ?? "",
    health: state,
    reason,
    locked: host?.locked ?? false,
    schema: original?.schema ?? "",
    last: attempts[0],
    ...(past && {
      quarantined: commits.flatMap((one) => {
        const why = quarantine(past, one)
        return why ? [{ commit: one, why }] : []
      }),
    }),
    hasWayBack: lastGood(attempts, { commit, id: host?.id ?? "" }) !== undefined,
  }
}

/** Whether an attempt is the one after which a commit was live: it deployed it, or went back to it. */
const isAbout = ({ commit, previousCommit, verdict }: Attempt, live: string) =>
  live !== "" &&
  ((verdict === Verdict.Success && commit === live) || (verdict === Verdict.RolledBack && previousCommit === live))

/** A lock that is not there is only known not to be where GitHub showed anything else. */
const seenOr = (lease: Known<LeaseRecord | undefined>, isSeen: boolean): Known<LeaseRecord | undefined> =>
  lease.known && !lease.value && !isSeen ? { known: false, why: "GitHub shows nothing of the repository" } : lease

function lockOf(lease: Known<LeaseRecord | undefined> | undefined, now: Date): EnvironmentStatus["lock"] {
  if (!lease?.known) return "not known"
  if (!lease.value?.owner) return "free"
  const { owner, run, reason, expires } = lease.value
  return { owner, run, reason, expires, isOver: Date.parse(expires) <= now.getTime() }
}

/** Each component of an environment that proves versions, beside the same one in production. */
function pairs(states: { environment: string; production: boolean; components: ComponentStatus[] }[]) {
  return states
    .filter(({ production }) => !production)
    .flatMap((proving) =>
      states
        .filter(({ production }) => production)
        .flatMap((production) =>
          proving.components.flatMap(({ component, commit: ahead }) => {
            const behind = production.components.find((one) => one.component === component)?.commit ?? ""
            return ahead && behind
              ? [{ component, from: proving.environment, to: production.environment, ahead, behind }]
              : []
          }),
        ),
    )
}
