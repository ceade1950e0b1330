import {
  account,
  candidateInWords,
  healthInWords,
  inWords,
  isHealthy,
  liveOrUnknown,
  mustBeHealthy,
  restoredInWords,
  type Seen,
} from "./account.js"
import { leftOpen, readLedger, recorded, underLock } from "./attempt.js"
import type { Clock } from "./clock.js"
import {
  bothFailed,
  nothingToGoBackTo,
  older,
  quarantined,
  schemaInTheWay,
  siteLocked,
  tell,
} from "./deployment-errors.js"
import type { ProbeResult } from "./health-probe.js"
import { type Journal, Step } from "./journal.js"
import { type Attempt, type Ledger, lastGood, Purpose, quarantine } from "./ledger.js"
import type { Lease, Lock } from "./lock.js"
import { type DeploymentStep, Logbook } from "./logbook.js"
import type { Candidate, Host, Live } from "./providers/host.js"
import { Order, type Release } from "./release.js"
import { type SchemaState, schemaConflict } from "./schema.js"
import type { SecretNames } from "./settings.js"
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
  /** What is live at the end; "" when nothing is, "unknown" when the host could not be asked. */
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
  /** What people were not told of it, and why, a line each. */
  untold?: string[]
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
  /** Tests, coverage, scan; says what passed. Throws to stop. */
  gates?: () => Promise<string>
  /** Asked when all is ready, just before the switch; says what it found. Throws to stop. */
  lastCheck?: () => Promise<string>
  /** What an earlier version makes of the database as it is now; asked before that version is put back. */
  schemaFor?: (earlier: Live) => Promise<SchemaState>
  /** One deployment at a time; without it nothing stops a second one. */
  lock?: Lock
  /** Remembers every attempt; without it there is no quarantine and no way back after a kill. */
  ledger?: Ledger
  /** How `commit` stands to `live` in the history; without it any commit may go live. */
  order?: (commit: string, live: string) => Promise<Order>
  /** Why a quarantined version may go live nevertheless; "" for: it may not. */
  overQuarantine?: string
  /** Who deploys, and the address of the run. */
  actor?: string
  run?: string
  /** Newest schema revision that the release knows. */
  schema?: string
  /** Whether it is one half of a release of both. */
  bothHalves?: boolean
  /** When the call began that checked and built it; when the deployment itself does, unless given. */
  calledAt?: Date | undefined
  /** Names of the environment's secrets, and whether its database was given; for the command that undoes. */
  secrets?: SecretNames
  hasDatabase?: boolean
}

/**
 * Puts a release live: look, lock, gates, place beside, migrate, probe, switch, probe live; on failure the previous version comes back.
 *
 * Killed at any point, the live system is wholly old or wholly new, and the same call again converges.
 * @returns how it ended. Throws only for mistakes in this program.
 */
export async function deploy<Artifact>(release: Release<Artifact>, target: Target<Artifact>): Promise<Deployment> {
  const { host, probe } = target
  const log = new Logbook(target.clock, target.journal)
  let before: Live | undefined
  const end = (verdict: Verdict, live: Seen, failure?: unknown) =>
    account(release.commit, release.version, target, log, { id: host.idOf(release), before, verdict, live, failure })

  let ailing = ""
  const isLiveAlready = async () => {
    if (before?.commit !== release.commit || before.id === ailing) return false
    const { url, commit } = before
    if (isHealthy(await log.step(Step.ProbeLive, () => probe(url, commit), healthInWords))) return true
    ailing = before.id
    return false
  }
  try {
    before = await log.step(Step.Look, () => host.live(), inWords)
  } catch (failure) {
    return end(Verdict.Failed, "unknown", failure)
  }
  if ((await isLiveAlready()) && !(await leftOpen(target))) return end(Verdict.NoChange, before)
  return underLock(
    target,
    log,
    `deploy ${release.commit.slice(0, 7)}`,
    (failure) => end(tell(failure).verdict, before, failure),
    async (lease) => {
      before = await log.step(Step.LookAgain, () => host.live(), inWords)
      const done = await isLiveAlready()
      const attempts = await readLedger(target, log, done ? before : undefined)
      if (done) return end(Verdict.NoChange, before)
      const opening = { ...release, id: host.idOf(release), purpose: Purpose.Deploy, why: target.overQuarantine ?? "" }
      return recorded(opening, before, target, log, () => attempt(lease, attempts))
    },
  )

  async function attempt(lease: Lease, attempts: Attempt[]): Promise<Deployment> {
    let candidate: Candidate | undefined
    let unhealthy = false
    try {
      await mayGoLive(attempts)
      const { gates, lastCheck } = target
      if (gates) await log.step(Step.Gates, gates, (passed) => passed)
      candidate = await log.step(Step.Place, () => host.place(release), candidateInWords)
      await lease.hold()
      await log.step(
        Step.Migrate,
        () => target.migrate(),
        (done) => done,
      )
      if (candidate) {
        const { url } = candidate
        const health = await log.step(Step.ProbeCandidate, () => probe(url, release.commit), healthInWords)
        unhealthy = !isHealthy(health)
        mustBeHealthy(health, "new version")
      }
      if (lastCheck) await log.step(Step.LastCheck, lastCheck, (found) => found)
      await lease.hold()
    } catch (failure) {
      // An earlier run may have been killed after it had put this same bad version live.
      const earlier = unhealthy && ailing ? whereToGoBack(attempts) : undefined
      return earlier ? putBack(earlier, failure, true, lease) : end(tell(failure).verdict, before, failure)
    }
    let switched = false
    try {
      const live = await log.step(Step.Switch, () => host.publish(release, candidate), inWords)
      switched = true
      mustBeHealthy(await log.step(Step.ProbeLive, () => probe(live.url, release.commit), healthInWords), "new version")
      return end(Verdict.Success, live)
    } catch (failure) {
      const earlier = whereToGoBack(attempts)
      return earlier ? putBack(earlier, failure, switched, lease) : leaveAsItIs(failure)
    }
  }

  async function mayGoLive(attempts: Attempt[]): Promise<void> {
    if (before?.locked) throw siteLocked(before.url)
    const why = quarantine(attempts, release.commit)
    if (why && !target.overQuarantine) throw quarantined(release.commit, why)
    if (!before?.commit || !target.order) return
    if ((await target.order(release.commit, before.commit)) === Order.Older) throw older(release.commit, before.commit)
  }

  /** What was live; when an earlier, killed run had switched already, the release before that. */
  function whereToGoBack(attempts: Attempt[]): Live | undefined {
    if (before && before.commit !== release.commit && before.id !== host.idOf(release)) return before
    const good = lastGood(attempts, { commit: release.commit, id: host.idOf(release) })
    return good && { id: good.id, commit: good.commit, url: before?.url ?? "", locked: false }
  }

  async function putBack(earlier: Live, failure: unknown, switched: boolean, lease: Lease): Promise<Deployment> {
    try {
      const restore = async () => {
        const conflict = target.schemaFor ? schemaConflict(await target.schemaFor(earlier)) : ""
        if (conflict) throw schemaInTheWay(earlier.commit, conflict)
        await lease.hold()
        return host.restore(earlier)
      }
      const { live, moved } = await log.step(Step.Restore, restore, restoredInWords)
      if (!moved && !switched) return end(tell(failure).verdict, live, failure)
      mustBeHealthy(
        await log.step(Step.ProbeRestored, () => probe(live.url, earlier.commit), healthInWords),
        "previous version",
      )
      return end(Verdict.RolledBack, live, failure)
    } catch (second) {
      const now = await liveOrUnknown(host)
      if (switched) return end(Verdict.RollbackFailed, now, bothFailed(failure, second))
      if (now === "unknown") return end(Verdict.Inconclusive, now, bothFailed(failure, second))
      // The host took neither the new version nor the old one anew, and has served the old one all the time.
      return end(
        now?.id === earlier.id ? tell(failure).verdict : Verdict.RollbackFailed,
        now,
        bothFailed(failure, second),
      )
    }
  }

  async function leaveAsItIs(failure: unknown): Promise<Deployment> {
    const now = await liveOrUnknown(host)
    if (now === "unknown") return end(Verdict.Inconclusive, now, failure)
    if (now === undefined) return end(Verdict.Failed, now, failure)
    return end(Verdict.RollbackFailed, now, bothFailed(failure, nothingToGoBackTo(now.url)))
  }
}
