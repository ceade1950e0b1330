import type { Deployment, Half } from "./deployment.js"
import { tell } from "./deployment-errors.js"
import { Step } from "./journal.js"
import type { Logbook } from "./logbook.js"
import type { ProductDeployment } from "./product-release.js"
import type { UndoPlace } from "./undo.js"
import { masked, plain, tail } from "./untrusted.js"
import { Verdict } from "./verdict.js"

export enum ErrandKind {
  Deployment = "deployment",
  Rollback = "rollback",
  Promotion = "promotion",
  Checks = "checks",
}

/** What a call sets out to do, as far as it is known when it starts. */
export interface Errand {
  kind: ErrandKind
  /** Those that it is to change, in their order; empty for checks. */
  halves: Half[]
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

/** How an errand ended. */
export interface ErrandEnding {
  verdict: Verdict
  commit: string
  /** What was done to each half, in order; the same half twice when it was taken back; empty when it did not get that far. */
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

/** How a deployment of one half, or of both, ended. */
export function endingOf(result: Deployment | ProductDeployment): ErrandEnding {
  const { verdict, commit, failed, reason, next, undo } = result
  const deployments = "halves" in result ? result.halves : [result]
  const culprit = deployments.find((one) => one.failed !== "")
  return {
    ...{ verdict, commit, failed, reason, next, undo, deployments },
    milliseconds: deployments.reduce((sum, one) => sum + one.milliseconds, 0),
    step: culprit ? failedStep(culprit) : "",
    log: [],
  }
}

/** The first of the steps that failed, in their order and not in that of the clock: side by side, any of them may end last. */
function brokenStep({ steps }: Logbook): string {
  const failed = steps.filter(({ detail }) => detail.startsWith("failed: ")).map(({ name }) => name)
  return Object.values(Step).find((step) => failed.includes(step)) ?? steps.at(-1)?.name ?? ""
}

/** How an errand ended that broke off before there was a verdict: a failed check, a build that does not build. */
export function brokenOff(failure: unknown, { commit }: Errand, log: Logbook): ErrandEnding {
  const { what, why, next } = tell(failure)
  const said = failure instanceof Error ? failure.message : String(failure)
  const lines = said.split("\n").slice(1)
  return {
    verdict: Verdict.Failed,
    commit,
    deployments: [],
    milliseconds: log.elapsed(),
    step: brokenStep(log),
    failed: masked(plain(what)),
    reason: masked(plain(why)),
    next: masked(plain(next)),
    log: tail(lines.filter((line) => !/^ {2}(?:why|next): /.test(line)).join("\n"), 15),
    undo: "",
  }
}
