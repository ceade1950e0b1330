import { type DeploymentPlan, type PlanRequest, plannedDeployment } from "./deployment-plan.js"
import type { Attempt } from "./ledger.js"
import { MergeWay } from "./merge-right.js"
import { type PromotionRequest, prove } from "./promotion.js"
import { notMergeable } from "./promotion-errors.js"
import type { Target } from "./target.js"
import { Step } from "./tracer.js"

/** What is looked at beside both targets. */
export interface PromotionPlanRequest<Artifact> extends Omit<PromotionRequest<Artifact>, "artifact"> {
  lease?: PlanRequest["lease"]
  /** What of the proven version is checked before it is taken. Throws where it can't be. */
  artifact(proven: Attempt): Promise<string>
  migration: () => Promise<string>
}

/**
 * What a promotion of one component would do: it looks at all that a promotion looks at before it changes something, and stops there.
 * @returns a plan of the environment that gets the version. Throws only when a provider can't be asked.
 */
export async function plannedPromotion<Artifact>(
  proving: Target<Artifact>,
  production: Target<Artifact>,
  { wanted, policy, branch, lease, artifact, migration }: PromotionPlanRequest<Artifact>,
): Promise<DeploymentPlan> {
  const proof = await prove(proving, wanted, policy).then(
    (proven) => ({ proven, failure: undefined }),
    (failure: unknown) => ({ proven: undefined, failure }),
  )
  const { proven } = proof
  const name = `prove it in ${proving.environment}`
  if (!proven) {
    const refused = { name, look: () => Promise.reject(proof.failure) }
    return plannedDeployment(production, { commit: wanted, first: [refused], lease, place: "", migration })
  }
  const merge = async () => {
    const { way, why } = await branch.right()
    if (way === MergeWay.None) throw notMergeable(proven.commit, branch.name, why)
    return `would go to ${branch.name} by ${way}${why && `: ${why}`}`
  }
  return plannedDeployment(production, {
    commit: proven.commit,
    first: [
      {
        name,
        look: async () => `it serves ${proven.id}, its newest deployment, healthy now, live since ${proven.endedAt}`,
      },
      { name: "take the proven version", look: () => artifact(proven) },
      { name: Step.Branch, look: merge },
    ],
    lease,
    place: "the same, unchanged: nothing is built",
    migration,
  })
}
