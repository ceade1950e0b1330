import type { DeploymentStep } from "../deployment/step-log.js"
import { hashed, page } from "../text/page.js"
import { tone } from "../text/page-style.js"
import { escaped, sanitized } from "../text/untrusted.js"
import { count, oneLine } from "../text/wording.js"

/** One scenario of a rehearsal. */
export interface Event {
  name: string
  /** `frontend`, `backend`; "" for both or neither. */
  component: string
  /** "" when it touched none. */
  environment: string
  /** `done`, `failed`, or the verdict of a deployment, such as `rolled-back`. */
  verdict: string
  /** Its result; may be many lines, and untrusted text. */
  detail: string
  /** The steps of a deployment, in order; empty for anything else. */
  steps: DeploymentStep[]
  /** Since the rehearsal began. */
  startMilliseconds: number
  milliseconds: number
  budgetSeconds: number
}

/** The scenarios of a rehearsal, and what it proved. */
export interface Timeline {
  events: Event[]
  /** The first lines of each report: what was proven, or what did not end as expected. */
  conclusion: string[]
  /** What was left out, and for want of what; a sentence each. */
  leftOut: string[]
  /** What a person must still do, with real accounts. */
  byHand: string[]
  passed: boolean
}

/** What was proven, left out and is left to do; then a line for each scenario by start time, its steps below. */
export function timelineText(timeline: Timeline): string {
  const events = inOrder(timeline)
  const heads = ["start", "took", "budget", "ended"]
  const cells = events.map((event) => [
    seconds(event.startMilliseconds),
    seconds(event.milliseconds),
    `${event.budgetSeconds} s`,
    event.verdict,
  ])
  const widths = heads.map((head, column) => Math.max(head.length, ...cells.map((row) => row[column]?.length ?? 0)))
  const row = (texts: string[], name: string) =>
    `${texts.map((text, at) => (at < 3 ? text.padStart(widths[at] ?? 0) : text.padEnd(widths[at] ?? 0))).join("  ")}  ${name}`
  const margin = " ".repeat(widths.reduce((sum, width) => sum + width + 2, 2))
  const lines = events.flatMap((event, at) => [
    row(cells[at] ?? [], `${oneLine(event.name)}${isOver(event) ? "  OVER BUDGET" : ""}`),
    ...below(event).map((line) => `${margin}${line}`),
  ])
  return [...summary(timeline), "", row(heads, "scenario"), ...lines].join("\n")
}

/** The headline, and each part of the summary that there is something of. */
export function summary(timeline: Timeline): string[] {
  return [
    headline(timeline),
    ...parts(timeline).flatMap(([title, lines]) => ["", title, ...lines.map((line) => `  ${sanitized(line)}`)]),
  ]
}

const parts = ({ passed, conclusion, leftOut, byHand }: Timeline): [title: string, lines: string[]][] => {
  const all: [string, string[]][] = [
    [passed ? "Proven" : "Wrong", conclusion],
    ["Left out", leftOut],
    ["Still to do, with real accounts", byHand],
  ]
  return all.filter(([, lines]) => lines.length > 0)
}

function below({ steps, detail }: Event): string[] {
  const walked = steps.map(({ name, milliseconds }) => `${name} ${seconds(milliseconds)}`).join(" · ")
  return [walked, ...sanitized(detail).split("\n")].map((line) => line.trimEnd()).filter(Boolean)
}

function headline(timeline: Timeline): string {
  const { events, passed } = timeline
  const over = events.filter(isOver)
  const budgets =
    over.length === 0 ? "each within its budget" : `over budget: ${over.map(({ name }) => oneLine(name)).join(", ")}`
  return `The rehearsal ${passed ? "passed" : "FAILED"}: ${count(events.length, "scenario")} in ${described(length(timeline))}, ${budgets}.`
}

/** The same for programs; times in whole milliseconds. */
export function timelineJson(timeline: Timeline): string {
  const { passed, conclusion, leftOut, byHand } = timeline
  return `${JSON.stringify({ passed, milliseconds: length(timeline), conclusion, leftOut, byHand, events: inOrder(timeline) }, null, 2)}\n`
}

/** The same as one self-contained page: no script, no font, no network. */
export function timelineHtml(timeline: Timeline): string {
  const { passed } = timeline
  const events = inOrder(timeline)
  const title = `Rehearsal ${passed ? "passed" : "failed"}`
  return page(
    title,
    `<header class="head ${passed ? "good" : "bad"}">
<h1>${title}</h1>
<p>${escaped(headline(timeline).replace(/^The rehearsal \w+: /, ""))}</p>
</header>
${parts(timeline)
  .map(
    ([title, lines]) => `<section>
<h2>${title}</h2>
<ul class="conclusion">
${lines.map((line) => `<li>${hashed(line)}</li>`).join("\n")}
</ul>
</section>`,
  )
  .join("\n")}
<section>
<h2>When</h2>
<figure>
${plot(timeline, events)}
<figcaption>${legend(events)}</figcaption>
</figure>
</section>
<section>
<h2>What</h2>
${events.map(scenario).join("\n")}
</section>`,
    style,
  )
}

/** Names and bars are lines of the page, which wrap on a phone; only the axis is behind all of them. */
function plot(timeline: Timeline, events: Event[]): string {
  const tick = tickOf(length(timeline))
  const end = Math.max(tick, Math.ceil(length(timeline) / tick) * tick)
  const share = (milliseconds: number) => `${((100 * milliseconds) / end).toFixed(2)}%`
  const axis = Array.from({ length: Math.round(end / tick) + 1 }, (_, at) => {
    const anchor = at === 0 ? "start" : at * tick === end ? "end" : "middle"
    return `<line class="grid" x1="${share(at * tick)}" x2="${share(at * tick)}" y1="18" y2="100%"/><text class="tick" x="${share(at * tick)}" y="12" text-anchor="${anchor}">${clock(at * tick)}</text>`
  })
  const rows = events.map((event) => {
    const bar = (start: number, long: number, name: string, kind = "") =>
      `<rect${kind && ` class="${kind}"`} x="${share(start)}" width="${share(long)}" height="9" rx="2"><title>${escaped(`${name}: ${seconds(long)}`)}</title></rect>`
    // As wide as one can see, and then not beyond the end of the axis.
    const wide = Math.max(event.milliseconds, end / 120)
    let from = event.startMilliseconds
    const steps = event.steps.map(({ name, milliseconds }, at) => {
      const begin = at > 0 ? `<line class="between" x1="${share(from)}" x2="${share(from)}" y1="0" y2="9"/>` : ""
      const one = bar(from, milliseconds, name)
      from += milliseconds
      return `${one}${begin}`
    })
    return `<li class="${tone(event.verdict)}">
<div><span class="name">${escaped(oneLine(event.name))}</span></div>
<div><span class="note${isOver(event) ? " beyond" : ""}">${escaped(note(event))}</span></div>
<svg class="bar" width="100%" height="9" role="img" aria-label="${escaped(`${oneLine(event.name)}: ${note(event)}, from ${seconds(event.startMilliseconds)}`)}">
${bar(Math.min(event.startMilliseconds, end - wide), wide, event.name).replace(`: ${seconds(wide)}<`, `: ${seconds(event.milliseconds)}<`)}
${steps.length > 0 ? `<g class="walked">${steps.join("")}</g>` : ""}${isOver(event) ? bar(event.startMilliseconds + allowed(event), event.milliseconds - allowed(event), "over budget", "over") : ""}
</svg>
</li>`
  })
  return `<div class="plot">
<svg class="axis" width="100%" height="100%" aria-hidden="true">${axis.join("")}</svg>
<ol>
${rows.join("\n")}
</ol>
</div>`
}

const note = (event: Event) =>
  `${event.verdict} · ${seconds(event.milliseconds)} of ${event.budgetSeconds} s${isOver(event) ? " · over budget" : ""}`

function legend(events: Event[]): string {
  const verdicts = [...new Set(events.map(({ verdict }) => verdict))]
  return verdicts.map((verdict) => `<span class="key ${tone(verdict)}">${escaped(verdict)}</span>`).join(" ")
}

function scenario(event: Event): string {
  const where = [event.component, event.environment].filter(Boolean).join(" · ")
  const rows = event.steps.map(
    ({ name, milliseconds, detail }) =>
      `<tr><th scope="row">${escaped(name)}</th><td class="number">${seconds(milliseconds)}</td><td class="result">${hashed(detail)}</td></tr>`,
  )
  return `<article class="${tone(event.verdict)}">
<h3>${escaped(oneLine(event.name))}</h3>
<p><span class="key">${escaped(event.verdict)}</span> ${seconds(event.milliseconds)} of ${event.budgetSeconds} s${isOver(event) ? " <strong>over budget</strong>" : ""}${where ? ` · ${escaped(where)}` : ""}</p>
${event.detail ? `<pre>${escaped(event.detail)}</pre>` : ""}
${rows.length > 0 ? `<div class="steps"><table><thead><tr><th scope="col">step</th><th scope="col" class="number">took</th><th scope="col">result</th></tr></thead><tbody>${rows.join("")}</tbody></table></div>` : ""}
</article>`
}

const inOrder = ({ events }: Timeline) =>
  events.toSorted((one, other) => one.startMilliseconds - other.startMilliseconds)
const length = ({ events }: Timeline) =>
  Math.max(0, ...events.map(({ startMilliseconds, milliseconds }) => startMilliseconds + milliseconds))
const allowed = ({ budgetSeconds }: Event) => budgetSeconds * 1000
const isOver = (event: Event) => event.milliseconds > allowed(event)
const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`
const clock = (milliseconds: number) =>
  `${Math.floor(milliseconds / 60_000)}:${String(Math.floor(milliseconds / 1000) % 60).padStart(2, "0")}`

function described(milliseconds: number): string {
  const whole = Math.round(milliseconds / 1000)
  return whole < 60 ? seconds(milliseconds) : `${Math.floor(whole / 60)} min ${whole % 60} s`
}

/** At most six ticks on the axis, each a round time. */
function tickOf(milliseconds: number): number {
  const round = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600]
  return 1000 * (round.find((step) => step * 6000 >= milliseconds) ?? Math.ceil(milliseconds / 6000))
}

const style = `
.conclusion { margin: 0; padding: .75rem 1rem .75rem 2rem; background: var(--card); border: 1px solid var(--line); border-radius: .5rem }
figure { margin: 0; padding: .75rem 1rem; background: var(--card); border: 1px solid var(--line); border-radius: .5rem; break-inside: auto }
figcaption { margin-top: .75rem }
.plot { position: relative; padding-top: 24px }
.plot ol { position: relative; margin: 0; padding: 0; list-style: none }
.plot li { padding: .2rem 0; line-height: 1.3; break-inside: avoid }
.axis { position: absolute; inset: 0; overflow: visible }
.grid { stroke: var(--line) }
.between { stroke: var(--between) }
.tick { fill: var(--quiet); font-size: 12px; font-variant-numeric: tabular-nums }
/* The lines of the axis end where letters are. */
.name, .note { background: var(--card); box-decoration-break: clone }
.name { font-size: 14px; font-weight: 600 } .note { font-size: 12px; color: var(--quiet) } .note.beyond { color: var(--bad) }
.bar { margin-top: .2rem }
@media (min-width: 45rem) { .plot li div { display: inline; margin-right: .75rem } }
article strong { color: var(--bad) }
.key { display: inline-block; padding: 0 .5em; border: 1px solid var(--tone); border-radius: 1em; color: var(--tone); font-size: .85rem; font-weight: 600 }
article { background: var(--card); border: 1px solid var(--line); border-left: .3rem solid var(--tone); border-radius: .5rem; padding: .75rem 1rem; margin: .5rem 0 }
article p { margin: .25rem 0 0; color: var(--quiet); font-size: .9rem }
pre { margin: .5rem 0 0; white-space: pre-wrap; font: .85rem/1.45 ui-monospace, monospace }
`
