import type { Half } from "./deployment.js"
import { code, deploymentMarkdown } from "./deployment-report.js"
import { type Errand, type ErrandEnding, ErrandKind, failedStep, wasRollback } from "./errand.js"
import { shortened, webAddress } from "./untrusted.js"
import { Verdict } from "./verdict.js"

/** What an incident is about: one is open for each at most. */
export interface IncidentSubject {
  environment: string
  half: Half
}

/** Something that a person has to look after. */
export interface Incident extends IncidentSubject {
  /** A stable key, such as `rolled-back/probe-live`, whatever the words of the failure are. */
  cause: string
  /** Our words only. */
  title: string
  /** Markdown, in which the words of others have no power. */
  body: string
}

/** What ends the incidents of a half; `causes` tells which. */
export interface Recovery extends IncidentSubject {
  ends: (cause: string) => boolean
  /** Markdown. */
  comment: string
}

/** Where incidents are kept. */
export interface Tracker {
  /** Opens it, or adds to the one that is open for the same cause; says what was done. */
  open(incident: Incident): Promise<string>
  /** Closes those that it ends; says which. */
  close(recovery: Recovery): Promise<string>
}

export enum IncidentAction {
  Open = "open",
  Close = "close",
}

/** Opens or closes an incident of somebody's own; says what was done. */
export function settled(
  tracker: Tracker,
  action: IncidentAction,
  {
    environment,
    half,
    cause,
    reason,
    run,
    troubleshooting,
  }: IncidentSubject & {
    cause: string
    reason: string
    run: string
    troubleshooting: string
  },
): Promise<string> {
  // Words without a Latin letter make no key; they still name something, and not everything.
  const key = causeKey(...cause.split("/")) || (cause.trim() && "by-hand")
  const words = [reason && `Why: ${code(reason)}`, links(run, troubleshooting)].filter(Boolean).join("\n\n")
  if (action === IncidentAction.Close)
    return tracker.close({ environment, half, comment: `Over.\n\n${words}`, ends: (one) => !key || one === key })
  const title = `${environment}: the ${half}, ${!key || key === "by-hand" ? "opened by hand" : key.replaceAll("-", " ")}`
  return tracker.open({ environment, half, cause: key || "by-hand", title, body: words })
}

/** A stable key out of our own words. */
export const causeKey = (...words: string[]) =>
  words
    .map((word) =>
      word
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, "-")
        .replace(/^-|-$/g, ""),
    )
    .filter(Boolean)
    .join("/")

/** What an errand's end opens, as far as `wanted` names its verdict, or `rollback` for one by hand. */
export function incidentsOf(
  errand: Errand,
  ending: ErrandEnding,
  wanted: string[],
  troubleshooting: string,
): Incident[] {
  const { kind, halves, environment, reason, run } = errand
  if (kind === ErrandKind.Checks) return []
  return halves.flatMap((half) => {
    const mine = ending.deployments.filter((one) => one.half === half)
    const last = mine.at(-1)
    if (!last && ending.deployments.length > 0) return []
    const byHand = kind === ErrandKind.Rollback && last?.verdict === Verdict.Success
    // The way back of a release of both halves is told with the half that failed.
    if (last && kind !== ErrandKind.Rollback && wasRollback(last) && last.verdict === Verdict.Success) return []
    const verdict = last?.verdict ?? ending.verdict
    if (!wanted.includes(byHand ? "rollback" : verdict)) return []
    const step = last ? failedStep(last) : ending.step
    const account = last ? deploymentMarkdown(last) : brokenOffMarkdown(ending)
    return [
      {
        environment,
        half,
        cause: byHand ? "rollback" : causeKey(verdict, step),
        title: byHand
          ? `${environment}: the ${half} was rolled back by hand`
          : `${environment}: the ${half} ended ${verdict}${step && ` (${step})`}`,
        body: [...(byHand ? [`Why: ${code(reason)}`, ""] : []), account, links(run, troubleshooting)].join("\n"),
      },
    ]
  })
}

const brokenOffMarkdown = ({ failed, reason, next, log }: ErrandEnding) =>
  [
    `- **failed**: ${code(failed)}`,
    `- **why**: ${code(reason)}`,
    `- **next**: ${code(next)}`,
    "",
    ...(log.length > 0 ? [fenced(log), ""] : []),
  ].join("\n")

/** Lines of others as a block of code. Indented ones would belong to the list before them, as text that can name people. */
function fenced(lines: string[]): string {
  const runs = lines.flatMap((line) => line.match(/`+/g) ?? [])
  const fence = "`".repeat(Math.max(3, ...runs.map((run) => run.length + 1)))
  return [fence, ...lines, fence].join("\n")
}

/** What an errand's end puts right. A version that was there already shows that its host serves, no more. */
export function recoveriesOf(errand: Errand, ending: ErrandEnding, troubleshooting: string): Recovery[] {
  const { kind, halves, environment, run } = errand
  if (kind === ErrandKind.Checks || kind === ErrandKind.Rollback) return []
  return halves.flatMap((half) => {
    const last = ending.deployments.filter((one) => one.half === half).at(-1)
    if (!last || wasRollback(last)) return []
    if (last.verdict !== Verdict.Success && last.verdict !== Verdict.NoChange) return []
    const all = last.verdict === Verdict.Success
    const comment = `Over: ${code(last.commit)} is live and answers.\n\n${links(run, troubleshooting)}`
    return [{ environment, half, comment, ends: (cause) => all || /^(?:inconclusive|rollback-failed)\b/.test(cause) }]
  })
}

const links = (run: string, troubleshooting: string) => {
  const address = webAddress(run)
  return [address && `[Run](<${address}>)`, `[Troubleshooting](<${troubleshooting}>)`].filter(Boolean).join(" · ")
}

/** GitHub takes 65,536 characters; what is cut off stands in the run's report. */
export const fitting = (body: string) => shortened(body, 60_000)
