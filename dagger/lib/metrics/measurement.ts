import pLimit from "p-limit"
import { Component, Verdict } from "../../src/exposed-types.js"
import { type History, type Place, Purpose } from "../deployment/ledger.js"
import { componentsOf, environmentOf } from "../settings/settings.js"
import type { Settings } from "../settings/settings-types.js"
import { cleaned, type DeploymentRecord, deploymentsJson } from "./deployment-record.js"
import { weeksOutOfRange } from "./errors.js"
import { type Alert, alerts } from "./metric-alerts.js"
import { type Metrics, measured, metricsWindow, readFrom } from "./metrics.js"
import { metricsHtml } from "./metrics-page.js"
import { metricsPlots } from "./metrics-plots.js"
import { describedSummary, metricsBadges, metricsJson, metricsMarkdown, metricsText } from "./metrics-report.js"
import { plotSvg } from "./plot.js"

/** Where the record of the deployments is read from. */
export interface Past {
  history(places: Place[], since: Date): Promise<History>
  /** ISO 8601; "" for a commit that is not known. */
  committedAt(commit: string): Promise<string>
}

/** Which part of the record is measured. */
export interface MeasureRequest {
  /** ISO weeks, with the current one. */
  weeks: number
  /** "" for all of the settings. */
  environment: string
}

/** The metrics, for people and for programs. */
export interface Measurement {
  metrics: Metrics
  alerts: Alert[]
  /** The last complete week in a line. */
  summary: string
  /** For a terminal. */
  text: string
  /** By name: data, Markdown, a page, plots and badges. */
  files: Record<string, string>
}

const mostWeeks = 104
const atOnce = 8

/**
 * Reads the record to measure. Read-only: a deployment neither waits for it nor fails with it.
 * @throws PipelineError when the request is invalid, or when a part can't be read: metrics of a part would be wrong.
 */
export async function readRecord(
  past: Past,
  settings: Settings,
  request: MeasureRequest,
  now: Date,
): Promise<DeploymentRecord> {
  mayBeMeasured(settings, request)
  const history = await past.history(placesOf(settings, request), readFrom(windowOf(now.getTime(), request)))
  const live = history.attempts.filter(
    ({ purpose, verdict }) => purpose === Purpose.Deploy && verdict === Verdict.Success,
  )
  const commits = [...new Set(live.map(({ commit }) => commit))]
  const limit = pLimit(atOnce)
  const dates = await Promise.all(
    commits.map((commit) => limit(async () => [commit, await past.committedAt(commit)] as const)),
  )
  return { history, committedAt: new Map(dates), at: now.getTime() }
}

/** Measures a record up to when it was read. @throws PipelineError when the request is invalid. */
export function measurement(given: DeploymentRecord, settings: Settings, request: MeasureRequest): Measurement {
  const { targets, budgets } = settings
  mayBeMeasured(settings, request)
  const record = cleaned(given)
  const window = windowOf(record.at, request)
  const history = { ...record.history, cut: record.history.cut || Date.parse(record.history.since) > window.from }
  const committedAt = (commit: string) => record.committedAt.get(commit) ?? ""
  const metrics = measured(history, placesOf(settings, request), committedAt, window)
  const missed = alerts(metrics, targets, budgets)
  const plots = metricsPlots(metrics, targets, budgets)
  return {
    metrics,
    alerts: missed,
    summary: describedSummary(metrics),
    text: metricsText(metrics, missed),
    files: {
      "deployments.json": deploymentsJson(record),
      "metrics.json": metricsJson(metrics, missed),
      "metrics.md": metricsMarkdown(metrics, missed),
      "index.html": metricsHtml(metrics, missed, plots),
      ...Object.fromEntries(plots.map((plot) => [`${plot.name}.svg`, plotSvg(plot, true)])),
      ...metricsBadges(metrics, targets),
    },
  }
}

const windowOf = (now: number, { weeks }: MeasureRequest) => metricsWindow(now, weeks)

/** @throws PipelineError when the request is invalid, before anything is read. */
export function mayBeMeasured(settings: Settings, { weeks, environment }: MeasureRequest): void {
  if (!Number.isInteger(weeks) || weeks < 1 || weeks > mostWeeks) throw weeksOutOfRange(weeks, mostWeeks)
  if (environment) environmentOf(settings, environment)
}

/** The components of one environment, or of all. */
function placesOf(settings: Settings, { environment }: MeasureRequest): Place[] {
  const places = environment ? [environmentOf(settings, environment)] : Object.values(settings.environments)
  return places.flatMap((place) => {
    const described = componentsOf(place)
    const components = Object.values(Component).filter((component) => described.includes(component))
    return components.map((component) => ({ component, environment: place.name }))
  })
}
