import { Component, Verdict } from "../../src/exposed-types.js"
import { explained } from "../errors.js"
import { redacted, sanitized } from "../text/untrusted.js"
import { deploy } from "./deployment.js"
import type { Attempt } from "./ledger.js"
import { type MergeRight, MergeWay } from "./merge-right.js"
import { type Deployment, isHealthy, liveOrUnknown, outcome, prepared } from "./outcome.js"
import { notMergeable, notPromotable, promotedToItself } from "./promotion-errors.js"
import type { Release } from "./release.js"
import { ambiguousRelease } from "./rollback-errors.js"
import { StepLog } from "./step-log.js"
import type { Target } from "./target.js"
import { Step } from "./tracer.js"

/** The result of a merge at the Git host. */
export enum Merge {
  Merged = "merged",
  /** The branch already has the commit. */
  Nothing = "nothing to merge",
  Conflict = "conflict",
  /** A rule of the branch, or the token's rights, forbid it. */
  Forbidden = "forbidden",
}

/** The end of a merge, with the host's own words where it did not happen. */
export interface Merged {
  merge: Merge
  said: string
}

/** A pull request that was opened, or found open. */
export interface Proposal {
  /** Where it is, or where a person can open it when `made` is `false`; "" when there is nothing to merge, or no place. */
  address: string
  made: boolean
  /** Why it was not opened, in the host's words. */
  said: string
}

/** The branch that production is deployed from, at the host of the code. */
export interface ProductionBranch {
  name: string
  /** How a commit may be merged into it, asked before anything changes. Throws when the host cannot be asked. */
  right(): Promise<MergeRight>
  merge(commit: string): Promise<Merged>
  /** Opens a pull request for this very commit, unless one is open. */
  propose(commit: string, body: string): Promise<Proposal>
}

/** @throws DeploymentError where a version would be its own proof. */
export function mustDiffer(from: string, to: string): void {
  if (from === to) throw promotedToItself(to)
}

export interface PromotionPolicy {
  /** Whole seconds that the deployment must have been live and healthy where it is proven. */
  provenSeconds: number
}

/** Everything known of the deployment that is to be promoted. */
export interface Proof {
  /** The environment that proves it, such as staging. */
  environment: string
  attempts: Attempt[]
  /** ID or commit of the deployment there, "" for the newest. */
  wanted: string
  liveId: string
  now: Date
}

/**
 * The deployment to promote. Throws when it is not the newest of its environment, did not succeed, is not what is served there, or has
 * not been live for long enough.
 */
export function promotable({ environment, attempts, wanted, liveId, now }: Proof, policy: PromotionPolicy): Attempt {
  const newest = attempts.find(
    ({ verdict }) => verdict !== Verdict.Locked && verdict !== Verdict.Refused && verdict !== Verdict.Superseded,
  )
  const chosen =
    wanted === ""
      ? newest
      : attempts.find(({ id, entry, commit }) => id === wanted || entry === wanted || commit === wanted)
  const name = wanted || environment
  if (!chosen || !newest)
    throw notPromotable(name, `${environment} has no such deployment`, `deploy it to ${environment} first`)
  if (chosen !== newest)
    throw notPromotable(
      name,
      `${environment} was deployed again, with ${newest.commit.slice(0, 7)}`,
      `promote that one, or deploy this one to ${environment} again`,
    )
  if (chosen.verdict === undefined)
    throw notPromotable(name, `its deployment to ${environment} has not ended`, "wait for it to end")
  if (chosen.verdict !== Verdict.Success)
    throw notPromotable(
      name,
      `its deployment to ${environment} ended ${chosen.verdict}`,
      `fix it and deploy it to ${environment} again`,
    )
  if (chosen.id !== liveId)
    throw notPromotable(
      name,
      `${environment} serves ${liveId || "nothing"} instead of ${chosen.id}`,
      `deploy it to ${environment} again`,
    )
  const proven = Math.floor((now.getTime() - Date.parse(chosen.endedAt)) / 1000)
  if (proven < policy.provenSeconds)
    throw notPromotable(
      name,
      `it has been live in ${environment} for ${proven} s, ${policy.provenSeconds} s are required`,
      `run the same command in ${policy.provenSeconds - proven} s`,
    )
  return chosen
}

/**
 * The commit of the deployment that a promotion names by the ID of either component's host, by its entry in the ledger, or by its commit
 * (or seven or more of its letters): the components of one release have different IDs and the same commit. What nobody knows stays as it is.
 */
export async function promotedCommit(
  wanted: string,
  list: (component: Component) => Promise<Attempt[]>,
): Promise<string> {
  if (wanted === "") return ""
  const attempts = (await Promise.all([list(Component.Backend), list(Component.Frontend)])).flat()
  const isBeginning = /^[0-9a-f]{7,40}$/.test(wanted)
  const found = attempts.filter(
    ({ id, entry, commit }) => id === wanted || entry === wanted || (isBeginning && commit.startsWith(wanted)),
  )
  const commits = [...new Set(found.map(({ commit }) => commit))]
  if (commits.length > 1) throw ambiguousRelease(wanted, commits)
  return commits[0] ?? wanted
}

/** Proves a deployment: it is the newest, it is live, old enough and healthy now. Changes nothing. */
export async function prove<Artifact>(
  proving: Target<Artifact>,
  wanted: string,
  policy: PromotionPolicy,
): Promise<Attempt> {
  const { host, ledger, component, environment, clock, probe } = proving
  const live = await host.live()
  const proof = {
    environment,
    attempts: (await ledger?.list(component, environment)) ?? [],
    wanted,
    liveId: live?.id ?? "",
    now: clock.now(),
  }
  const attempt = promotable(proof, policy)
  const health = await probe(live?.url ?? "", attempt.commit, attempt.id)
  if (!isHealthy(health))
    throw notPromotable(
      wanted || environment,
      `it is ${health.state} in ${environment} now: ${health.reason}`,
      `fix it and deploy it to ${environment} again`,
    )
  return attempt
}

/** The artifact that was proven. */
export interface Proven<Artifact> {
  artifact: Artifact
  from: string
}

export interface PromotionRequest<Artifact> {
  /** ID or commit of the deployment to promote; "" for the newest. */
  wanted: string
  policy: PromotionPolicy
  /** The very artifact that is proven, and in words where it comes from. */
  artifact(proven: Attempt): Promise<Proven<Artifact>>
  /** Where the commit is merged to once it is live. */
  branch: ProductionBranch
}

/**
 * Deploys what one environment serves to another: the same artifact, without a build. Refused unless it is the newest there, live and healthy
 * for long enough, and still so just before the switch; refused as well where its commit could not come into the production branch
 * afterwards.
 */
export async function promote<Artifact>(
  proving: Target<Artifact>,
  production: Target<Artifact>,
  request: PromotionRequest<Artifact>,
): Promise<Deployment> {
  let proven: Attempt
  let release: Release<Artifact>
  let right: MergeRight
  const log = new StepLog(production.clock, production.tracer)
  try {
    proven = await prove(proving, request.wanted, request.policy)
    const chosen = proven
    const { artifact } = await log.step(
      Step.Take,
      () => request.artifact(chosen),
      ({ from }) => from,
    )
    release = { commit: proven.commit, version: proven.version, artifact }
    right = await request.branch.right()
    if (right.way === MergeWay.None) throw notMergeable(proven.commit, request.branch.name, right.why)
  } catch (failure) {
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
    const live = await proving.host.live()
    const way = `its commit goes to ${request.branch.name} by ${right.way}${right.why && `: ${right.why}`}`
    if (live?.id === proven.id) return `${proving.environment} still serves ${proven.id}; ${way}`
    const why = `${proving.environment} was deployed again and now serves ${live?.id ?? "nothing"}`
    throw notPromotable(proven.commit.slice(0, 7), why, `promote what ${proving.environment} serves now`)
  }
  const deployment = prepared(await deploy(release, { ...production, schema: proven.schema, lastCheck }), log)
  const isLive = deployment.verdict === Verdict.Success || deployment.verdict === Verdict.NoChange
  return isLive ? afterPromotion(deployment, request.branch, right) : deployment
}

/**
 * What follows a promotion that went live: its commit comes into the production branch, by a merge or by a pull request. What stands
 * against that changes no verdict, for what is live is right, and is said in the report.
 */
async function afterPromotion(
  deployment: Deployment,
  branch: ProductionBranch,
  right: MergeRight,
): Promise<Deployment> {
  const { commit } = deployment
  const missing = (why: string, next: string): Deployment => ({
    ...deployment,
    reason: redacted(sanitized(`${commit.slice(0, 7)} is live, and ${branch.name} does not have it: ${why}`)),
    next: `${next}; until ${branch.name} has it, deployments of other commits of ${branch.name} are refused`,
  })
  const byHand = `merge ${commit.slice(0, 7)} into ${branch.name} by hand; what is live is right`
  try {
    let why = right.why
    if (right.way === MergeWay.Direct) {
      const { merge, said } = await branch.merge(commit)
      if (merge === Merge.Merged || merge === Merge.Nothing) return deployment
      if (merge === Merge.Conflict) return missing(`the branches conflict (${said})`, byHand)
      why = said
    }
    const { address, made, said } = await branch.propose(commit, proposalText(deployment, branch.name, why))
    if (made && address === "") return deployment
    if (made)
      return missing(`no direct merge is allowed (${why})`, `have ${address} approved and merged, ${notSquashed}`)
    const refused = `no direct merge is allowed (${why}), and no pull request could be opened (${said})`
    return missing(refused, address ? `open the pull request at ${address} and have it merged, ${notSquashed}` : byHand)
  } catch (failure) {
    const { what, why } = explained(failure)
    return missing(`${what} ${why}`, byHand)
  }
}

const notSquashed = "with a merge commit and not squashed"

const proposalText = ({ commit, environment, url }: Deployment, branch: string, why: string) =>
  `${commit} is live in ${environment}${url && ` at ${url}`}, and ${branch} takes no direct merge: ${redacted(sanitized(why))}.

Merge this ${notSquashed}: only then is what is live a part of ${branch}, and later deployments from there are not refused.`
