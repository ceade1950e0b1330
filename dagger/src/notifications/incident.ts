import type { Component } from "../component.js"
import { deploymentMarkdown } from "../deployment/report.js"
import { shortened, webAddress } from "../text/untrusted.js"
import { code } from "../text/wording.js"
import { Verdict } from "../verdict.js"
import { failedStep, type Operation, OperationKind, type OperationResult, wasRollback } from "./operation.js"

/** What an incident is about: one is open for each at most. */
export interface IncidentSubject {
  environment: string
  component: Component
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

/** What ends the incidents of a component; `causes` tells which. */
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
    component,
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
    return tracker.close({ environment, component, comment: `Over.\n\n${words}`, ends: (one) => !key || one === key })
  const title = `${environment}: the ${component}, ${!key || key === "by-hand" ? "opened by hand" : key.replaceAll("-", " ")}`
  return tracker.open({ environment, component, cause: key || "by-hand", title, body: words })
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

/** What an operation's end opens, as far as `wanted` names its verdict, or `rollback` for one by hand. */
export function incidentsOf(
  operation: Operation,
  ending: OperationResult,
  wanted: string[],
  troubleshooting: string,
): Incident[] {
  const { kind, components, environment, reason, run } = operation
  if (kind === OperationKind.Checks) return []
  return components.flatMap((component) => {
    const mine = ending.deployments.filter((one) => one.component === component)
    const last = mine.at(-1)
    if (!last && ending.deployments.length > 0) return []
    const byHand = kind === OperationKind.Rollback && last?.verdict === Verdict.Success
    // The way back of a release of both components is told with the component that failed.
    if (last && kind !== OperationKind.Rollback && wasRollback(last) && last.verdict === Verdict.Success) return []
    const verdict = last?.verdict ?? ending.verdict
    if (!wanted.includes(byHand ? "rollback" : verdict)) return []
    const step = last ? failedStep(last) : ending.step
    const account = last ? deploymentMarkdown(last) : brokenOffMarkdown(ending)
    return [
      {
        environment,
        component,
        cause: byHand ? "rollback" : causeKey(verdict, step),
        title: byHand
          ? `${environment}: the ${component} was rolled back by hand`
          : `${environment}: the ${component} ended ${verdict}${step && ` (${step})`}`,
        body: [...(byHand ? [`Why: ${code(reason)}`, ""] : []), account, links(run, troubleshooting)].join("\n"),
      },
    ]
  })
}

const brokenOffMarkdown = ({ failed, reason, next, log }: OperationResult) =>
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

/** What an operation's end puts right. A version that was there already shows that its host serves, no more. */
export function recoveriesOf(operation: Operation, ending: OperationResult, troubleshooting: string): Recovery[] {
  const { kind, components, environment, run } = operation
  if (kind === OperationKind.Checks || kind === OperationKind.Rollback) return []
  return components.flatMap((component) => {
    const last = ending.deployments.filter((one) => one.component === component).at(-1)
    if (!last || wasRollback(last)) return []
    if (last.verdict !== Verdict.Success && last.verdict !== Verdict.NoChange) return []
    const all = last.verdict === Verdict.Success
    const comment = `Over: ${code(last.commit)} is live and answers.\n\n${links(run, troubleshooting)}`
    return [
      { environment, component, comment, ends: (cause) => all || /^(?:inconclusive|rollback-failed)\b/.test(cause) },
    ]
  })
}

const links = (run: string, troubleshooting: string) => {
  const address = webAddress(run)
  return [address && `[Run](<${address}>)`, `[Troubleshooting](<${troubleshooting}>)`].filter(Boolean).join(" · ")
}

/** GitHub takes 65,536 characters; what is cut off stands in the run's report. */
export const fitting = (body: string) => shortened(body, 60_000)
