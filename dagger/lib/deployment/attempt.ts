import { Verdict } from "../../src/exposed-types.js"
import { explained } from "../errors.js"
import { count } from "../text/wording.js"
import type { ProbeResult } from "./health-probe.js"
import type { Live } from "./host.js"
import { type Attempt, endedWithoutAWord, orphans, type Purpose } from "./ledger.js"
import { type Lease, noLease } from "./lock.js"
import { overtakenUnlocked } from "./lock-errors.js"
import { type Deployment, describedHealth } from "./outcome.js"
import type { StepLog } from "./step-log.js"
import type { AnyTarget } from "./target.js"
import { Step } from "./tracer.js"

/** Takes what the providers said beside their answers, such as that something was renamed, into the report. */
export async function noteAnswers({ notes }: AnyTarget, log: StepLog): Promise<void> {
  for (const note of (await quietly(notes?.() ?? Promise.resolve([]))) ?? []) log.warn(note)
}

/** Probes a version as a step of the report. */
export const probing =
  ({ probe }: AnyTarget, log: StepLog) =>
  (step: Step, { url, commit, id }: Pick<Live, "url" | "commit" | "id">): Promise<ProbeResult> =>
    log.step(step, () => probe(url, commit, id), describedHealth)

/** An earlier release as it would be live again: where the one before it answers. */
export const asLive = ({ id, commit }: Pick<Live, "id" | "commit">, before: Live | undefined): Live => ({
  id,
  commit,
  url: before?.url ?? "",
  locked: false,
})

/** Runs `act` while nobody else may change this environment. Calls `refused` when it can't take the lock. */
export async function underLock(
  { environment, lock, actor = "", run = "" }: AnyTarget,
  log: StepLog,
  reason: string,
  refused: (failure: unknown) => Deployment,
  act: (lease: Lease) => Promise<Deployment>,
): Promise<Deployment> {
  let lease: Lease
  try {
    const who = { owner: actor || "somebody", run, reason }
    lease = lock
      ? await log.step(
          Step.Lock,
          () => lock.take(environment, who),
          () => "taken",
        )
      : noLease
  } catch (failure) {
    return refused(failure)
  }
  try {
    return await act(lease)
  } catch (failure) {
    return refused(failure)
  } finally {
    if (lock)
      await quietly(
        log.step(
          Step.Unlock,
          () => lease.release(),
          () => "free",
        ),
      )
  }
}

/**
 * Confirms the lock before a bad version is replaced. A store that can't be asked does not keep that version live: while the lease lasts
 * by our own clock nobody else may have the lock; after that what the host serves says whether somebody else came. The log gets a warning.
 * @param isOurs whether the host still serves what this run, or nobody, put there.
 * @throws DeploymentError when the lock is known to be somebody else's, or when something else is live by now.
 */
export async function holdForWayBack(lease: Lease, log: StepLog, isOurs: () => Promise<boolean>): Promise<void> {
  const doubt = await lease.holdIfPossible()
  if (!doubt) return
  if (doubt.isOver && !(await isOurs())) throw overtakenUnlocked(doubt.expires)
  const { what, why } = explained(doubt.failure)
  const rest = doubt.isOver
    ? `The lease of this run ran out at ${doubt.expires.toISOString()}, and the host still serves what this run put there`
    : `The lease of this run still lasts until ${doubt.expires.toISOString()}`
  log.warn(`The way back went on without asking the lock: ${what} ${why}. ${rest}`)
}

/** The newest entry that a killed run left open. */
export async function leftOpen({ component, environment, ledger }: AnyTarget): Promise<Attempt | undefined> {
  const attempts = await quietly(ledger?.list(component, environment) ?? Promise.resolve([]))
  return orphans(attempts ?? [])[0]
}

/**
 * All attempts, newest first. Closes the entries of killed runs: as a success when their version is live and `healthy` now, else as
 * inconclusive. Goes on without the ledger when it can't be read.
 */
export async function readLedger(
  { component, environment, ledger, clock, run = "" }: AnyTarget,
  log: StepLog,
  healthy?: Live,
): Promise<Attempt[]> {
  if (!ledger) return []
  const read = async () => {
    for (const { entry, id, commit } of orphans(await ledger.list(component, environment))) {
      const isLive = healthy?.commit === commit
      const reason = `${endedWithoutAWord}; closed by ${run || "the next one"}`
      await ledger.close(entry, {
        verdict: isLive ? Verdict.Success : Verdict.Inconclusive,
        id: isLive ? healthy.id : id,
        reason: isLive ? `${reason}, which found it live and healthy` : reason,
        endedAt: clock.now().toISOString(),
      })
    }
    return ledger.list(component, environment)
  }
  return (await quietly(log.step(Step.History, read, (attempts) => count(attempts.length, "earlier attempt")))) ?? []
}

/** Opens the ledger's entry, acts, and closes it with the verdict. */
export async function recorded(
  { commit, version, id, purpose, why }: { commit: string; version: string; id: string; purpose: Purpose; why: string },
  before: Live | undefined,
  { component, environment, ledger, clock, calledAt, cache, ...rest }: AnyTarget,
  log: StepLog,
  act: () => Promise<Deployment>,
): Promise<Deployment> {
  if (!ledger) return act()
  const { actor = "", run = "", schema = "", bothComponents = false } = rest
  const previous = { previousCommit: before?.commit ?? "", previousId: before?.id ?? "" }
  const opening = {
    purpose,
    component,
    environment,
    commit,
    version,
    id,
    ...previous,
    actor,
    run,
    why,
    schema,
    bothComponents,
    calledAt: (calledAt ?? log.started).toISOString(),
    startedAt: clock.now().toISOString(),
    ...(cache && { cache }),
  }
  const entry = await quietly(
    log.step(
      Step.Open,
      () => ledger.open(opening),
      (entry) => entry,
    ),
  )
  const deployment = await act()
  if (entry !== undefined) {
    const { verdict, reason, id, url } = deployment
    const close = () => ledger.close(entry, { verdict, id, reason, url, endedAt: clock.now().toISOString() })
    await quietly(log.step(Step.Record, close, () => verdict))
  }
  return deployment
}

/** Ignores a failure that must not change the verdict of a deployment; the step log has it. */
export async function quietly<Result>(act: Promise<Result>): Promise<Result | undefined> {
  return act.catch(() => undefined)
}
