import type { Attempt } from "../deployment/ledger.js"
import { age } from "../deployment/report.js"
import { type Table, tableMarkdown, tableText } from "../text/table.js"
import { code, oneLine } from "../text/wording.js"
import { commits, FitState } from "./fit.js"
import type { ComponentStatus, EnvironmentStatus, LockStatus, Status } from "./status.js"

/** For a terminal: a row for each component, then what the environments, their drift and the gaps come to, then what to type. */
export function statusText(status: Status): string {
  const now = Date.parse(status.at)
  return [
    ...tableText(tableOf(status)),
    ...status.environments.flatMap((one) => ["", ...linesOf(one, now)]),
    "",
    ...wholeOf(status),
  ].join("\n")
}

/** The same for a job summary. All that is not in the table stands as code, so that it formats nothing and mentions nobody. */
export function statusMarkdown(status: Status): string {
  const now = Date.parse(status.at)
  const shown = (lines: string[]) => lines.map((line) => `- ${code(line.trim())}`)
  return [
    "### What is live",
    "",
    ...tableMarkdown(tableOf(status)),
    ...status.environments.flatMap((one) => ["", ...shown(linesOf(one, now))]),
    "",
    ...shown(wholeOf(status)),
    "",
  ].join("\n")
}

const tableOf = ({ at, environments }: Status): Table => ({
  title: "What is live",
  heads: ["environment", "component", "commit", "version", "live since", "age", "by", "health"],
  rows: environments.flatMap(({ environment, components }) =>
    components.map((one) => [environment, one.component, ...rowOf(one, Date.parse(at))]),
  ),
  words: 8,
})

/** What belongs to no single environment, and what to type. */
function wholeOf({ drift, unknown, warnings, next }: Status): string[] {
  const ahead = drift.map(({ component, from, to, ahead, behind }) =>
    ahead + behind === 0
      ? `${component}: ${from} and ${to} serve one commit`
      : `${component}: ${from} is ${commits(ahead)} ahead of ${to}, ${behind} behind`,
  )
  const [first, ...later] = next
  return [
    ...labelled("drift", ahead),
    ...labelled("warning", warnings),
    ...labelled("not known", unknown),
    ...(first ? [`next: ${oneLine(first.command)}`, because(first)] : ["next: nothing to do"]),
    ...later.flatMap((one) => [`then: ${oneLine(one.command)}`, because(one)]),
  ]
}

/** The same for programs; `schema` is the version of its form. */
export const statusJson = (status: Status): string => `${JSON.stringify({ schema: 1, ...status }, null, 2)}\n`

const because = ({ environment, why }: Status["next"][number]) =>
  `why: ${environment && `${environment}: `}${oneLine(why)}`
const labelled = (label: string, lines: string[]) => lines.map((line) => `${label}: ${oneLine(line)}`)
const ago = (time: string, now: number) => age(Math.max(0, Math.round((now - Date.parse(time)) / 1000)))

const rowOf = ({ commit, version, since, by, health, reason }: ComponentStatus, now: number) => [
  commit.slice(0, 7) || "?",
  version || "?",
  since || "?",
  since ? ago(since, now) : "?",
  by || "?",
  `${health}${reason && `: ${reason}`}`,
]

function linesOf({ environment, components, fit, lock, incidents }: EnvironmentStatus, now: number): string[] {
  const ledgers = components.flatMap(({ component, quarantined }) => (quarantined ? [{ component, quarantined }] : []))
  const quarantined = ledgers.flatMap(({ component, quarantined }) =>
    quarantined.map(({ commit, why }) => `${component} ${commit.slice(0, 7)}: ${oneLine(why)}`),
  )
  const open = incidents?.map(
    ({ number, component, cause, since, address }) =>
      `#${number} ${component}, ${oneLine(cause)}, open for ${ago(since, now)}: ${oneLine(address)}`,
  )
  const fits =
    fit.state === FitState.Fits
      ? "its components fit"
      : fit.state === FitState.Unfit
        ? "its components DO NOT FIT"
        : "whether its components fit is not known"
  return [
    `${environment}: ${fits}: ${oneLine(fit.why)}`,
    `  lock         ${typeof lock === "string" ? lock : locked(lock)}`,
    ...components.flatMap((one) => (one.last ? [`  last         ${one.component}: ${attempted(one.last, now)}`] : [])),
    ...listed("quarantined", ledgers.length === components.length ? quarantined : undefined),
    ...listed("incident", open),
  ]
}

const locked = ({ isOver, owner, reason, expires, run }: LockStatus) =>
  `${isOver ? "left behind by" : "held by"} ${oneLine(owner)} (${oneLine(reason)}) until ${expires}${run && `, ${oneLine(run)}`}`

/** A line for each, "none", or that nobody knows. */
const listed = (label: string, lines: string[] | undefined) =>
  (lines ? (lines.length > 0 ? lines : ["none"]) : ["not known"]).map((line) => `  ${label.padEnd(11)}  ${line}`)

function attempted({ purpose, commit, verdict, endedAt, startedAt, actor, reason, run }: Attempt, now: number): string {
  const who = `${actor && `, by ${oneLine(actor)}`}${run && `, ${oneLine(run)}`}`
  const what = `${purpose} ${commit.slice(0, 7)}`
  if (!verdict) return `${what} began ${ago(startedAt, now)} ago and has not ended${who}`
  return `${what} ended ${verdict} ${ago(endedAt, now)} ago${who}${reason && `: ${oneLine(reason)}`}`
}
