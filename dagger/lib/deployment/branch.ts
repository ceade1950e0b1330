import { explained } from "../errors.js"
import { branchUnknown, historyUnknown, notOnBranch } from "./errors.js"
import { Order } from "./release.js"
import type { StepLog } from "./step-log.js"
import { Step } from "./tracer.js"

/** A commit that is to be deployed, and the branch that its environment is deployed from. */
export interface BranchClaim {
  commit: string
  branch: string
  environment: string
  /** Why a commit of any branch may go there; "" for: it may not. */
  fromAnyBranch: string
}

/**
 * Whether a commit may be deployed, by where it stands to the environment's branch.
 * @param order of the commit and the tip of the branch; `undefined` when nobody could be asked.
 * @returns what was found, for the report. @throws DeploymentError when the branch does not have the commit.
 */
export function judgedBranch({ commit, branch, environment, fromAnyBranch }: BranchClaim, order?: Order): string {
  const short = commit.slice(0, 7)
  if (fromAnyBranch.trim()) return `not asked whether ${branch} has ${short}: ${fromAnyBranch.trim()}`
  if (!order) return `not checked whether ${branch} has ${short}: there is no --github-token to ask GitHub with`
  if (order === Order.Same || order === Order.Older) return `${branch} has ${short}`
  throw notOnBranch(short, branch, environment)
}

/** Asks for the order where it decides something, and judges it. @throws DeploymentError when GitHub knows no such commit or branch. */
export async function checkedBranch(
  claim: BranchClaim,
  order?: (commit: string, than: string) => Promise<Order>,
): Promise<string> {
  if (!order || claim.fromAnyBranch.trim()) return judgedBranch(claim)
  const { commit, branch } = claim
  const found = await order(commit, branch).catch((failure) => {
    const isUnknown = explained(failure).what === historyUnknown(commit, branch).what
    throw isUnknown ? branchUnknown(commit.slice(0, 7), branch) : failure
  })
  return judgedBranch(claim, found)
}

/** The same as a step of a deployment, before anything is built. */
export const branchStep = (
  log: StepLog,
  claim: BranchClaim,
  order?: (commit: string, than: string) => Promise<Order>,
): Promise<string> =>
  log.step(
    Step.Branch,
    () => checkedBranch(claim, order),
    (found) => found,
  )
