import type { Deployment, Target } from "./deployment.js"
import { probeFailed, tell } from "./deployment-errors.js"
import { HealthState, type ProbeResult } from "./health-probe.js"
import type { Logbook } from "./logbook.js"
import type { Candidate, Host, Live, Restored } from "./providers/host.js"
import { undoDeployment } from "./undo.js"
import { masked, plain } from "./untrusted.js"
import { Verdict } from "./verdict.js"

/** What a live site looks like to the report: nothing, something, or nobody could say. */
export type Seen = Live | undefined | "unknown"

export async function liveOrUnknown(host: Host<never>): Promise<Seen> {
  try {
    return await host.live()
  } catch {
    return "unknown"
  }
}

/** The account of one attempt, for people and for the ledger. */
export function account(
  commit: string,
  version: string,
  target: Target<never>,
  log: Logbook,
  {
    id,
    before,
    verdict,
    live,
    failure,
  }: { id: string; before: Live | undefined; verdict: Verdict; live: Seen; failure: unknown },
): Deployment {
  const { half, environment } = target
  const told = failure === undefined ? { what: "", why: "", next: "" } : tell(failure)
  return {
    half,
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
    failed: masked(plain(told.what)),
    reason: masked(plain(told.why)),
    next: told.next,
    undo: verdict === Verdict.Success && before ? undoDeployment(half, target, before.id) : "",
  }
}

/** A deployment together with what was checked, built and published for it. */
export const prepared = (deployment: Deployment, { steps, started, elapsed }: Logbook): Deployment => ({
  ...deployment,
  steps: [...steps, ...deployment.steps],
  startedAt: started.toISOString(),
  milliseconds: elapsed(),
})

export const isHealthy = (health: ProbeResult) => health.state === HealthState.Healthy

export function mustBeHealthy(health: ProbeResult, which: string): void {
  if (!isHealthy(health)) throw probeFailed(which, health)
}

export const inWords = (live: Live | undefined) =>
  live ? `${live.commit || "an unknown commit"} as ${live.id}` : "nothing is live"
export const restoredInWords = ({ live, moved }: Restored) => `${inWords(live)}${moved ? "" : ", as all the time"}`
export const healthInWords = ({ state, reason, attempts }: ProbeResult) =>
  `${state} after ${attempts} ${attempts === 1 ? "round" : "rounds"}${reason && `: ${reason}`}`
export const candidateInWords = (candidate: Candidate | undefined) =>
  candidate ? `${candidate.id} at ${candidate.url}` : "this host serves one version at a time"
