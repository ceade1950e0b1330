import { type CacheUse, cachePercent } from "../cache/slow-step.js"
import type { History, Place } from "../deployment/ledger.js"
import { type Assessment, type AttemptResult, assessed, LeftOut, type Outage } from "./assessment.js"
import { type Distribution, distribution } from "./distribution.js"
import { type IsoWeek, isoWeek, weekMilliseconds, weeksUntil } from "./iso-week.js"

/** How often the slow steps of deployments came from a cache. */
export interface CacheFigures extends CacheUse {
  /** Deployments whose entry counts slow steps; one that checks and builds nothing, such as a promotion, has none. */
  runs: number
  /** Deployments whose entry says nothing of it, such as one from before this was kept. */
  without: number
  /** Of the steps that are known; rounded down, so that 100 means all. */
  percent: number | undefined
}

/** Figures of some attempts; `undefined` where there is nothing to measure, never 0 or NaN. */
export interface Figures {
  /** Every attempt has exactly one of the results. */
  attempts: number
  results: Partial<Record<AttemptResult, number>>
  /** Deployments with a known result. */
  deployments: number
  /** Those of them that ended live and healthy. */
  wentLive: number
  perWeek: number
  /** Percent of the deployments that went live; rounded down, so that 100 means all. */
  successPercent: number | undefined
  /** Deployments that reached visitors, those of them that were reverted, and the percentage; rounded up, so that 0 means none. */
  metVisitors: number
  changeFailures: number
  changeFailurePercent: number | undefined
  /** Percent of the deployments right after a failure or a rollback. */
  rework: number
  reworkPercent: number | undefined
  /** Manual rollbacks with a known result. */
  rollbacks: number
  leadTime: Distribution | undefined
  restore: Distribution | undefined
  deployment: Distribution | undefined
  rollback: Distribution | undefined
  cache: CacheFigures
  /** Attempts with a time left out. */
  leftOut: Record<LeftOut, number>
}

export interface WeekFigures {
  week: string
  /** Monday, ISO 8601. */
  start: string
  /** Whether all of it is in the window. */
  isWhole: boolean
  figures: Figures
}

export interface PlaceFigures extends Place {
  figures: Figures
  weeks: WeekFigures[]
  /** The outage that is not over. */
  outage: Outage | undefined
  assessments: Assessment[]
}

/** Delivery metrics, measured from the record of the deployments. */
export interface Metrics {
  /** ISO 8601; attempts count that ended from then on. */
  from: string
  to: string
  /** Older attempts of the window were left out because there are too many. */
  cut: boolean
  foreign: number
  unreadable: number
  whole: Figures
  weeks: WeekFigures[]
  components: { component: string; weeks: WeekFigures[] }[]
  places: PlaceFigures[]
}

/** The span of time that is measured. */
export interface MetricsWindow {
  /** Milliseconds since 1970. */
  from: number
  to: number
  weeks: IsoWeek[]
}

/** The last `weeks` ISO weeks, with the week of `to`. */
export function metricsWindow(to: number, weeks: number): MetricsWindow {
  const all = weeksUntil(to, weeks)
  return { from: all[0]?.start ?? to, to, weeks: all }
}

/** From when the ledger is read: a week before the window, to judge its first attempts by those before them. */
export const readFrom = ({ from }: MetricsWindow) => new Date(from - weekMilliseconds)

/**
 * Measures the attempts of some places. Takes less than a second for 5,000 of them.
 * @param committedAt dates of commits, ISO 8601; "" for an unknown one.
 */
export function measured(
  history: History,
  places: Place[],
  committedAt: (commit: string) => string,
  window: MetricsWindow,
): Metrics {
  const from = Math.max(window.from, history.cut ? Date.parse(history.since) : 0)
  const weeks = window.weeks.filter(({ start }) => start + weekMilliseconds > from)
  const readable = history.attempts.filter(
    ({ startedAt, endedAt, verdict }) => isTime(startedAt) && (verdict === undefined || isTime(endedAt)),
  )
  const length = Math.max(1, (window.to - from) / weekMilliseconds)
  const byWeek = (all: Assessment[]) => weekly(all, weeks, { ...window, from })
  const found = places.map((place): PlaceFigures => {
    const own = readable.filter(
      ({ component, environment }) => component === place.component && environment === place.environment,
    )
    const { assessments: all, outage } = assessed(own, committedAt, window.to)
    const assessments = all.filter(({ at }) => at >= from)
    return { ...place, figures: figures(assessments, length), weeks: byWeek(assessments), outage, assessments }
  })
  const all = found.flatMap(({ assessments }) => assessments)
  const components = [...new Set(places.map(({ component }) => component))]
  return {
    from: new Date(from).toISOString(),
    to: new Date(window.to).toISOString(),
    cut: history.cut && from > window.from,
    foreign: history.foreign,
    unreadable: history.unreadable + history.attempts.length - readable.length,
    whole: figures(all, length),
    weeks: byWeek(all),
    components: components.map((component) => ({
      component,
      weeks: byWeek(all.filter(({ attempt }) => attempt.component === component)),
    })),
    places: found,
  }
}

const isTime = (text: string) => !Number.isNaN(Date.parse(text))

function weekly(all: Assessment[], weeks: IsoWeek[], { from, to }: MetricsWindow): WeekFigures[] {
  const last = weeks.at(-1)?.name ?? ""
  // With GitHub's clock an end may be after now; it counts in this week.
  const byName = Map.groupBy(all, ({ at }) => (at > to ? last : isoWeek(at).name))
  return weeks.map(({ name, start }) => ({
    week: name,
    start: new Date(start).toISOString(),
    isWhole: start >= from && start + weekMilliseconds <= to,
    figures: figures(byName.get(name) ?? [], 1),
  }))
}

function figures(all: Assessment[], weeks: number): Figures {
  const count = (is: (one: Assessment) => boolean) => all.filter(is).length
  const times = (time: (one: Assessment) => number | undefined) =>
    distribution(all.map(time).filter((seconds) => seconds !== undefined))
  const results: Figures["results"] = {}
  for (const { result } of all) results[result] = (results[result] ?? 0) + 1
  const [deployments, wentLive] = [count(({ isDeployment }) => isDeployment), count((one) => one.wentLive)]
  const changeFailures = count((one) => one.isChangeFailure)
  const metVisitors = count((one) => one.wentLive || one.isChangeFailure)
  const rework = count(({ isRework }) => isRework)
  const leftOut = (why: LeftOut) => count((one) => one.leftOut.includes(why))
  return {
    attempts: all.length,
    results,
    deployments,
    wentLive,
    perWeek: Math.round((10 * wentLive) / weeks) / 10,
    successPercent: percent(wentLive, deployments, Math.floor),
    metVisitors,
    changeFailures,
    changeFailurePercent: percent(changeFailures, metVisitors, Math.ceil),
    rework,
    reworkPercent: percent(rework, deployments, Math.ceil),
    rollbacks: count(({ isRollback }) => isRollback),
    leadTime: times(({ leadSeconds }) => leadSeconds),
    restore: times(({ restoreSeconds }) => restoreSeconds),
    deployment: times((one) => (one.isDeployment ? one.seconds : undefined)),
    rollback: times((one) => (one.isRollback ? one.seconds : undefined)),
    cache: cacheFigures(all.filter(({ isDeployment }) => isDeployment)),
    leftOut: {
      [LeftOut.ClockSkew]: leftOut(LeftOut.ClockSkew),
      [LeftOut.Killed]: leftOut(LeftOut.Killed),
      [LeftOut.CommitUnknown]: leftOut(LeftOut.CommitUnknown),
    },
  }
}

function cacheFigures(deployments: Assessment[]): CacheFigures {
  const counted = deployments.flatMap(({ attempt }) => attempt.cache ?? [])
  const sum = (of: (one: CacheUse) => number) => counted.reduce((all, one) => all + of(one), 0)
  const use = { steps: sum(({ steps }) => steps), cached: sum((it) => it.cached), unknown: sum((it) => it.unknown) }
  return {
    runs: counted.filter(({ steps }) => steps > 0).length,
    without: deployments.length - counted.length,
    ...use,
    percent: cachePercent(use),
  }
}

const percent = (part: number, whole: number, rounded: (value: number) => number) =>
  whole === 0 ? undefined : rounded((1000 * part) / whole) / 10
