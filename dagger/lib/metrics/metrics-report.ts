import type { TargetSettings } from "../settings/settings-types.js"
import { BadgeColour, badge } from "../text/badge.js"
import { type Table, tableMarkdown, tableText } from "../text/table.js"
import { code, count } from "../text/wording.js"
import type { Alert } from "./metric-alerts.js"
import type { Figures, Metrics } from "./metrics.js"
import { alertRows, cacheTable, failuresTable, notes, ratesTable, timesTable, weeksTable } from "./metrics-tables.js"
import { describedSpan } from "./time-span.js"

export const nothingDeployed = "No deployments in this window."
const isEmpty = ({ whole }: Metrics) => whole.attempts === 0
const some = (tables: Table[]) => tables.filter(({ rows }) => rows.length > 0)

/** Such as `2026-09-07 to 2026-11-24, 12 weeks, UTC`. */
export function describedWindow({ from, to, weeks }: Metrics): string {
  return `${from.slice(0, 10)} to ${to.slice(0, 10)}, ${count(weeks.length, "week")}, UTC`
}

export function describedAlerts({ whole }: Metrics, alerts: Alert[]): string {
  if (whole.deployments + whole.rollbacks === 0 && alerts.length === 0)
    return "No deployment or rollback to compare with the targets."
  if (alerts.length === 0) return "Every target is met."
  return `${count(alerts.length, "target is", "targets are")} missed:`
}

export const describedAlert = ({ component, environment, what }: Alert) => `${component} of ${environment}: ${what}.`

/** The metrics for a terminal. */
export function metricsText(metrics: Metrics, alerts: Alert[]): string {
  const head = `Delivery, ${describedWindow(metrics)}`
  const below = [...notes(metrics), ...(isEmpty(metrics) ? [] : [describedSummary(metrics)])]
  const tables = isEmpty(metrics)
    ? []
    : some([ratesTable(metrics), timesTable(metrics), cacheTable(metrics), weeksTable(metrics)])
  return [
    head,
    "",
    ...(isEmpty(metrics) ? [nothingDeployed] : []),
    ...tables.flatMap((table) => [...tableText(table), ""]),
    ...(isEmpty(metrics) ? [] : [describedAlerts(metrics, alerts)]),
    ...alerts.flatMap((alert) => [`  ${describedAlert(alert)}`, ...alertRows(alert).map((run) => `    ${run}`)]),
    ...(below.length > 0 ? ["", ...below] : []),
  ].join("\n")
}

/** The same for a job summary. */
export function metricsMarkdown(metrics: Metrics, alerts: Alert[]): string {
  const all = [ratesTable, timesTable, cacheTable, weeksTable, (it: Metrics) => failuresTable(it)]
  const tables = all.map((table) => table(metrics))
  const lines = isEmpty(metrics)
    ? [nothingDeployed]
    : [
        describedAlerts(metrics, alerts),
        ...(alerts.length > 0 ? [""] : []),
        ...alerts.flatMap((alert) => [
          `- **${describedAlert(alert)}**`,
          ...alertRows(alert).map((run) => `  - ${code(run)}`),
        ]),
        ...some(tables).flatMap((table) => ["", `### ${table.title}`, "", ...tableMarkdown(table)]),
      ]
  const below = notes(metrics)
  return [
    `## Delivery, ${describedWindow(metrics)}`,
    "",
    ...lines,
    ...(below.length > 0 ? ["", "### What these numbers leave out", "", ...below.map((note) => `- ${note}`)] : []),
    "",
  ].join("\n")
}

/** Goes up when a key changes its meaning or is removed. */
const schema = 2

/** The same for other programs; times are whole seconds, and what could not be measured is null. */
export function metricsJson(metrics: Metrics, alerts: Alert[]): string {
  const places = metrics.places.map(({ assessments: _, outage, ...place }) => {
    const { entry, commit, run } = outage?.attempt ?? {}
    return { ...place, outage: outage && { since: new Date(outage.since).toISOString(), entry, commit, run } }
  })
  const all = { schema, ...metrics, places, alerts, summary: describedSummary(metrics) }
  return `${JSON.stringify(all, (_, value: unknown) => (value === undefined ? null : value), 2)}\n`
}

/** The last complete week in a line, for a chat; without one, the whole window. */
export function describedSummary({ weeks, whole }: Metrics): string {
  const last = weeks.findLast(({ isWhole }) => isWhole)
  const { deployments, wentLive, rollbacks, leadTime, successPercent } = last?.figures ?? whole
  const when = last?.week ?? "This window"
  if (deployments + rollbacks === 0) return `${when}: no deployments.`
  return `${when}: ${[
    `${wentLive} of ${count(deployments, "deployment")} went live${successPercent === undefined ? "" : ` (${successPercent} %)`}`,
    ...(rollbacks > 0 ? [`${count(rollbacks, "rollback")} by hand`] : []),
    ...(leadTime ? [`lead time ${describedSpan(leadTime.median)}`] : []),
  ].join(", ")}.`
}

/** Badges of the window, by file name: green where the target is met, grey where nothing was measured. */
export function metricsBadges({ whole, from, to }: Metrics, targets: TargetSettings): Record<string, string> {
  const when = `${from.slice(0, 10)} to ${to.slice(0, 10)}`
  const one = (label: string, value: string | undefined, isMissed: boolean) => {
    const colour = value === undefined ? BadgeColour.Unknown : isMissed ? BadgeColour.Bad : BadgeColour.Good
    return badge(label, value ?? "no data", colour, `${label}: ${value ?? "no data"}, ${when}`)
  }
  const span = (seconds: number | undefined) => (seconds === undefined ? undefined : describedSpan(seconds))
  const isOver = (seconds: number | undefined, most: number) => most > 0 && (seconds ?? 0) > most
  const [lead, restore] = [whole.leadTime?.median, whole.restore?.median]
  return {
    "badge-success.svg": one(
      "deployments",
      inPercent(whole),
      100 * whole.wentLive < targets.successPercent * whole.deployments,
    ),
    "badge-frequency.svg": one("deploys", whole.deployments > 0 ? `${whole.perWeek} a week` : undefined, false),
    "badge-lead-time.svg": one("lead time", span(lead), isOver(lead, 3600 * targets.leadTimeHours)),
    "badge-restore.svg": one("time to restore", span(restore), isOver(restore, 60 * targets.restoreMinutes)),
  }
}

const inPercent = ({ successPercent }: Figures) => (successPercent === undefined ? undefined : `${successPercent} %`)
