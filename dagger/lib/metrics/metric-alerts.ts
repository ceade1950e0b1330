import { Component } from "../../src/exposed-types.js"
import type { Attempt } from "../deployment/ledger.js"
import type { BudgetSeconds, TargetSettings } from "../settings/settings-types.js"
import type { Assessment } from "./assessment.js"
import type { Distribution } from "./distribution.js"
import type { Metrics, PlaceFigures } from "./metrics.js"
import { describedSpan } from "./time-span.js"

/** A missed target: what, by how much, by which runs. */
export interface Alert {
  component: string
  environment: string
  /** Key of the settings that holds the target, such as `targets.successPercent`. */
  key: string
  /** What is missed and by how much: a sentence without its full stop. */
  what: string
  /** In the unit of the target: percent or whole seconds. */
  measured: number
  target: number
  runs: AlertRun[]
}

export interface AlertRun {
  entry: string
  commit: string
  /** Address of the run; "" for none. */
  run: string
  /** Its result, or how long it took. */
  detail: string
}

/** Every target that a component missed in an environment, in the order of the places and of their targets. */
export function alerts({ places, to }: Metrics, targets: TargetSettings, budgets: BudgetSeconds): Alert[] {
  return places.flatMap((place) => {
    const about = { component: place.component, environment: place.environment }
    return [
      ...tooFewSucceed(place, targets),
      ...tooManyFail(place, targets),
      ...tooLong(place, "targets.leadTimeHours", "the lead time's median", 3600 * targets.leadTimeHours, {
        times: place.figures.leadTime,
        judged: (times) => times.median,
        time: (one) => one.leadSeconds,
      }),
      ...tooLong(place, "targets.restoreMinutes", "the time to restore's median", 60 * targets.restoreMinutes, {
        times: place.figures.restore,
        judged: (times) => times.median,
        time: (one) => one.restoreSeconds,
        culprit: (one) => one.restored?.attempt ?? one.attempt,
      }),
      ...stillDown(place, targets, Date.parse(to)),
      ...tooLong(place, `budgets.${place.component}`, "95 % of the deployments", budgetOf(place.component, budgets), {
        times: place.figures.deployment,
        judged: (times) => times.p95,
        time: (one) => (one.isDeployment ? one.seconds : undefined),
      }),
      ...tooLong(place, "budgets.rollback", "95 % of the rollbacks", budgets.rollback, {
        times: place.figures.rollback,
        judged: (times) => times.p95,
        time: (one) => (one.isRollback ? one.seconds : undefined),
      }),
    ].map((alert) => ({ ...about, ...alert }))
  })
}

/** Seconds that a deployment of a component may take. */
export const budgetOf = (component: string, budgets: BudgetSeconds) =>
  component === Component.Frontend ? budgets.frontend : budgets.backend

type Missed = Omit<Alert, "component" | "environment">

function tooFewSucceed({ figures, assessments }: PlaceFigures, { successPercent: target }: TargetSettings): Missed[] {
  const { successPercent: measured, wentLive, deployments } = figures
  if (measured === undefined || 100 * wentLive >= target * deployments) return []
  const runs = assessments.filter(({ isDeployment, wentLive }) => isDeployment && !wentLive)
  const what = `${measured} % of the deployments succeeded (${wentLive} of ${deployments}), the target is at least ${target} %`
  return [{ key: "targets.successPercent", what, measured, target, runs: runs.map(ended) }]
}

function tooManyFail({ figures, assessments }: PlaceFigures, targets: TargetSettings): Missed[] {
  const { changeFailurePercent: measured, changeFailures, metVisitors } = figures
  const target = targets.changeFailurePercent
  if (measured === undefined || 100 * changeFailures <= target * metVisitors) return []
  const runs = assessments.filter(({ isChangeFailure }) => isChangeFailure)
  const what = `${measured} % of the releases that reached visitors were reverted (${changeFailures} of ${metVisitors}), the target is at most ${target} %`
  return [{ key: "targets.changeFailurePercent", what, measured, target, runs: runs.map(ended) }]
}

function stillDown({ outage }: PlaceFigures, { restoreMinutes }: TargetSettings, now: number): Missed[] {
  const measured = outage ? Math.round((now - outage.since) / 1000) : 0
  const target = 60 * restoreMinutes
  if (!outage || target === 0 || measured <= target) return []
  const what = `nothing succeeded since a failure ${describedSpan(measured)} ago, the target is at most ${describedSpan(target)}`
  const run = { ...named(outage.attempt), detail: outage.attempt.verdict ?? "" }
  return [{ key: "targets.restoreMinutes", what, measured, target, runs: [run] }]
}

interface Measure {
  times: Distribution | undefined
  judged(times: Distribution): number
  time(one: Assessment): number | undefined
  culprit?(one: Assessment): Attempt
}

/** @param target seconds; 0 for none. */
function tooLong(
  { assessments }: PlaceFigures,
  key: string,
  what: string,
  target: number,
  { times, judged, time, culprit = ({ attempt }) => attempt }: Measure,
): Missed[] {
  const measured = times ? judged(times) : 0
  if (target === 0 || measured <= target) return []
  const runs = assessments.flatMap((one) => {
    const seconds = time(one) ?? 0
    return seconds > target ? [{ ...named(culprit(one)), detail: describedSpan(seconds) }] : []
  })
  const verb = what.startsWith("95 %") ? "took up to" : "is"
  const sentence = `${what} ${verb} ${describedSpan(measured)}, the target is at most ${describedSpan(target)}`
  return [{ key, what: sentence, measured, target, runs }]
}

const named = ({ entry, commit, run }: Attempt) => ({ entry, commit, run })
const ended = ({ attempt, result, revertedBy }: Assessment): AlertRun => ({
  ...named(attempt),
  detail: revertedBy ? "rolled back by hand" : result,
})
