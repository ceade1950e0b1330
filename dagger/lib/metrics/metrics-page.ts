import { page } from "../text/page.js"
import { tableHtml } from "../text/table.js"
import { escaped, redacted } from "../text/untrusted.js"
import type { Alert } from "./metric-alerts.js"
import type { Metrics } from "./metrics.js"
import { describedAlert, describedAlerts, describedWindow, nothingDeployed } from "./metrics-report.js"
import { alertRows, cacheTable, failuresTable, notes, ratesTable, timesTable, weeksTable } from "./metrics-tables.js"
import { type Plot, plotStyle, plotSvg, shown } from "./plot.js"

/** One self-contained page: no script, no font, no network. Also well-formed XML. */
export function metricsHtml(metrics: Metrics, alerts: Alert[], plots: Plot[]): string {
  const title = `Delivery, ${describedWindow(metrics)}`
  const isEmpty = metrics.whole.attempts === 0
  const tables = [ratesTable(metrics), timesTable(metrics), cacheTable(metrics)].filter(({ rows }) => rows.length > 0)
  return page(
    title,
    `<h1>${escaped(title)}</h1>
${isEmpty ? `<p>${nothingDeployed}</p>` : alertsHtml(metrics, alerts)}
${isEmpty ? "" : `<section><h2>Numbers</h2>\n${tables.map(tableHtml).join("\n")}\n</section>`}
${isEmpty ? "" : plots.map(plotHtml).join("\n")}
${isEmpty ? "" : `<section><h2>Weeks</h2>\n${tableHtml(weeksTable(metrics))}\n</section>`}
${failuresTable(metrics).rows.length === 0 ? "" : `<section><h2>Failures</h2>\n${tableHtml(failuresTable(metrics))}\n</section>`}
${list("What these numbers leave out", notes(metrics))}
${list("What they mean", meanings)}`,
    `${plotStyle}${style}`,
  )
}

function alertsHtml(metrics: Metrics, alerts: Alert[]): string {
  const one = (alert: Alert) =>
    `<li>${escaped(describedAlert(alert))}<ul>${alertRows(alert)
      .map((run) => `<li>${escaped(redacted(run))}</li>`)
      .join("")}</ul></li>`
  const all = alerts.length > 0 ? `\n<ul>${alerts.map(one).join("\n")}</ul>` : ""
  return `<section class="alerts ${alerts.length > 0 ? "missed" : "met"}"><h2>${escaped(describedAlerts(metrics, alerts))}</h2>${all}</section>`
}

const plotHtml = (plot: Plot) => `<section><h2>${escaped(plot.title)}</h2>
<div class="beside">
<figure class="wide" role="region" aria-label="${escaped(plot.title)}, as a plot" tabindex="0">${plotSvg(plot, false)}</figure>
${tableHtml({
  title: `${plot.title}, ${plot.unit}`,
  heads: ["week", ...plot.series.map(({ name }) => name)],
  words: 1,
  rows: plot.weeks.map((week, at) => [
    week,
    ...plot.series.map(({ values }) => (values[at] === undefined ? "–" : shown(values[at]))),
  ]),
})}
</div>
</section>`

const list = (title: string, lines: string[]) =>
  lines.length === 0
    ? ""
    : `<section><h2>${title}</h2>\n<ul>${lines.map((line) => `<li>${escaped(line)}</li>`).join("\n")}</ul>\n</section>`

const meanings = [
  "A deployment is an attempt with a known result: it succeeded, failed before the switch, was rolled back, or could not be rolled back. A release of both components counts as two.",
  "Success: the share of the deployments that ended live and healthy.",
  "Change failure: the share of the releases that reached visitors and were reverted, automatically or manually.",
  "Rework: the share of the deployments right after a failure or a rollback of the same component in the same environment.",
  "Lead time: from the date of a commit to the end of its first success in a component and an environment.",
  "Time to restore: from the first failure, or from when a release went live that was rolled back manually, to the end of the next success.",
  "Deployment and rollback: from the call to the verdict, checks and builds included, of successes.",
  "From a cache: the share of the slow steps that did not run, because the engine kept what an earlier run left; of the deployments that count them. Slow steps are installs, tests, linters, builds and scans.",
  "95 %: the shortest time that 95 of 100 do not exceed, by the nearest rank.",
]

const style = `
.alerts { border-left: .4rem solid var(--good); padding-left: 1rem; margin: 1rem 0 } .alerts.missed { border-color: var(--bad) }
.alerts h2 { margin: 0 }
figure { margin: 0; padding: .5rem; background: var(--card); border: 1px solid var(--line); border-radius: .5rem }
caption { text-align: left; color: var(--quiet) }
a { color: var(--calm) }
section > .wide + .wide { margin-top: 1.5rem }
/* Below that its letters are too small to read; it scrolls. */
@media screen and (max-width: 45rem) { .plot { min-width: 40rem } }
@media (min-width: 60rem) { .beside { display: grid; grid-template-columns: minmax(0, 2fr) minmax(0, 1fr); gap: 1rem; align-items: start } }
`
