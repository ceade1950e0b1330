import { Verdict } from "../../src/exposed-types.js"
import { schemaConflict } from "../database/schema.js"
import { explained } from "../errors.js"
import { asLive, holdForWayBack, leftOpen, noteAnswers, probing, readLedger, recorded, underLock } from "./attempt.js"
import { bothFailed, nothingToGoBackTo, schemaInTheWay } from "./errors.js"
import type { Candidate, Live } from "./host.js"
import { type Attempt, lastGood, Purpose } from "./ledger.js"
import type { Lease } from "./lock.js"
import { mayGoLive } from "./may-go-live.js"
import {
  type Deployment,
  described,
  describedCandidate,
  describedRestored,
  isHealthy,
  type LiveState,
  liveOrUnknown,
  mustBeHealthy,
  outcome,
} from "./outcome.js"
import type { Release } from "./release.js"
import { StepLog } from "./step-log.js"
import type { Target } from "./target.js"
import { Step } from "./tracer.js"

/**
 * Deploys a release: look, lock, gates, place the candidate, migrate, probe, switch, probe live; on failure it restores the previous version.
 *
 * Killed at any point, the live system is completely old or completely new, and the same call again converges.
 * @returns the result. Throws only for bugs of this program.
 */
export async function deploy<Artifact>(release: Release<Artifact>, target: Target<Artifact>): Promise<Deployment> {
  const { host } = target
  const log = new StepLog(target.clock, target.tracer)
  const probed = probing(target, log)
  let before: Live | undefined
  const end = (verdict: Verdict, live: LiveState, failure?: unknown) =>
    outcome(release.commit, release.version, target, log, { id: host.idOf(release), before, verdict, live, failure })

  let unhealthyId = ""
  const isLiveAlready = async () => {
    if (before?.commit !== release.commit || before.id === unhealthyId) return false
    // The same version with other secrets is served anew.
    if ((await host.isConfigured?.()) === false) return false
    if (isHealthy(await probed(Step.ProbeLive, before))) return true
    unhealthyId = before.id
    return false
  }
  try {
    before = await log.step(Step.Look, () => host.live(), described)
    await noteAnswers(target, log)
  } catch (failure) {
    return end(Verdict.Failed, "unknown", failure)
  }
  try {
    const [{ judgeable }, live] = [target, before]
    if (live && judgeable) {
      const warning = await log.step(
        Step.Ask,
        () => judgeable(live),
        (found) => found || "its answer can be judged",
      )
      if (warning) log.warn(warning)
    }
  } catch (failure) {
    return end(explained(failure).verdict, before, failure)
  }
  if ((await isLiveAlready()) && !(await leftOpen(target))) return end(Verdict.NoChange, before)
  return underLock(
    target,
    log,
    `deploy ${release.commit.slice(0, 7)}`,
    (failure) => end(explained(failure).verdict, before, failure),
    async (lease) => {
      before = await log.step(Step.LookAgain, () => host.live(), described)
      await noteAnswers(target, log)
      const done = await isLiveAlready()
      const attempts = await readLedger(target, log, done ? before : undefined)
      if (done) return end(Verdict.NoChange, before)
      const opening = {
        ...release,
        id: host.idOf(release),
        purpose: Purpose.Deploy,
        why: target.overQuarantine || target.allowDiverged || "",
      }
      return recorded(opening, before, target, log, () => attempt(lease, attempts))
    },
  )

  async function attempt(lease: Lease, attempts: Attempt[]): Promise<Deployment> {
    let candidate: Candidate | undefined
    let unhealthy = false
    try {
      const warning = await mayGoLive(release.commit, before, attempts, target)
      if (warning) log.warn(warning)
      const { gates, lastCheck } = target
      if (gates) await log.step(Step.Gates, gates, (passed) => passed)
      candidate = await log.step(Step.Place, () => host.place(release), describedCandidate)
      await lease.hold()
      await log.step(
        Step.Migrate,
        () => target.migrate(),
        (done) => done,
      )
      if (candidate) {
        const { url } = candidate
        const health = await probed(Step.ProbeCandidate, { url, commit: release.commit, id: host.idOf(release) })
        unhealthy = !isHealthy(health)
        mustBeHealthy(health, "new version")
      }
      if (lastCheck) await log.step(Step.LastCheck, lastCheck, (found) => found)
      await lease.hold()
    } catch (failure) {
      // An earlier run may have been killed after it switched to this same bad version.
      const earlier = unhealthy && unhealthyId ? whereToGoBack(attempts) : undefined
      return earlier ? putBack(earlier, failure, true, lease) : end(explained(failure).verdict, before, failure)
    }
    let switched = false
    try {
      const live = await log.step(Step.Switch, () => host.publish(release, candidate), described)
      switched = true
      mustBeHealthy(await probed(Step.ProbeLive, { ...live, commit: release.commit }), "new version")
      return end(Verdict.Success, live)
    } catch (failure) {
      const earlier = whereToGoBack(attempts)
      return earlier ? putBack(earlier, failure, switched, lease) : leaveAsItIs(failure)
    }
  }

  /** What was live before; when an earlier, killed run had already switched, the release before that. */
  function whereToGoBack(attempts: Attempt[]): Live | undefined {
    if (before && before.commit !== release.commit && before.id !== host.idOf(release)) return before
    const good = lastGood(attempts, { commit: release.commit, id: host.idOf(release) })
    return good && asLive(good, before)
  }

  /** Whether nobody else came meanwhile: the host serves this release, or what it served before. */
  async function servesOurs(): Promise<boolean> {
    const now = await host.live()
    const isThisRelease = now?.id === host.idOf(release) || (now?.commit ?? "") === release.commit
    return now === undefined || isThisRelease || now.id === before?.id
  }

  async function putBack(earlier: Live, failure: unknown, switched: boolean, lease: Lease): Promise<Deployment> {
    try {
      const restore = async () => {
        const conflict = target.schemaFor ? schemaConflict(await target.schemaFor(earlier)) : ""
        if (conflict) throw schemaInTheWay(earlier.commit, conflict)
        await holdForWayBack(lease, log, servesOurs)
        return host.restore(earlier)
      }
      const { live, moved } = await log.step(Step.Restore, restore, describedRestored)
      if (!moved && !switched) return end(explained(failure).verdict, live, failure)
      mustBeHealthy(await probed(Step.ProbeRestored, { ...earlier, url: live.url }), "previous version")
      return end(Verdict.RolledBack, live, failure)
    } catch (second) {
      const now = await liveOrUnknown(host)
      if (switched) return end(Verdict.RollbackFailed, now, bothFailed(failure, second))
      if (now === "unknown") return end(Verdict.Inconclusive, now, bothFailed(failure, second))
      // The host accepted neither the new version nor the restore, and served the old one all the time.
      return end(
        now?.id === earlier.id ? explained(failure).verdict : Verdict.RollbackFailed,
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
