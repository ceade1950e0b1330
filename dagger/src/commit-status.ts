import { type Deployment, Half } from "./deployment.js"
import { duration } from "./deployment-report.js"
import { type Errand, type ErrandEnding, ErrandKind } from "./errand.js"
import { isCommit } from "./release.js"
import { masked, plain, shortened, webAddress } from "./untrusted.js"
import { isFailure, Verdict } from "./verdict.js"

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

const contexts = { [Half.Frontend]: StatusContext.DeployFrontend, [Half.Backend]: StatusContext.DeployBackend }

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
  description: shortened(masked(plain(description)).replace(/\s+/g, " ").trim(), 139),
  target: webAddress(run),
})

/** What an errand's commit shows while it runs; nothing where the run itself chooses the commit. */
export function pendingStatuses({ kind, halves, environment, commit, run }: Errand): CommitStatus[] {
  if (!isCommit(commit)) return []
  const names = kind === ErrandKind.Checks ? [StatusContext.Ci] : halves.map((half) => contexts[half])
  const words = kind === ErrandKind.Checks ? "the checks are running" : `${environment}: the ${kind} is running`
  return names.map((name) => statusOf(commit, name, StatusState.Pending, words, run))
}

/** What each commit shows at the end. Whatever was pending is settled. */
export function finalStatuses(errand: Errand, ending: ErrandEnding): CommitStatus[] {
  const { kind, halves, environment, run } = errand
  const commit = ending.commit || errand.commit
  if (!isCommit(commit)) return []
  const took = `in ${duration(ending.milliseconds)}`
  if (kind === ErrandKind.Checks) {
    const passed = !isFailure(ending.verdict)
    const [state, words] = passed ? [StatusState.Success, `passed ${took}`] : [StatusState.Failure, ending.failed]
    return [statusOf(commit, StatusContext.Ci, state, words, run)]
  }
  return halves.map((half) => {
    const all = ending.deployments.filter((one) => one.half === half)
    const { state, words } = stateOf(errand, ending, all.at(-1))
    const undone = kind !== ErrandKind.Rollback && all.length > 1 && !isFailure(all.at(-1)?.verdict ?? ending.verdict)
    const told = undone
      ? { state: StatusState.Failure, words: `taken back: ${ending.failed}` }
      : { state, words: state === StatusState.Success ? `${words} ${took}` : words }
    return statusOf(commit, contexts[half], told.state, `${environment}: ${told.words}`, run)
  })
}

function stateOf({ kind }: Errand, ending: ErrandEnding, deployment: Deployment | undefined) {
  const verdict = deployment?.verdict ?? ending.verdict
  const why = deployment?.failed || ending.failed
  if (!isFailure(verdict) && !deployment && ending.deployments.length > 0)
    return { state: StatusState.Success, words: "left as it is" }
  if (verdict === Verdict.Success && kind === ErrandKind.Rollback)
    return { state: StatusState.Success, words: "live again by a rollback" }
  if (!isFailure(verdict)) return { state: StatusState.Success, words: verdict === Verdict.Success ? "live" : verdict }
  const untouched = [Verdict.Locked, Verdict.Refused, Verdict.Inconclusive].includes(verdict)
  return { state: untouched ? StatusState.Error : StatusState.Failure, words: `${verdict}: ${why}` }
}
