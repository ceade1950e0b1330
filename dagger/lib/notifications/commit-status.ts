import { Component, StatusContext, StatusState, Verdict } from "../../src/exposed-types.js"
import type { Deployment } from "../deployment/outcome.js"
import { isCommit } from "../deployment/release.js"
import { webAddress } from "../text/untrusted.js"
import { duration, oneLine } from "../text/wording.js"
import { isFailure } from "../verdict.js"
import { type Operation, OperationKind, type OperationResult } from "./operation.js"

/** One status of one commit. */
export interface CommitStatus {
  commit: string
  context: StatusContext
  state: StatusState
  /** At most 140 characters. */
  description: string
  /** Address of the run; "" for none. */
  target: string
}

const contexts = {
  [Component.Frontend]: StatusContext.DeployFrontend,
  [Component.Backend]: StatusContext.DeployBackend,
}

/** A status that GitHub accepts: a description of one line and at most 140 characters, and a valid address or none. */
export const statusOf = (
  commit: string,
  context: StatusContext,
  state: StatusState,
  description: string,
  run: string,
): CommitStatus => ({
  commit,
  context,
  state,
  description: oneLine(description, 139),
  target: webAddress(run),
})

/** The statuses of an operation's commit while it runs; none where the run chooses the commit. */
export function pendingStatuses({ kind, components, environment, commit, run }: Operation): CommitStatus[] {
  if (!isCommit(commit)) return []
  const names = kind === OperationKind.Checks ? [StatusContext.Ci] : components.map((component) => contexts[component])
  const words = kind === OperationKind.Checks ? "the checks are running" : `${environment}: the ${kind} is running`
  return names.map((name) => statusOf(commit, name, StatusState.Pending, words, run))
}

/** The statuses at the end: one for each that was pending. */
export function finalStatuses(operation: Operation, result: OperationResult): CommitStatus[] {
  const { kind, components, environment, run } = operation
  const commit = result.commit || operation.commit
  if (!isCommit(commit)) return []
  const took = `in ${duration(result.milliseconds)}`
  if (kind === OperationKind.Checks) {
    const passed = !isFailure(result.verdict)
    const [state, words] = passed ? [StatusState.Success, `passed ${took}`] : [StatusState.Failure, result.failed]
    return [statusOf(commit, StatusContext.Ci, state, words, run)]
  }
  return components.map((component) => {
    const all = result.deployments.filter((one) => one.component === component)
    const { state, words } = stateOf(operation, result, all.at(-1))
    const undone =
      kind !== OperationKind.Rollback && all.length > 1 && !isFailure(all.at(-1)?.verdict ?? result.verdict)
    const final = undone
      ? { state: StatusState.Failure, words: `reverted: ${result.failed}` }
      : { state, words: state === StatusState.Success ? `${words} ${took}` : words }
    return statusOf(commit, contexts[component], final.state, `${environment}: ${final.words}`, run)
  })
}

function stateOf({ kind }: Operation, result: OperationResult, deployment: Deployment | undefined) {
  const verdict = deployment?.verdict ?? result.verdict
  const why = deployment?.failed || result.failed
  if (!isFailure(verdict) && !deployment && result.deployments.length > 0)
    return { state: StatusState.Success, words: "unchanged" }
  if (verdict === Verdict.Success && kind === OperationKind.Rollback)
    return { state: StatusState.Success, words: "live again after a rollback" }
  if (!isFailure(verdict)) return { state: StatusState.Success, words: verdict === Verdict.Success ? "live" : verdict }
  const untouched = [Verdict.Locked, Verdict.Refused, Verdict.Inconclusive].includes(verdict)
  return { state: untouched ? StatusState.Error : StatusState.Failure, words: `${verdict}: ${why}` }
}
