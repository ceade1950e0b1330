import { explained } from "../errors.js"
import { Verdict } from "../verdict.js"
import { deploy } from "./deployment.js"
import { notPromotable } from "./errors.js"
import type { Attempt } from "./ledger.js"
import { type Deployment, isHealthy, liveOrUnknown, outcome } from "./outcome.js"
import type { Release } from "./release.js"
import { StepLog } from "./step-log.js"
import type { Target } from "./target.js"

/** The result of a merge at the Git host. */
export enum Merge {
  Merged = "merged",
  /** The branch already has the commit. */
  Nothing = "nothing to merge",
  Conflict = "conflict",
}

export interface PromotionPolicy {
  /** Whole seconds that the deployment must have been live and healthy in staging. */
  provenSeconds: number
}

/** Everything known of the deployment that is to be promoted. */
export interface Proof {
  attempts: Attempt[]
  /** ID or commit of the staging deployment, "" for the newest. */
  wanted: string
  liveId: string
  now: Date
}

/**
 * The staging deployment to promote. Throws when it is not the newest, did not succeed, is not what staging serves, or has
 * not been live for long enough.
 */
export function promotable({ attempts, wanted, liveId, now }: Proof, policy: PromotionPolicy): Attempt {
  const newest = attempts.find(
    ({ verdict }) => verdict !== Verdict.Locked && verdict !== Verdict.Refused && verdict !== Verdict.Superseded,
  )
  const chosen =
    wanted === ""
      ? newest
      : attempts.find(({ id, entry, commit }) => id === wanted || entry === wanted || commit === wanted)
  const name = wanted || "staging"
  if (!chosen || !newest) throw notPromotable(name, "staging has no such deployment", "deploy it to staging first")
  if (chosen !== newest)
    throw notPromotable(
      name,
      `staging was deployed again, with ${newest.commit.slice(0, 7)}`,
      "promote that one, or deploy this one to staging again",
    )
  if (chosen.verdict === undefined)
    throw notPromotable(name, "its deployment to staging has not ended", "wait for it to end")
  if (chosen.verdict !== Verdict.Success)
    throw notPromotable(
      name,
      `its deployment to staging ended ${chosen.verdict}`,
      "fix it and deploy it to staging again",
    )
  if (chosen.id !== liveId)
    throw notPromotable(
      name,
      `staging serves ${liveId || "nothing"} instead of ${chosen.id}`,
      "deploy it to staging again",
    )
  const proven = Math.floor((now.getTime() - Date.parse(chosen.endedAt)) / 1000)
  if (proven < policy.provenSeconds)
    throw notPromotable(
      name,
      `it has been live in staging for ${proven} s, ${policy.provenSeconds} s are required`,
      `run the same command in ${policy.provenSeconds - proven} s`,
    )
  return chosen
}

/** Proves a staging deployment: it is the newest, it is live, old enough and healthy now. */
async function prove<Artifact>(staging: Target<Artifact>, wanted: string, policy: PromotionPolicy): Promise<Attempt> {
  const { host, ledger, component, environment, clock, probe } = staging
  const live = await host.live()
  const proof = {
    attempts: (await ledger?.list(component, environment)) ?? [],
    wanted,
    liveId: live?.id ?? "",
    now: clock.now(),
  }
  const attempt = promotable(proof, policy)
  const health = await probe(live?.url ?? "", attempt.commit)
  if (!isHealthy(health))
    throw notPromotable(
      wanted || "staging",
      `it is ${health.state} in staging now: ${health.reason}`,
      "fix it and deploy it to staging again",
    )
  return attempt
}

export interface PromotionRequest<Artifact> {
  /** ID or commit of the staging deployment; "" for the newest. */
  wanted: string
  policy: PromotionPolicy
  /** The very artifact that staging serves. */
  artifact(proven: Attempt): Promise<Artifact>
  /** Merges a commit into the production branch. */
  merge(commit: string): Promise<Merge>
}

/**
 * Deploys what staging serves to production: the same artifact, without a build. Refused unless it is the newest in staging, live and healthy
 * for long enough, and still so just before the switch.
 */
export async function promote<Artifact>(
  staging: Target<Artifact>,
  production: Target<Artifact>,
  request: PromotionRequest<Artifact>,
): Promise<Deployment> {
  let proven: Attempt
  let release: Release<Artifact>
  try {
    proven = await prove(staging, request.wanted, request.policy)
    release = { commit: proven.commit, version: proven.version, artifact: await request.artifact(proven) }
  } catch (failure) {
    const log = new StepLog(production.clock, production.tracer)
    const live = await liveOrUnknown(production.host)
    const before = live === "unknown" ? undefined : live
    return outcome(request.wanted, request.wanted, production, log, {
      id: "",
      before,
      verdict: explained(failure).verdict,
      live,
      failure,
    })
  }
  const lastCheck = async () => {
    const live = await staging.host.live()
    if (live?.id === proven.id) return `staging still serves ${proven.id}`
    const why = `staging was deployed again and now serves ${live?.id ?? "nothing"}`
    throw notPromotable(proven.commit.slice(0, 7), why, "promote what staging serves now")
  }
  return afterPromotion(await deploy(release, { ...production, schema: proven.schema, lastCheck }), request.merge)
}

/** Merges the commit of a promotion that went live into the production branch. A conflict does not change the verdict. */
async function afterPromotion(deployment: Deployment, merge: (commit: string) => Promise<Merge>): Promise<Deployment> {
  if (deployment.verdict !== Verdict.Success && deployment.verdict !== Verdict.NoChange) return deployment
  const trouble = (reason: string): Deployment => ({
    ...deployment,
    reason,
    next: "merge the staging branch into the production branch by hand; what is live is right",
  })
  try {
    return (await merge(deployment.commit)) === Merge.Conflict
      ? trouble("the branches conflict, so nothing was merged")
      : deployment
  } catch (failure) {
    return trouble(`nothing was merged: ${(failure as Error).message.split("\n")[0]}`)
  }
}
