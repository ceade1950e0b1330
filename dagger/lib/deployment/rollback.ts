import { Verdict } from "../../src/exposed-types.js"
import { type SchemaState, schemaConflict } from "../database/schema.js"
import { explained } from "../errors.js"
import {
  asLive,
  holdForWayBack,
  leftOpen,
  noteAnswers,
  probing,
  quietly,
  readLedger,
  recorded,
  underLock,
} from "./attempt.js"
import { probeFailed, quarantined, schemaInTheWay } from "./errors.js"
import type { Candidate, Live } from "./host.js"
import { vanished } from "./host-errors.js"
import { type Attempt, lastGood, Purpose, quarantine, sameRollback } from "./ledger.js"
import type { Lease } from "./lock.js"
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
import {
  ambiguousRelease,
  movedMeanwhile,
  noGoodRelease,
  nothingLive,
  reasonNeeded,
  rolledBackToUnhealthy,
  unknownRelease,
} from "./rollback-errors.js"
import { StepLog } from "./step-log.js"
import type { AnyTarget, Target } from "./target.js"
import { Step } from "./tracer.js"
import { undoRollback } from "./undo.js"

export interface RollbackRequest {
  /** Commit (or its beginning) or host ID of the release to roll back to; "" for the last good one. */
  to: string
  /** The reason; kept with the release. */
  reason: string
  /** The host's ID of what was live when the call began, where something else looked; "" where that is not known. */
  seen?: string
  /** Compares the schema that the release knows with the database; absent for a component without one. */
  schema?: (release: Attempt) => Promise<SchemaState>
}

/** The host's ID of what is live before the wait for the lock; "" when nobody can say: that stops no rollback. */
export const seenAt = async ({ host, lock }: AnyTarget): Promise<string> =>
  (lock && (await quietly(host.live()))?.id) || ""

/** One release that went live, a possible target of a rollback. */
export type PastRelease = {
  commit: string
  version: string
  /** The host's ID of it. */
  id: string
  /** When it went live, ISO 8601. */
  at: string
  /** Whole seconds since then. */
  ageSeconds: number
  author: string
  verdict: Verdict
  /** Newest schema revision it knows; "" for none. */
  schema: string
  usable: boolean
  /** Why it is not usable; "" when it is. */
  reason: string
}

const mostListed = 10

const didGoLive = ({ verdict, id }: Attempt) =>
  id !== "" && (verdict === Verdict.Success || verdict === Verdict.RolledBack)

/** The versions that went live, each once. */
function wentLive(attempts: Attempt[]): Attempt[] {
  const all = attempts.filter(didGoLive)
  return all.filter(({ id }, index) => all.findIndex((other) => other.id === id) === index)
}

/** The newest ten versions that went live, newest first, each once. */
export async function releases<Artifact>({
  component,
  environment,
  ledger,
  host,
  archive,
  clock,
}: Target<Artifact>): Promise<PastRelease[]> {
  const attempts = (await ledger?.list(component, environment, (read) => wentLive(read).length >= mostListed)) ?? []
  const live = await host.live()
  return Promise.all(
    wentLive(attempts)
      .slice(0, mostListed)
      .map(async (attempt) => {
        const reason =
          live?.id === attempt.id
            ? "it is live"
            : quarantine(attempts, attempt.commit) ||
              ((await host.has(attempt.id)) || (await archive?.has(attempt.commit)) ? "" : "the host no longer has it")
        return {
          commit: attempt.commit,
          version: attempt.version,
          id: attempt.id,
          at: attempt.endedAt,
          ageSeconds: Math.round((clock.now().getTime() - Date.parse(attempt.endedAt)) / 1000),
          author: attempt.actor,
          verdict: attempt.verdict ?? Verdict.Inconclusive,
          schema: attempt.schema,
          usable: reason === "",
          reason,
        }
      }),
  )
}

/** The release that `to` names, or the last good one. Throws when there is none, or more than one. */
export function choose(attempts: Attempt[], live: Live, to: string, place: string): Attempt {
  if (to === "") {
    const good = lastGood(attempts, live)
    if (!good) throw noGoodRelease(place)
    return good
  }
  const fitting = attempts
    .filter(didGoLive)
    .filter(({ id, commit }) => id === to || (/^[0-9a-f]{7,40}$/.test(to) && commit.startsWith(to)))
  const [first] = fitting
  if (!first) throw unknownRelease(to)
  const commits = [...new Set(fitting.map(({ commit }) => commit))]
  if (commits.length > 1) throw ambiguousRelease(to, commits)
  return first
}

/** A release to go back to. */
export interface Chosen {
  release: Attempt
  /** Whether the host has forgotten it, so that it is made anew from what the archive keeps. */
  fromArchive: boolean
}

/** The release to restore, once everything that would forbid it was looked at. Changes nothing. */
export async function chosenAndChecked<Artifact>(
  { host, archive, component, environment }: Target<Artifact>,
  request: RollbackRequest,
  { before, attempts, to }: { before: Live | undefined; attempts: Attempt[]; to: string },
): Promise<Chosen> {
  const place = `${component} of ${environment}`
  if (!before && request.to === "" && attempts.length === 0) throw nothingLive(place)
  const release = choose(attempts, before ?? asLive({ id: "", commit: "" }, before), to, place)
  const why = quarantine(attempts, release.commit)
  if (why && release.id !== before?.id) throw quarantined(release.commit, why)
  const fromArchive = !(await host.has(release.id))
  if (fromArchive && !(await archive?.has(release.commit))) throw vanished("the host", release.id, archive?.name)
  const conflict = request.schema ? schemaConflict(await request.schema(release)) : ""
  if (conflict) throw schemaInTheWay(release.commit, conflict)
  return { release, fromArchive }
}

/**
 * Restores an earlier release: no build, no migration. Checks the release before anything changes, probes it afterwards, and
 * quarantines the version it replaces. It never rolls back further automatically: when the probe fails, a person is needed.
 */
export async function rollback<Artifact>(target: Target<Artifact>, request: RollbackRequest): Promise<Deployment> {
  const { host, component } = target
  const log = new StepLog(target.clock, target.tracer)
  const probed = probing(target, log)
  let before: Live | undefined
  let chosen: Attempt | undefined
  const end = (verdict: Verdict, live: LiveState, failure?: unknown): Deployment => {
    const { commit, version, id } = chosen ?? { commit: request.to, version: request.to, id: "" }
    const deployment = outcome(commit, version, target, log, { id, before, verdict, live, failure })
    return { ...deployment, undo: deployment.undo && undoRollback(component, target, before?.commit ?? "") }
  }
  const refuse = (failure: unknown) => end(explained(failure).verdict, before, failure)

  if (request.reason.trim() === "") return end(Verdict.Refused, await liveOrUnknown(host), reasonNeeded())
  const seen = request.seen ?? (request.to === "" ? await seenAt(target) : "")
  return underLock(target, log, `roll back: ${request.reason}`.slice(0, 200), refuse, async (lease) => {
    before = await log.step(Step.Look, () => host.live(), described)
    await noteAnswers(target, log)
    const open = await leftOpen(target)
    const attempts = await readLedger(target, log, await liveAndHealthy(open))
    const goingTo = sameRollback(open ? [open] : attempts, request.reason, target.run ?? "")
    // Whoever asked meant what was live then. What came meanwhile may be the fix, and the last good release what was to be left.
    if (before && seen && !goingTo && before.id !== seen)
      throw movedMeanwhile(`${component} of ${target.environment}`, before.commit)
    const { release, fromArchive } = await log.step(
      Step.Choose,
      () => chosenAndChecked(target, request, { before, attempts, to: request.to || (goingTo?.id ?? "") }),
      ({ release: { commit, id }, fromArchive }) =>
        `${commit} as ${id}${fromArchive ? `, which the host has forgotten and ${target.archive?.name} keeps` : ""}`,
    )
    chosen = release
    // Before anything changes: what can't be verified is not served.
    const artifact = fromArchive ? await takeKept(release.commit) : undefined
    if (before?.id === release.id) {
      const health = await probed(Step.ProbeLive, asLive(release, before))
      return isHealthy(health)
        ? end(Verdict.NoChange, before)
        : end(Verdict.Failed, before, probeFailed("live version", health))
    }
    const opening = { ...release, purpose: Purpose.Rollback, why: request.reason }
    return recorded(opening, before, { ...target, schema: release.schema }, log, () => goBack(release, lease, artifact))
  })

  /** What is live, when a killed run deployed it and it is healthy. */
  async function liveAndHealthy(open: Attempt | undefined): Promise<Live | undefined> {
    if (!before || open?.id !== before.id) return undefined
    return isHealthy(await probed(Step.ProbeLive, asLive(open, before))) ? before : undefined
  }

  async function takeKept(commit: string): Promise<Artifact | undefined> {
    const { archive } = target
    return (
      archive &&
      log.step(
        Step.TakeKept,
        () => archive.take(commit),
        () => `from ${archive.name}, verified`,
      )
    )
  }

  /** Makes a release that the host has forgotten anew, and probes it beside what is live. @returns the host's new ID of it. */
  async function placeAnew(kept: Release<Artifact>): Promise<Candidate | undefined> {
    const candidate = await log.step(Step.Place, () => host.place(kept), describedCandidate)
    if (candidate)
      mustBeHealthy(await probed(Step.ProbeCandidate, { ...candidate, commit: kept.commit }), "earlier release")
    return candidate
  }

  async function goBack(release: Attempt, lease: Lease, artifact: Artifact | undefined): Promise<Deployment> {
    const earlier = asLive(release, before)
    let moved = false
    try {
      const kept = artifact && { commit: release.commit, version: release.version, artifact }
      const candidate = kept && (await placeAnew(kept))
      await holdForWayBack(lease, log, async () => (await host.live())?.id === before?.id)
      const { live } = await log.step(
        Step.Restore,
        async () => (kept ? { live: await host.publish(kept, candidate), moved: true } : host.restore(earlier)),
        describedRestored,
      )
      moved = true
      chosen = { ...release, id: live.id }
      mustBeHealthy(await probed(Step.ProbeRestored, { ...live, commit: release.commit }), "earlier release")
      return end(Verdict.Success, live)
    } catch (failure) {
      const now = await liveOrUnknown(host)
      if (now === "unknown") return end(moved ? Verdict.RollbackFailed : Verdict.Inconclusive, now, failure)
      if (!moved && now?.id === before?.id) return end(explained(failure).verdict, now, failure)
      return end(Verdict.RollbackFailed, now, rolledBackToUnhealthy(failure))
    }
  }
}
