import { Component } from "../component.js"
import type { Deployment } from "../deployment/outcome.js"
import { isCommit } from "../deployment/release.js"
import { redacted, sanitized, shortened, webAddress } from "../text/untrusted.js"
import { duration } from "../text/wording.js"
import { isFailure, Verdict } from "../verdict.js"
import { type Operation, OperationKind, type OperationResult } from "./operation.js"

/** The names that a commit's statuses go by; rules of branches refer to them. */
export enum StatusContext {
  Ci = "ci",
  DeployFrontend = "deploy-frontend",
  DeployBackend = "deploy-backend",
}

export enum StatusState {
  Pending = "pending",
  Success = "success",
  Failure = "failure",
  Error = "error",
}

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

/** A status fit for GitHub: one line of at most 140 characters, an address only when it is one. */
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
  description: shortened(redacted(sanitized(description)).replace(/\s+/g, " ").trim(), 139),
  target: webAddress(run),
})

/** What an operation's commit shows while it runs; nothing where the run itself chooses the commit. */
export function pendingStatuses({ kind, components, environment, commit, run }: Operation): CommitStatus[] {
  if (!isCommit(commit)) return []
  const names = kind === OperationKind.Checks ? [StatusContext.Ci] : components.map((component) => contexts[component])
  const words = kind === OperationKind.Checks ? "the checks are running" : `${environment}: the ${kind} is running`
  return names.map((name) => statusOf(commit, name, StatusState.Pending, words, run))
}

/** What each commit shows at the end. Whatever was pending is settled. */
export function finalStatuses(operation: Operation, ending: OperationResult): CommitStatus[] {
  const { kind, components, environment, run } = operation
  const commit = ending.commit || operation.commit
  if (!isCommit(commit)) return []
  const took = `in ${duration(ending.milliseconds)}`
  if (kind === OperationKind.Checks) {
    const passed = !isFailure(ending.verdict)
    const [state, words] = passed ? [StatusState.Success, `passed ${took}`] : [StatusState.Failure, ending.failed]
    return [statusOf(commit, StatusContext.Ci, state, words, run)]
  }
  return components.map((component) => {
    const all = ending.deployments.filter((one) => one.component === component)
    const { state, words } = stateOf(operation, ending, all.at(-1))
    const undone =
      kind !== OperationKind.Rollback && all.length > 1 && !isFailure(all.at(-1)?.verdict ?? ending.verdict)
    const told = undone
      ? { state: StatusState.Failure, words: `taken back: ${ending.failed}` }
      : { state, words: state === StatusState.Success ? `${words} ${took}` : words }
    return statusOf(commit, contexts[component], told.state, `${environment}: ${told.words}`, run)
  })
}

function stateOf({ kind }: Operation, ending: OperationResult, deployment: Deployment | undefined) {
  const verdict = deployment?.verdict ?? ending.verdict
  const why = deployment?.failed || ending.failed
  if (!isFailure(verdict) && !deployment && ending.deployments.length > 0)
    return { state: StatusState.Success, words: "left as it is" }
  if (verdict === Verdict.Success && kind === OperationKind.Rollback)
    return { state: StatusState.Success, words: "live again by a rollback" }
  if (!isFailure(verdict)) return { state: StatusState.Success, words: verdict === Verdict.Success ? "live" : verdict }
  const untouched = [Verdict.Locked, Verdict.Refused, Verdict.Inconclusive].includes(verdict)
  return { state: untouched ? StatusState.Error : StatusState.Failure, words: `${verdict}: ${why}` }
}
