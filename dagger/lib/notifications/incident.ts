import type { Component } from "../../src/exposed-types.js"
import { IncidentAction, Verdict } from "../../src/exposed-types.js"
import { deploymentMarkdown } from "../deployment/report.js"
import { shortened, webAddress } from "../text/untrusted.js"
import { code } from "../text/wording.js"
import { failedStep, type Operation, OperationKind, type OperationResult, wasRollback } from "./operation.js"

/** What an incident is about. For each cause there is at most one open incident. */
export interface IncidentSubject {
  environment: string
  component: Component
}

/** Something that a person has to fix. */
export interface Incident extends IncidentSubject {
  /** A stable key, such as `rolled-back/probe-live`; independent of the failure's message. */
  cause: string
  /** Holds no untrusted text. */
  title: string
  /** Markdown; untrusted text in it is escaped as code. */
  body: string
}

/** Closes incidents of a component. */
export interface Recovery extends IncidentSubject {
  /** Whether it closes the incidents of a cause. */
  ends: (cause: string) => boolean
  /** Markdown. */
  comment: string
}

/** Where incidents are kept. */
export interface Tracker {
  /** Opens it, or comments on the one that is open for the same cause. Returns what it did. */
  open(incident: Incident): Promise<string>
  /** Closes the incidents that it ends. Returns which. */
  close(recovery: Recovery): Promise<string>
}

/** Opens or closes a custom incident. Returns what was done. */
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
  // Text without Latin letters makes no key, but must not match every incident.
  const key = causeKey(...cause.split("/")) || (cause.trim() && "by-hand")
  const words = [reason && `Why: ${code(reason)}`, links(run, troubleshooting)].filter(Boolean).join("\n\n")
  if (action === IncidentAction.Close)
    return tracker.close({ environment, component, comment: `Over.\n\n${words}`, ends: (one) => !key || one === key })
  const title = `${environment}: the ${component}, ${!key || key === "by-hand" ? "opened by hand" : key.replaceAll("-", " ")}`
  return tracker.open({ environment, component, cause: key || "by-hand", title, body: words })
}

/** A stable key made from texts. */
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

/** The incidents that a result opens, if `wanted` holds its verdict, or `rollback` for a manual rollback. */
export function incidentsOf(
  operation: Operation,
  result: OperationResult,
  wanted: string[],
  troubleshooting: string,
): Incident[] {
  const { kind, components, environment, reason, run } = operation
  if (kind === OperationKind.Checks) return []
  return components.flatMap((component) => {
    const mine = result.deployments.filter((one) => one.component === component)
    const last = mine.at(-1)
    if (!last && result.deployments.length > 0) return []
    const byHand = kind === OperationKind.Rollback && last?.verdict === Verdict.Success
    // When a release of both components is rolled back, the incident of the failed component covers it.
    if (last && kind !== OperationKind.Rollback && wasRollback(last) && last.verdict === Verdict.Success) return []
    const verdict = last?.verdict ?? result.verdict
    const conflict = last?.schemaConflict === true
    // The version that should go is live: as urgent as a rollback that failed.
    const moments = [byHand ? "rollback" : verdict, ...(conflict ? [Verdict.RollbackFailed] : [])]
    if (!moments.some((moment) => wanted.includes(moment))) return []
    const step = last ? failedStep(last) : result.step
    const report = last ? deploymentMarkdown(last) : abortedMarkdown(result)
    return [
      {
        environment,
        component,
        cause: byHand ? "rollback" : conflict ? "schema-conflict" : causeKey(verdict, step),
        title: byHand
          ? `${environment}: the ${component} was rolled back by hand`
          : conflict
            ? `${environment}: the ${component} can't be rolled back, the database's schema is in the way`
            : `${environment}: the ${component} ended ${verdict}${step && ` (${step})`}`,
        body: [...(byHand ? [`Why: ${code(reason)}`, ""] : []), report, links(run, troubleshooting)].join("\n"),
      },
    ]
  })
}

const abortedMarkdown = ({ failed, reason, next, log }: OperationResult) =>
  [
    `- **failed**: ${code(failed)}`,
    `- **why**: ${code(reason)}`,
    `- **next**: ${code(next)}`,
    "",
    ...(log.length > 0 ? [fenced(log), ""] : []),
  ].join("\n")

/** Untrusted lines as a fenced block. An indented block would belong to the list before it, where text can mention people. */
function fenced(lines: string[]): string {
  const runs = lines.flatMap((line) => line.match(/`+/g) ?? [])
  const fence = "`".repeat(Math.max(3, ...runs.map((run) => run.length + 1)))
  return [fence, ...lines, fence].join("\n")
}

/** The incidents that a result closes. A version that was live already only shows that its host works. */
export function recoveriesOf(operation: Operation, result: OperationResult, troubleshooting: string): Recovery[] {
  const { kind, components, environment, run } = operation
  if (kind === OperationKind.Checks || kind === OperationKind.Rollback) return []
  return components.flatMap((component) => {
    const last = result.deployments.filter((one) => one.component === component).at(-1)
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

/** GitHub takes 65,536 characters; the run's report has the rest. */
export const fitting = (body: string) => shortened(body, 60_000)
