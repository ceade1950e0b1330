import { Verdict } from "../../src/exposed-types.js"
import { cell, type Table } from "../text/table.js"
import { count } from "../text/wording.js"
import type { AttemptResult } from "./assessment.js"
import type { Distribution } from "./distribution.js"
import type { Alert } from "./metric-alerts.js"
import type { Figures, Metrics } from "./metrics.js"
import { describedSpan } from "./time-span.js"

const none = "–"
const percent = (value: number | undefined) => (value === undefined ? none : `${value} %`)
const span = (seconds: number | undefined) => (seconds === undefined ? none : describedSpan(seconds))
const named = ({ whole, places }: Metrics) => [
  ...places.map(({ component, environment, figures }) => ({ names: [component, environment], figures })),
  ...(places.length > 1 ? [{ names: ["all", "all"], figures: whole }] : []),
]

export function ratesTable(metrics: Metrics): Table {
  const heads = [
    "component",
    "environment",
    "deployments",
    "went live",
    "a week",
    "success",
    "change failure",
    "rework",
  ]
  return {
    title: "How often, and how well",
    heads: [...heads, "rollbacks"],
    words: 2,
    rows: named(metrics).map(({ names, figures: it }) => [
      ...names,
      `${it.deployments}`,
      `${it.wentLive}`,
      `${it.perWeek}`,
      percent(it.successPercent),
      percent(it.changeFailurePercent),
      percent(it.reworkPercent),
      `${it.rollbacks}`,
    ]),
  }
}

const kinds: [name: string, of: (figures: Figures) => Distribution | undefined][] = [
  ["lead time", ({ leadTime }) => leadTime],
  ["time to restore", ({ restore }) => restore],
  ["deployment", ({ deployment }) => deployment],
  ["rollback", ({ rollback }) => rollback],
]

/** Has a row only for what was measured. */
export function timesTable(metrics: Metrics): Table {
  return {
    title: "How long",
    heads: ["component", "environment", "time", "count", "average", "median", "95 %"],
    words: 3,
    rows: named(metrics).flatMap(({ names, figures }) =>
      kinds.flatMap(([name, of]) => {
        const times = of(figures)
        if (!times) return []
        const { count, average, median, p95 } = times
        return [[...names, name, `${count}`, span(average), span(median), span(p95)]]
      }),
    ),
  }
}

/** How often slow steps came from a cache; has a row only where entries count them. */
export function cacheTable(metrics: Metrics): Table {
  return {
    title: "From a cache",
    heads: ["component", "environment", "runs", "slow steps", "from a cache", "not known", "share"],
    words: 2,
    rows: named(metrics)
      .filter(({ figures }) => figures.cache.runs > 0)
      .map(({ names, figures: { cache } }) => [
        ...names,
        `${cache.runs}`,
        `${cache.steps}`,
        `${cache.cached}`,
        `${cache.unknown}`,
        percent(cache.percent),
      ]),
  }
}

export function weeksTable({ weeks }: Metrics): Table {
  return {
    title: "By week",
    heads: ["week", "begins", "went live", "did not", "success", "lead time", "restore", "deployment", "rollback"],
    words: 2,
    rows: weeks.map(({ week, start, isWhole, figures: it }) => [
      week,
      `${start.slice(0, 10)}${isWhole ? "" : " (partial)"}`,
      `${it.wentLive}`,
      `${it.deployments - it.wentLive}`,
      percent(it.successPercent),
      span(it.leadTime?.median),
      span(it.restore?.median),
      span(it.deployment?.p95),
      span(it.rollback?.p95),
    ]),
  }
}

/** The newest failures of all places, newest first. */
export function failuresTable({ places }: Metrics, most = 20): Table {
  const all = places
    .flatMap(({ assessments }) => assessments)
    .filter(({ isChangeFailure, isDeployment, isRollback, wentLive, result }) =>
      isRollback ? result !== Verdict.Success : isChangeFailure || (isDeployment && !wentLive),
    )
    .toSorted((one, other) => other.at - one.at)
  return {
    title: all.length > most ? `The newest ${most} of ${all.length} failures` : "Failures",
    heads: ["ended", "component", "environment", "commit", "how", "why", "by", "run"],
    words: 8,
    rows: all
      .slice(0, most)
      .map(({ at, attempt, result, revertedBy }) => [
        `${new Date(at).toISOString().slice(0, 16).replace("T", " ")}`,
        attempt.component,
        attempt.environment,
        attempt.commit.slice(0, 7),
        revertedBy ? "rolled back by hand" : result,
        revertedBy?.why ?? attempt.reason,
        attempt.actor,
        attempt.run,
      ]),
  }
}

export function alertRows({ runs }: Alert, most = 10): string[] {
  const shown = runs
    .slice(0, most)
    .map(({ commit, detail, run, entry }) => cell(`${commit.slice(0, 7)} ${detail} ${run || `entry ${entry}`}`))
  return runs.length > most ? [...shown, `and ${runs.length - most} more, in metrics.json`] : shown
}

const refusedVerdicts: AttemptResult[] = [Verdict.Refused, Verdict.Locked, Verdict.Superseded, Verdict.NoChange]

/** What the metrics leave out, and how many of each; a sentence each. */
export function notes({ whole, from, cut, foreign, unreadable }: Metrics): string[] {
  const { results, leftOut, cache } = whole
  const refused = refusedVerdicts.flatMap((result) => (results[result] ? [`${results[result]} ${result}`] : []))
  const line = (number: number | undefined, one: string, many: string) =>
    number ? [`${count(number, one, many)}.`] : []
  return [
    ...(cut ? [`Older attempts were not read: these numbers begin at ${from.slice(0, 16)}Z.`] : []),
    ...(refused.length > 0 ? [`Refused, and in no rate: ${refused.join(", ")}.`] : []),
    ...line(
      results[Verdict.Inconclusive],
      "attempt ended inconclusive, and is in no rate",
      "attempts ended inconclusive, and are in no rate",
    ),
    ...line(results.running, "attempt is running", "attempts are running"),
    ...line(
      results["left-open"],
      "attempt never ended: its run was killed, and no run followed",
      "attempts never ended: their runs were killed, and no run followed",
    ),
    ...line(
      leftOut.killed,
      "success has no times: its run was killed, and a later run found it live",
      "successes have no times: their runs were killed, and later runs found them live",
    ),
    ...line(
      leftOut["clock-skew"],
      "attempt has a negative time, which is left out: its clocks differ",
      "attempts have a negative time, which is left out: their clocks differ",
    ),
    ...line(
      leftOut["commit-unknown"],
      "success has no lead time: the date of its commit is unknown",
      "successes have no lead time: the dates of their commits are unknown",
    ),
    ...line(
      cache.without,
      "deployment does not say what came from a cache, and is not in that share",
      "deployments do not say what came from a cache, and are not in that share",
    ),
    ...line(
      foreign,
      "deployment was recorded by another program, and is skipped",
      "deployments were recorded by other programs, and are skipped",
    ),
    ...line(
      unreadable,
      "entry of the ledger can't be read, and is skipped",
      "entries of the ledger can't be read, and are skipped",
    ),
  ]
}
