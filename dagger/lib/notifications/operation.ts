import type { Component } from "../../src/exposed-types.js"
import { Verdict } from "../../src/exposed-types.js"
import type { Deployment } from "../deployment/outcome.js"
import type { ProductDeployment } from "../deployment/product-release.js"
import type { StepLog } from "../deployment/step-log.js"
import { Step } from "../deployment/tracer.js"
import type { UndoPlace } from "../deployment/undo.js"
import { explained } from "../errors.js"
import { redacted, sanitized, tail } from "../text/untrusted.js"

export enum OperationKind {
  Deployment = "deployment",
  Rollback = "rollback",
  Promotion = "promotion",
  Checks = "checks",
}

/** What a call is about to do, as far as it is known at the start. */
export interface Operation {
  kind: OperationKind
  /** The components that it changes, in order; empty for checks. */
  components: Component[]
  /** "" for checks. */
  environment: string
  /** "" when the run chooses it. */
  commit: string
  /** Why, of a rollback; "" otherwise. */
  reason: string
  /** Who, and the address of the run. */
  actor: string
  run: string
  /** Variables that hold the environment's secrets, for the command in the notification. */
  secrets?: UndoPlace["secrets"]
  /** As whom the call is at the registry, for the same command. */
  registry?: UndoPlace["registry"]
  /** What people type before a function, for the same command. */
  call?: UndoPlace["call"]
}

/** How an operation ended. */
export interface OperationResult {
  verdict: Verdict
  commit: string
  /** The deployments of the components, in order; a component is in it twice when it was rolled back. Empty when none began. */
  deployments: Deployment[]
  /** Whole milliseconds. */
  milliseconds: number
  /** Name of the step that failed; "" after a success. */
  step: string
  /** What failed and why; "" after a success. */
  failed: string
  reason: string
  next: string
  /** Last lines of the output, when it was aborted. */
  log: string[]
  /** Command that reverts it; "" when nothing changed. */
  undo: string
}

/** Whether a rollback is needed and the database's schema is in its way: a person has to fix it, at whatever hour. */
export const isSchemaConflict = (result: OperationResult | undefined): boolean =>
  (result?.deployments ?? []).some(({ schemaConflict }) => schemaConflict === true)

/** Steps of the rollback and of the records: no failure begins there. */
const afterwards = new Set<string>([Step.Restore, Step.ProbeRestored, Step.Record, Step.Unlock])

/** The step at which a deployment failed. */
export const failedStep = ({ steps }: Deployment) => steps.findLast(({ name }) => !afterwards.has(name))?.name ?? ""

/** Whether it restored an earlier release. */
export const wasRollback = ({ steps }: Deployment) => steps.some(({ name }) => name === Step.Choose)

/** How a deployment of one component, or of both, ended. */
export function resultOf(result: Deployment | ProductDeployment): OperationResult {
  const { verdict, commit, failed, reason, next, undo } = result
  const deployments = "components" in result ? result.components : [result]
  const culprit = deployments.find((one) => one.failed !== "")
  const warnings = [...new Set(deployments.flatMap((one) => one.warnings ?? []))]
  return {
    ...{ verdict, commit, failed, next, undo, deployments },
    reason: [reason, ...warnings].filter(Boolean).join("; "),
    milliseconds: deployments.reduce((sum, one) => sum + one.milliseconds, 0),
    step: culprit ? failedStep(culprit) : "",
    log: [],
  }
}

/** The first failed step by the order of the steps, not by time: of parallel steps any may end last. */
function brokenStep({ steps }: StepLog): string {
  const failed = steps.filter(({ detail }) => detail.startsWith("failed: ")).map(({ name }) => name)
  return Object.values(Step).find((step) => failed.includes(step)) ?? steps.at(-1)?.name ?? ""
}

/** The result of an operation that was aborted before it had a verdict, such as by a failed check or build. */
export function brokenOff(failure: unknown, { commit }: Operation, log: StepLog): OperationResult {
  const { what, why, next } = explained(failure)
  const message = failure instanceof Error ? failure.message : String(failure)
  const lines = message.split("\n").slice(1)
  return {
    verdict: Verdict.Failed,
    commit,
    deployments: [],
    milliseconds: log.elapsed(),
    step: brokenStep(log),
    failed: redacted(sanitized(what)),
    // What it printed is the log.
    reason: redacted(sanitized(why.split("\n", 1)[0] ?? "")),
    next: redacted(sanitized(next)),
    log: tail(lines.filter((line) => !/^ {2}(?:why|next): /.test(line)).join("\n"), 15),
    undo: "",
  }
}
