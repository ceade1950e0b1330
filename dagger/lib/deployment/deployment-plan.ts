import type { Component } from "../../src/exposed-types.js"
import { Verdict } from "../../src/exposed-types.js"
import { explained } from "../errors.js"
import { redacted, sanitized } from "../text/untrusted.js"
import { code, count, oneLine } from "../text/wording.js"
import { isFailure } from "../verdict.js"
import { type Attempt, orphans } from "./ledger.js"
import type { LeaseRecord } from "./lock.js"
import { mayGoLive } from "./may-go-live.js"
import { described, describedHealth, isHealthy } from "./outcome.js"
import type { Target } from "./target.js"
import { Step } from "./tracer.js"

/** A step that was looked at, or would be taken. */
export interface PlannedStep {
  name: string
  detail: string
}

/** What a deployment of one component would do, from what is live now. */
export type DeploymentPlan = {
  component: Component
  environment: string
  commit: string
  /** How it would end as far as can be known: `success`, `no-change`, or the verdict of what refuses it. */
  verdict: Verdict
  /** What is live now, in a few words. */
  now: string
  liveCommit: string
  url: string
  steps: PlannedStep[]
  /** What would refuse it, why, and what to do; "" for nothing. */
  failed: string
  reason: string
  next: string
}

/** What is looked at beside the target. */
export interface PlanRequest {
  commit: string
  /** Asked before anything is built: what was found of each. A failure refuses the deployment. */
  first: { name: string; look: () => Promise<string> }[]
  /** Who holds the environment's lock. */
  lease?: (() => Promise<LeaseRecord | undefined>) | undefined
  /** What would be put beside the live version, or that nothing is. */
  place: string
  /** What would be done to the database. Throws where that is not allowed. */
  migration: () => Promise<string>
}

/** Ends a plan early: nothing would be written. */
class NothingToDo extends Error {}

/**
 * Looks at all that a deployment looks at before it changes something, in the same order, and stops there. Takes no lock and writes
 * nothing: an entry that a killed run left open stays open.
 * @returns what would be done, up to the first step that would refuse it. Throws only when a provider can't be asked.
 */
export async function plannedDeployment<Artifact>(
  target: Target<Artifact>,
  { commit, first, lease, place, migration }: PlanRequest,
): Promise<DeploymentPlan> {
  const { component, environment, host, ledger, probe, judgeable, lastCheck, clock } = target
  const steps: PlannedStep[] = []
  let [now, liveCommit, url] = ["not looked at", "", ""]
  const looked = async (name: string, look: () => Promise<string>) => {
    const detail = await look()
    steps.push({ name, detail })
  }
  const would = (name: string, detail: string) => steps.push({ name, detail })
  const end = (verdict: Verdict, failure?: unknown): DeploymentPlan => {
    const { what, why, next } = failure === undefined ? { what: "", why: "", next: "" } : explained(failure)
    const [failed, reason] = [what, why].map((text) => redacted(sanitized(text)))
    return {
      component,
      environment,
      commit,
      verdict,
      now,
      liveCommit,
      url,
      steps,
      failed: failed ?? "",
      reason: reason ?? "",
      next,
    }
  }
  try {
    const live = await host.live()
    now = described(live)
    liveCommit = live?.commit ?? ""
    url = live?.url ?? ""
    for (const { name, look } of first) await looked(name, look)
    would(Step.Look, now)
    for (const note of (await target.notes?.().catch(() => [])) ?? []) would("note", note)
    if (live && judgeable) await looked(Step.Ask, async () => (await judgeable(live)) || "its answer can be judged")
    const attempts: Attempt[] = (await ledger?.list(component, environment)) ?? []
    const open = orphans(attempts)
    if (live?.commit === commit && (await host.isConfigured?.()) !== false) {
      const health = await probe(live.url, commit, live.id)
      would(Step.ProbeLive, describedHealth(health))
      if (isHealthy(health)) {
        if (open.length > 0)
          would(Step.Record, `would close ${count(open.length, "entry", "entries")} that killed runs left open`)
        throw new NothingToDo()
      }
    }
    await looked(Step.Lock, async () => describedLease(await lease?.(), clock.now(), lease !== undefined))
    await looked(Step.History, async () => {
      const warning = await mayGoLive(commit, live, attempts, target)
      const read = ledger
        ? `${count(attempts.length, "earlier attempt")}; nothing in them forbids it`
        : "there is no ledger to read"
      const left =
        open.length > 0 ? `; would close ${count(open.length, "entry", "entries")} that killed runs left open` : ""
      return `${read}${left}${warning && `; ${warning}`}`
    })
    would(Step.Place, place)
    await looked(Step.Migrate, migration)
    if (lastCheck) await looked(Step.LastCheck, lastCheck)
    would(Step.Switch, `from ${now} to ${commit}`)
    would(
      Step.ProbeLive,
      `until ${commit.slice(0, 7)} answers; else ${live ? "what is live now would be restored" : "a person would be needed: nothing is live now"}`,
    )
    return end(Verdict.Success)
  } catch (failure) {
    return failure instanceof NothingToDo ? end(Verdict.NoChange) : end(explained(failure).verdict, failure)
  }
}

function describedLease(record: LeaseRecord | undefined, now: Date, isAsked: boolean): string {
  if (!isAsked) return "there is no lock: nothing stops a second deployment"
  if (!record || record.owner === "") return "free"
  const holder = `${record.owner} (${record.reason}) until ${record.expires}`
  return Date.parse(record.expires) > now.getTime()
    ? `held by ${holder}: it would wait, 15 minutes at most`
    : `left behind by ${holder}: it would be taken over`
}

const heads: Partial<Record<Verdict, string>> = {
  [Verdict.Success]: "would go live",
  [Verdict.NoChange]: "would change nothing",
  [Verdict.Superseded]: "would change nothing, for a newer version is live",
}

/** For a terminal. */
export function deploymentPlanText(plan: DeploymentPlan): string {
  const { component, environment, commit, verdict, now, steps, failed, reason, next } = plan
  const width = Math.max(3, ...steps.map(({ name }) => name.length))
  const line = (name: string, detail: string) => `  ${name.padEnd(width)}  ${oneLine(detail)}`
  return [
    `${component} of ${environment}: ${commit.slice(0, 7) || "?"} ${heads[verdict] ?? `would end ${verdict}`}`,
    line("now", now),
    ...steps.map(({ name, detail }) => line(name, detail)),
    ...(failed ? [`failed: ${oneLine(failed)}`, `why:    ${oneLine(reason)}`, `next:   ${oneLine(next)}`] : []),
  ].join("\n")
}

/** The same for a pull request or a job summary. Untrusted text is shown as code. */
export const deploymentPlanMarkdown = (plan: DeploymentPlan): string =>
  [
    `### ${plan.component} of ${plan.environment}: ${code(plan.commit.slice(0, 7))} ${heads[plan.verdict] ?? `would end ${plan.verdict}`}`,
    "",
    ...plan.steps.map(({ name, detail }) => `- ${name}: ${code(detail)}`),
    ...(plan.failed ? ["", `**${plan.verdict}**: ${code(plan.failed)} ${code(plan.reason)}`, "", code(plan.next)] : []),
    "",
  ].join("\n")

const nothingWritten = "Nothing was written. The same command without --plan does it."

/** Several components in the order of the deployment; the second is not reached when the first would not go live. */
export const deploymentPlansText = (plans: DeploymentPlan[]): string =>
  [
    ...plans.flatMap((plan, at) => [deploymentPlanText(plan), ...notReached(plans, at).map((why) => `  ${why}`)]),
    nothingWritten,
  ].join("\n")

/** The same for a job summary. */
export const deploymentPlansMarkdown = (plans: DeploymentPlan[]): string =>
  [
    ...plans.flatMap((plan, at) => [
      deploymentPlanMarkdown(plan),
      ...notReached(plans, at).flatMap((why) => [why, ""]),
    ]),
    nothingWritten,
    "",
  ].join("\n")

function notReached(plans: DeploymentPlan[], at: number): string[] {
  const stopped = plans.findIndex(({ verdict }) => isFailure(verdict) || verdict === Verdict.Superseded)
  const before = plans[stopped]
  return before && at > stopped ? [`not reached: the ${before.component} before it would end ${before.verdict}`] : []
}
