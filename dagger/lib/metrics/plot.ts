import { pageColours } from "../text/page-style.js"
import { escaped } from "../text/untrusted.js"

/** Values over weeks, as one picture. */
export interface Plot {
  /** File name without its extension; also its ID on a page. */
  name: string
  title: string
  /** Of its values, such as `hours`. */
  unit: string
  weeks: string[]
  series: PlotSeries[]
  targets: PlotTarget[]
  /** Stacked bars, or else lines. */
  isStacked: boolean
  /** The least end of the axis; 0 for that of the values. */
  least: number
}

export interface PlotSeries {
  name: string
  tone: Tone
  /** One for each week; `undefined` for none: the line then has a gap. */
  values: (number | undefined)[]
}

export interface PlotTarget {
  name: string
  value: number
  tone: Tone
}

/** Distinguished by shape and dash too, not only by colour. */
export type Tone = "first" | "second" | "bad"

const [width, height] = [720, 280]
const [left, right, top, bottom] = [56, 16, 56, 40]
const [across, down] = [width - left - right, height - top - bottom]

/**
 * The plot as SVG. Written here because chart libraries need a browser's document, and loading one would slow every call down.
 * @param isAlone as a separate file with its own colours; on a page it uses the page's.
 */
export function plotSvg(plot: Plot, isAlone: boolean): string {
  const { name, title, unit, weeks, series, targets } = plot
  const end = endOf(plot)
  const y = (value: number) => round(top + down * (1 - value / end))
  const x = (week: number) => round(left + (across * (week + 0.5)) / Math.max(1, weeks.length))
  const isEmpty = series.every(({ values }) => values.every((value) => value === undefined))
  const every = Math.ceil(weeks.length / 12)
  const ticks = isEmpty ? [] : [0, 0.25, 0.5, 0.75, 1].map((share) => share * end)
  return `<svg xmlns="http://www.w3.org/2000/svg" class="plot" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${name}-title ${name}-desc">
<title id="${name}-title">${escaped(title)}</title>
<desc id="${name}-desc">${escaped(describedPlot(plot))}</desc>
${isAlone ? `<style>${pageColours}${plotStyle}</style>\n<rect class="ground" width="${width}" height="${height}"/>\n` : ""}<text class="name" x="${left}" y="18">${escaped(title)}</text><text class="tick" x="${width - right}" y="18" text-anchor="end">${escaped(`in ${unit}`)}</text>
<g class="legend">${legend(series, targets)}</g>
${ticks.map((value) => `<line class="grid" x1="${left}" x2="${width - right}" y1="${y(value)}" y2="${y(value)}"/><text class="tick" x="${left - 8}" y="${y(value) + 4}" text-anchor="end">${shown(value)}</text>`).join("\n")}
${weeks.map((week, at) => ((weeks.length - 1 - at) % every === 0 ? `<text class="tick" x="${x(at)}" y="${height - 16}" text-anchor="middle">${escaped(week.slice(-3))}</text>` : "")).join("")}
${isEmpty ? `<text class="tick" x="${left + across / 2}" y="${top + down / 2}" text-anchor="middle">nothing to show in this window</text>` : ""}
${plot.isStacked ? bars(plot, x, y) : series.map((one) => line(one, weeks, unit, x, y)).join("\n")}
${isEmpty ? "" : targets.map(({ tone, value, name }) => `<line class="target ${tone}" x1="${left}" x2="${width - right}" y1="${y(value)}" y2="${y(value)}"><title>${escaped(`${name}: ${shown(value)} ${unit}`)}</title></line>`).join("\n")}
</svg>
`
}

/** The content of the plot as text, for screen readers. */
export function describedPlot({ unit, weeks, series, targets }: Plot): string {
  const points = weeks.flatMap((week, at) => {
    const values = series.flatMap(({ name, values }) =>
      values[at] === undefined ? [] : [`${name} ${shown(values[at])}`],
    )
    return values.length > 0 ? [`${week}: ${values.join(", ")}`] : []
  })
  const held = targets.map(({ name, value }) => `${name} ${shown(value)}`)
  return [`In ${unit}.`, ...held, ...(points.length > 0 ? points : ["nothing in this window"])]
    .join("; ")
    .replace(".;", ".")
}

/** At most one place after the point. */
export const shown = (value: number) => `${Math.round(value * 10) / 10}`

/** Where the axis ends: a round number that is divisible into four steps. */
function endOf({ weeks, series, targets, isStacked, least }: Plot): number {
  const tops = weeks.map((_, at) =>
    isStacked
      ? series.reduce((sum, { values }) => sum + (values[at] ?? 0), 0)
      : Math.max(0, ...series.map(({ values }) => values[at] ?? 0)),
  )
  const most = Math.max(least, ...targets.map(({ value }) => value), ...tops)
  if (most === least) return most
  const steps = [1, 1.2, 1.6, 2, 2.4, 3, 4, 6, 8, 10]
  for (let size = 1; ; size *= 10)
    // Bars count things, so their steps are whole numbers.
    for (const step of steps.map((each) => each * size))
      if (4 * step >= most && !(isStacked && !Number.isInteger(step))) return 4 * step
}

function bars({ weeks, series, unit }: Plot, x: (week: number) => number, y: (value: number) => number): string {
  const wide = round(Math.min(40, (across / Math.max(1, weeks.length)) * 0.7))
  return weeks
    .flatMap((week, at) => {
      let below = 0
      return series.map(({ name, tone, values }) => {
        const value = values[at] ?? 0
        if (value === 0) return ""
        const from = y(below + value)
        const bar = `<rect class="bar ${tone}" x="${round(x(at) - wide / 2)}" y="${from}" width="${wide}" height="${round(y(below) - from)}"><title>${escaped(`${week}: ${name} ${shown(value)} ${unit}`)}</title></rect>`
        below += value
        return bar
      })
    })
    .filter(Boolean)
    .join("\n")
}

function line(
  { name, tone, values }: PlotSeries,
  weeks: string[],
  unit: string,
  x: (week: number) => number,
  y: (value: number) => number,
): string {
  const path = values
    .map((value, at) => (value === undefined ? "" : `${values[at - 1] === undefined ? "M" : "L"}${x(at)} ${y(value)}`))
    .join("")
  const marks = values.map((value, at) =>
    value === undefined ? "" : mark(tone, x(at), y(value), `${weeks[at] ?? ""}: ${name} ${shown(value)} ${unit}`),
  )
  return `<path class="line ${tone}" d="${path || "M0 0"}"/>${marks.join("")}`
}

/** A square for the second of two, a circle for the first. */
function mark(tone: Tone, x: number, y: number, title = ""): string {
  const inside = title && `<title>${escaped(title)}</title>`
  return tone === "second"
    ? `<rect class="mark ${tone}" x="${round(x - 4)}" y="${round(y - 4)}" width="8" height="8">${inside}</rect>`
    : `<circle class="mark ${tone}" cx="${x}" cy="${y}" r="4.5">${inside}</circle>`
}

function legend(series: PlotSeries[], targets: PlotTarget[]): string {
  let x = left
  const entry = (picture: (x: number) => string, words: string) => {
    const drawn = `${picture(x)}<text class="tick" x="${x + 26}" y="40">${escaped(words)}</text>`
    x += 40 + Math.round([...words].length * 6.4)
    return drawn
  }
  return [
    ...series.map(({ name, tone }) => entry((at) => mark(tone, at + 12, 36), name)),
    ...targets.map(({ name, tone }) =>
      entry((at) => `<line class="target ${tone}" x1="${at}" x2="${at + 22}" y1="36" y2="36"/>`, name),
    ),
  ].join("")
}

const round = (value: number) => Math.round(value * 100) / 100

/** The styles of plots, in addition to the colours of the page. */
export const plotStyle = `
.plot { display: block; width: 100%; height: auto; font-family: system-ui, sans-serif }
.plot .ground { fill: var(--card) } .plot .grid { stroke: var(--line) }
.plot .tick { fill: var(--quiet); font-size: 12px } .plot .name { fill: var(--ink); font-size: 14px; font-weight: 600 }
.plot .first { --tone: var(--calm) } .plot .second { --tone: var(--warn) } .plot .bad { --tone: var(--bad) }
.plot .bar, .plot .mark { fill: var(--tone); stroke: var(--card); stroke-width: 1 }
.plot .line { fill: none; stroke: var(--tone); stroke-width: 2 }
.plot .target { stroke: var(--tone); stroke-width: 2; stroke-dasharray: 6 4 } .plot .target.second { stroke-dasharray: 2 4 }
`
