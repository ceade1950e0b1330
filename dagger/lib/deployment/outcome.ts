import type { Component } from "../../src/exposed-types.js"
import { Verdict } from "../../src/exposed-types.js"
import type { CacheUse } from "../cache/slow-step.js"
import { explained } from "../errors.js"
import { redacted, sanitized } from "../text/untrusted.js"
import { count } from "../text/wording.js"
import { probeFailed, SchemaConflict } from "./errors.js"
import { HealthState, type ProbeResult } from "./health-probe.js"
import type { Candidate, Host, Live, Restored } from "./host.js"
import type { DeploymentStep, StepLog } from "./step-log.js"
import type { AnyTarget } from "./target.js"
import { undoDeployment } from "./undo.js"

/** What is live, for the report: a version, nothing, or unknown. */
export type LiveState = Live | undefined | "unknown"

export async function liveOrUnknown(host: Host<never>): Promise<LiveState> {
  try {
    return await host.live()
  } catch {
    return "unknown"
  }
}

/** The result of one attempt, for people and for the ledger. */
export function outcome(
  commit: string,
  version: string,
  target: AnyTarget,
  log: StepLog,
  {
    id,
    before,
    verdict,
    live,
    failure,
  }: { id: string; before: Live | undefined; verdict: Verdict; live: LiveState; failure: unknown },
): Deployment {
  const { component, environment, cache } = target
  const explanation = failure === undefined ? { what: "", why: "", next: "" } : explained(failure)
  return {
    component,
    environment,
    verdict,
    commit,
    version,
    url: (live !== "unknown" && live?.url) || before?.url || "",
    id,
    previousCommit: before?.commit ?? "",
    previousId: before?.id ?? "",
    liveCommit: live === "unknown" ? live : (live?.commit ?? ""),
    liveId: live === "unknown" ? live : (live?.id ?? ""),
    steps: log.steps,
    startedAt: log.started.toISOString(),
    milliseconds: log.elapsed(),
    failed: redacted(sanitized(explanation.what)),
    reason: redacted(sanitized(explanation.why)),
    next: explanation.next,
    ...(failure instanceof SchemaConflict && { schemaConflict: true }),
    ...(cache && { cache }),
    ...(log.warnings.length > 0 && { warnings: [...log.warnings] }),
    undo: verdict === Verdict.Success && before ? undoDeployment(component, target, before.id) : "",
  }
}

/** A deployment together with what was checked, built and published for it. */
export const prepared = (deployment: Deployment, { steps, started, elapsed, warnings }: StepLog): Deployment => ({
  ...deployment,
  ...(warnings.length > 0 && { warnings: [...warnings, ...(deployment.warnings ?? [])] }),
  steps: [...steps, ...deployment.steps],
  startedAt: started.toISOString(),
  milliseconds: elapsed(),
})

export const isHealthy = (health: ProbeResult) => health.state === HealthState.Healthy

export function mustBeHealthy(health: ProbeResult, which: string): void {
  if (!isHealthy(health)) throw probeFailed(which, health)
}

export const described = (live: Live | undefined) =>
  live ? `${live.commit || "an unknown commit"} as ${live.id}` : "nothing is live"
export const describedRestored = ({ live, moved }: Restored) => `${described(live)}${moved ? "" : ", unchanged"}`
export const describedHealth = ({ state, reason, attempts, proof }: ProbeResult) =>
  `${state} after ${count(attempts, "round")}${reason && `: ${reason}`}${proof ? `; its version is proven by ${proof}` : ""}`
export const describedCandidate = (candidate: Candidate | undefined) =>
  candidate ? `${candidate.id} at ${candidate.url}` : "this host serves one version at a time"

/** One attempt to put one version of one component into one environment, and how it ended. */
export type Deployment = {
  component: Component
  environment: string
  verdict: Verdict
  /** Commit to deploy. */
  commit: string
  version: string
  url: string
  /** The host's ID of the new version; "" when it has none. */
  id: string
  /** What was live before; "" when nothing was. */
  previousCommit: string
  previousId: string
  /** What is live at the end; "" for nothing, "unknown" when the host did not say. */
  liveCommit: string
  liveId: string
  steps: DeploymentStep[]
  /** Start, ISO 8601 in UTC. */
  startedAt: string
  /** Whole milliseconds from first to last step. */
  milliseconds: number
  /** What failed and why; "" after a success. */
  failed: string
  reason: string
  /** What to do after a failure; "" after a success. */
  next: string
  /** Command that reverts this deployment; "" when nothing changed. */
  undo: string
  /** Whether the database's schema is in the way of a rollback. */
  schemaConflict?: boolean
  /** What went well and still needs a person's eye, a line each. */
  warnings?: string[]
  /** How much of its checks, build and scan came from a cache; absent for what has none, such as a rollback. */
  cache?: CacheUse
  /** Notifications that were not delivered, and why; a line each. */
  undelivered?: string[]
}
