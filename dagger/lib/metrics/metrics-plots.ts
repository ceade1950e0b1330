import { Component } from "../../src/exposed-types.js"
import type { BudgetSeconds, TargetSettings } from "../settings/settings-types.js"
import { budgetOf } from "./metric-alerts.js"
import type { Figures, Metrics } from "./metrics.js"
import type { Plot, PlotTarget, Tone } from "./plot.js"

/** The plots of a page: frequency, success, lead time and durations, each over the weeks. */
export function metricsPlots({ weeks, components }: Metrics, targets: TargetSettings, budgets: BudgetSeconds): Plot[] {
  const names = weeks.map(({ week }) => week)
  const each = (value: (figures: Figures) => number | undefined) => weeks.map(({ figures }) => value(figures))
  const shared = { weeks: names, isStacked: false, least: 0 }
  return [
    {
      ...shared,
      name: "frequency",
      title: "Deployments by week",
      unit: "deployments",
      isStacked: true,
      least: 4,
      series: [
        { name: "went live", tone: "first", values: each(({ wentLive }) => wentLive) },
        { name: "did not", tone: "bad", values: each(({ deployments, wentLive }) => deployments - wentLive) },
      ],
      targets: [],
    },
    {
      ...shared,
      name: "success",
      title: "Deployments that went live",
      unit: "percent",
      least: 100,
      series: [{ name: "success", tone: "first", values: each(({ successPercent }) => successPercent) }],
      targets: target("at least", targets.successPercent, 1, "first"),
    },
    {
      ...shared,
      name: "lead-time",
      title: "Lead time, median",
      unit: "hours",
      series: [{ name: "commit to live", tone: "first", values: each(({ leadTime }) => over(leadTime?.median, 3600)) }],
      targets: target("at most", targets.leadTimeHours, 1, "first"),
    },
    {
      ...shared,
      name: "durations",
      title: "Duration of deployments, 95th percentile",
      unit: "minutes",
      series: components.map(({ component, weeks }) => ({
        name: component,
        tone: toneOf(component),
        values: weeks.map(({ figures }) => over(figures.deployment?.p95, 60)),
      })),
      targets: components.flatMap(({ component }) =>
        target(`${component} at most`, budgetOf(component, budgets), 60, toneOf(component)),
      ),
    },
  ]
}

const toneOf = (component: string): Tone => (component === Component.Frontend ? "first" : "second")
const over = (value: number | undefined, unit: number) =>
  value === undefined ? undefined : Math.round((100 * value) / unit) / 100
const target = (name: string, value: number, unit: number, tone: Tone): PlotTarget[] =>
  value > 0 ? [{ name: `${name} ${Math.round((10 * value) / unit) / 10}`, value: value / unit, tone }] : []
