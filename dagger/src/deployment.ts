import type { Clock } from "./clock.js"
import { bothFailed, nothingToGoBackTo, probeFailed, siteLocked, tell } from "./deployment-errors.js"
import { HealthState, type ProbeResult } from "./health-probe.js"
import { type Journal, Step } from "./journal.js"
import { type DeploymentStep, Logbook } from "./logbook.js"
import type { Candidate, Host, Live, Restored } from "./providers/host.js"
import type { Release } from "./release.js"
import { Verdict } from "./verdict.js"

export enum Half {
  Frontend = "frontend",
  Backend = "backend",
}

/** One attempt to put one version of one half into one environment, and how it ended. */
export type Deployment = {
  half: Half
  environment: string
  verdict: Verdict
  /** Commit that was to go live. */
  commit: string
  version: string
  url: string
  /** The host's name of what was to go live; "" when it did not get that far. */
  id: string
  /** What was live before; "" when nothing was. */
  previousCommit: string
  previousId: string
  /** What is live at the end; "unknown" when the host could not be asked. */
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
  /** Command that takes this deployment back; "" when nothing changed. */
  undo: string
}

/** Asks `url` until `commit` answers healthily often enough, or time is up. */
export type Probe = (url: string, commit: string) => Promise<ProbeResult>

/** Where a release goes, and everything needed to get it there. */
export interface Target<Artifact> {
  half: Half
  environment: string
  host: Host<Artifact>
  probe: Probe
  clock: Clock
  journal: Journal
  /** Brings the database up to the release, before the candidate is probed; says what it did. Throws to stop. */
  migrate(): Promise<string>
}

/**
 * Puts a release live: look, place beside, migrate, probe, switch, probe live; on failure the previous version comes back.
 *
 * Killed at any point, the live system is wholly old or wholly new, and the same call again converges.
 * @returns how it ended. Throws only for mistakes in this program.
 */
export async function deploy<Artifact>(release: Release<Artifact>, target: Target<Artifact>): Promise<Deployment> {
  const { host, probe } = target
  const log = new Logbook(target.clock, target.journal)
  const end = (verdict: Verdict, live: Live | undefined | "unknown", failure?: unknown) =>
    account(release, target, log, before, { verdict, live, failure })
  let before: Live | undefined

  try {
    before = await log.step(Step.Look, () => host.live(), inWords)
  } catch (failure) {
    return end(Verdict.Failed, "unknown", failure)
  }
  if (before?.commit === release.commit) {
    const { url, commit } = before
    const health = await log.step(Step.ProbeLive, () => probe(url, commit), healthInWords)
    if (isHealthy(health)) return end(Verdict.NoChange, before)
  }
  if (before?.locked) return end(Verdict.Locked, before, siteLocked(before.url))

  let candidate: Candidate | undefined
  try {
    candidate = await log.step(Step.Place, () => host.place(release), candidateInWords)
    await log.step(
      Step.Migrate,
      () => target.migrate(),
      (done) => done,
    )
    if (candidate) {
      const { url } = candidate
      mustBeHealthy(await log.step(Step.ProbeCandidate, () => probe(url, release.commit), healthInWords))
    }
  } catch (failure) {
    return end(tell(failure).verdict, before, failure)
  }

  let switched = false
  try {
    const live = await log.step(Step.Switch, () => host.publish(release, candidate), inWords)
    switched = true
    mustBeHealthy(await log.step(Step.ProbeLive, () => probe(live.url, release.commit), healthInWords))
    return end(Verdict.Success, live)
  } catch (failure) {
    return before && before.commit !== release.commit ? putBack(before, failure) : leaveAsItIs(failure)
  }

  async function putBack(earlier: Live, failure: unknown): Promise<Deployment> {
    try {
      const { live, moved } = await log.step(Step.Restore, () => host.restore(earlier), restoredInWords)
      if (!moved && !switched) return end(tell(failure).verdict, live, failure)
      mustBeHealthy(await log.step(Step.ProbeRestored, () => probe(live.url, earlier.commit), healthInWords))
      return end(Verdict.RolledBack, live, failure)
    } catch (second) {
      const now = await liveOrUnknown(host)
      const verdict = now === "unknown" && !switched ? Verdict.Inconclusive : Verdict.RollbackFailed
      return end(verdict, now, bothFailed(failure, second))
    }
  }

  async function leaveAsItIs(failure: unknown): Promise<Deployment> {
    const now = await liveOrUnknown(host)
    if (now === "unknown") return end(Verdict.Inconclusive, now, failure)
    if (now === undefined) return end(Verdict.Failed, now, failure)
    return end(Verdict.RollbackFailed, now, bothFailed(failure, nothingToGoBackTo(now.url)))
  }
}

async function liveOrUnknown(host: Host<unknown>): Promise<Live | undefined | "unknown"> {
  try {
    return await host.live()
  } catch {
    return "unknown"
  }
}

function account<Artifact>(
  release: Release<Artifact>,
  { half, environment, host }: Target<Artifact>,
  log: Logbook,
  before: Live | undefined,
  { verdict, live, failure }: { verdict: Verdict; live: Live | undefined | "unknown"; failure: unknown },
): Deployment {
  const told = failure === undefined ? { what: "", why: "", next: "" } : tell(failure)
  const undo = `dagger call rollback-${half} --environment=${environment} --to=${before?.id} --reason="…"`
  return {
    half,
    environment,
    verdict,
    commit: release.commit,
    version: release.version,
    url: (live !== "unknown" && live?.url) || before?.url || "",
    id: host.idOf(release),
    previousCommit: before?.commit ?? "",
    previousId: before?.id ?? "",
    liveCommit: live === "unknown" ? live : (live?.commit ?? ""),
    liveId: live === "unknown" ? live : (live?.id ?? ""),
    steps: log.steps,
    startedAt: log.started.toISOString(),
    milliseconds: log.elapsed(),
    failed: told.what,
    reason: told.why,
    next: told.next,
    undo: verdict === Verdict.Success && before ? undo : "",
  }
}

const isHealthy = (health: ProbeResult) => health.state === HealthState.Healthy

function mustBeHealthy(health: ProbeResult): void {
  if (!isHealthy(health)) throw probeFailed(health)
}

const inWords = (live: Live | undefined) =>
  live ? `${live.commit || "an unknown commit"} as ${live.id}` : "nothing is live"
const restoredInWords = ({ live, moved }: Restored) => `${inWords(live)}${moved ? "" : ", as all the time"}`
const healthInWords = ({ state, reason, attempts }: ProbeResult) =>
  `${state} after ${attempts} ${attempts === 1 ? "round" : "rounds"}${reason && `: ${reason}`}`
const candidateInWords = (candidate: Candidate | undefined) =>
  candidate ? `${candidate.id} at ${candidate.url}` : "this host serves one version at a time"
