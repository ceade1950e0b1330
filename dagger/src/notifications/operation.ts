import type { Component } from "../component.js"
import type { Deployment } from "../deployment/outcome.js"
import type { ProductDeployment } from "../deployment/product-release.js"
import type { StepLog } from "../deployment/step-log.js"
import { Step } from "../deployment/tracer.js"
import type { UndoPlace } from "../deployment/undo.js"
import { explained } from "../errors.js"
import { redacted, sanitized, tail } from "../text/untrusted.js"
import { Verdict } from "../verdict.js"

export enum OperationKind {
  Deployment = "deployment",
  Rollback = "rollback",
  Promotion = "promotion",
  Checks = "checks",
}

/** What a call sets out to do, as far as it is known when it starts. */
export interface Operation {
  kind: OperationKind
  /** Those that it is to change, in their order; empty for checks. */
  components: Component[]
  /** "" for checks. */
  environment: string
  /** "" when the run itself chooses it. */
  commit: string
  /** Why, of a rollback; "" otherwise. */
  reason: string
  /** Who, and the address of the run. */
  actor: string
  run: string
  /** Variables that hold the environment's secrets, for the command that is told. */
  secrets?: UndoPlace["secrets"]
}

/** How an operation ended. */
export interface OperationResult {
  verdict: Verdict
  commit: string
  /** What was done to each component, in order; the same component twice when it was taken back; empty when it did not get that far. */
  deployments: Deployment[]
  /** Whole milliseconds. */
  milliseconds: number
  /** Name of the step at which it failed; "" after a success. */
  step: string
  /** What failed and why; "" after a success. */
  failed: string
  reason: string
  next: string
  /** Last lines of what was said, when it broke off. */
  log: string[]
  /** Command that takes it back; "" when nothing changed. */
  undo: string
}

/** What belongs to the way back or to the records: no failure began there. */
const afterwards = new Set<string>([Step.Restore, Step.ProbeRestored, Step.Record, Step.Unlock])

/** The step at which a deployment failed. */
export const failedStep = ({ steps }: Deployment) => steps.findLast(({ name }) => !afterwards.has(name))?.name ?? ""

/** Whether it went back to an earlier release instead of forward to a new one. */
export const wasRollback = ({ steps }: Deployment) => steps.some(({ name }) => name === Step.Choose)

/** How a deployment of one component, or of both, ended. */
export function resultOf(result: Deployment | ProductDeployment): OperationResult {
  const { verdict, commit, failed, reason, next, undo } = result
  const deployments = "components" in result ? result.components : [result]
  const culprit = deployments.find((one) => one.failed !== "")
  return {
    ...{ verdict, commit, failed, reason, next, undo, deployments },
    milliseconds: deployments.reduce((sum, one) => sum + one.milliseconds, 0),
    step: culprit ? failedStep(culprit) : "",
    log: [],
  }
}

/** The first of the steps that failed, in their order and not in that of the clock: side by side, any of them may end last. */
function brokenStep({ steps }: StepLog): string {
  const failed = steps.filter(({ detail }) => detail.startsWith("failed: ")).map(({ name }) => name)
  return Object.values(Step).find((step) => failed.includes(step)) ?? steps.at(-1)?.name ?? ""
}

/** How an operation ended that broke off before there was a verdict: a failed check, a build that does not build. */
export function brokenOff(failure: unknown, { commit }: Operation, log: StepLog): OperationResult {
  const { what, why, next } = explained(failure)
  const said = failure instanceof Error ? failure.message : String(failure)
  const lines = said.split("\n").slice(1)
  return {
    verdict: Verdict.Failed,
    commit,
    deployments: [],
    milliseconds: log.elapsed(),
    step: brokenStep(log),
    failed: redacted(sanitized(what)),
    reason: redacted(sanitized(why)),
    next: redacted(sanitized(next)),
    log: tail(lines.filter((line) => !/^ {2}(?:why|next): /.test(line)).join("\n"), 15),
    undo: "",
  }
}
