import { Verdict } from "../../src/exposed-types.js"
import { type Attempt, endedWithoutAWord, Purpose } from "../deployment/ledger.js"

/** The verdict of an attempt, or why it has none. */
export type AttemptResult = Verdict | "running" | "left-open"

/** Why a time of an attempt is left out. */
export enum LeftOut {
  /** It would be negative: the clocks of the run, the ledger or the committer differ. */
  ClockSkew = "clock-skew",
  /** Its run was killed: the recorded end is when the next run found it. */
  Killed = "killed",
  /** The date of the commit is unknown. */
  CommitUnknown = "commit-unknown",
}

/** A failure that nothing has succeeded after. */
export interface Outage {
  /** Milliseconds since 1970. */
  since: number
  /** The failed attempt, or the manual rollback of a bad release. */
  attempt: Attempt
}

/** What one attempt contributes to the metrics. Times are whole seconds; `undefined` for none. */
export interface Assessment {
  attempt: Attempt
  /** Date of its commit, ISO 8601; "" when unknown. */
  committedAt: string
  /** When it counts: at its end, or at its start while it is open. Milliseconds since 1970. */
  at: number
  result: AttemptResult
  /** A deployment with a known result, not a refused one. */
  isDeployment: boolean
  /** A deployment that ended live and healthy. */
  wentLive: boolean
  /** A deployment that reached visitors, and was reverted or should have been. */
  isChangeFailure: boolean
  /** The manual rollback that reverted it. */
  revertedBy: Attempt | undefined
  /** A deployment right after a failure or a rollback of the same component in the same environment. */
  isRework: boolean
  /** A manual rollback with a known result. */
  isRollback: boolean
  /** From the call to the verdict, of a success. */
  seconds: number | undefined
  /** From the commit to its first success in this component and environment. */
  leadSeconds: number | undefined
  /** From the failure to this success. */
  restoreSeconds: number | undefined
  restored: Outage | undefined
  leftOut: LeftOut[]
}

const triedVerdicts: AttemptResult[] = [Verdict.Success, Verdict.RolledBack, Verdict.Failed, Verdict.RollbackFailed]
const metVisitors: AttemptResult[] = [Verdict.Success, Verdict.RolledBack, Verdict.RollbackFailed]

/** The longest time that any run may take: an attempt that is open for longer was killed. The settings allow no larger budget. */
const longestRunMilliseconds = 3_600_000

/**
 * Judges the attempts of one component in one environment.
 * @param attempts newest first, as a ledger lists them; each with a valid start.
 * @param committedAt dates of commits, ISO 8601.
 * @param now milliseconds since 1970.
 * @returns one for each, oldest first, and the outage that is not over.
 */
export function assessed(
  attempts: Attempt[],
  committedAt: (commit: string) => string,
  now: number,
): { assessments: Assessment[]; outage: Outage | undefined } {
  let outage: Outage | undefined
  let isAfterFailure = false
  const liveByCommit = new Map<string, Assessment>()
  const assessments: Assessment[] = []
  // The lock serializes them, so their order is that of their starts, whatever their clocks say.
  for (const attempt of attempts.toReversed()) {
    const one = begun(attempt, committedAt(attempt.commit), now)
    const { result } = one
    const tried = triedVerdicts.includes(result)
    const succeeded = result === Verdict.Success
    const failed = tried && !succeeded
    if (attempt.purpose === Purpose.Deploy) {
      one.isDeployment = tried
      one.wentLive = succeeded
      one.isChangeFailure = failed && metVisitors.includes(result)
      one.isRework = tried && isAfterFailure
      if (failed) outage ??= { since: one.at, attempt }
      if (succeeded && !liveByCommit.has(attempt.commit)) lead(one)
    } else if (tried) {
      one.isRollback = true
      const left = liveByCommit.get(attempt.previousCommit)
      if (left?.wentLive) {
        left.isChangeFailure = true
        left.revertedBy = attempt
      }
      outage ??= { since: left?.at ?? Date.parse(attempt.startedAt), attempt }
    }
    if (tried) isAfterFailure = failed || one.isRollback
    if (succeeded) {
      took(one)
      if (outage) restore(one, outage)
      outage = undefined
      liveByCommit.set(attempt.commit, one)
    }
    assessments.push(one)
  }
  return { assessments, outage }
}

function begun(attempt: Attempt, committedAt: string, now: number): Assessment {
  const [start, end] = [Date.parse(attempt.startedAt), Date.parse(attempt.endedAt)]
  const isOpen = attempt.verdict === undefined
  return {
    attempt,
    committedAt,
    at: isOpen || Number.isNaN(end) ? start : end,
    result: attempt.verdict ?? (now - start > longestRunMilliseconds ? "left-open" : "running"),
    isDeployment: false,
    wentLive: false,
    isChangeFailure: false,
    revertedBy: undefined,
    isRework: false,
    isRollback: false,
    seconds: undefined,
    leadSeconds: undefined,
    restoreSeconds: undefined,
    restored: undefined,
    leftOut: [],
  }
}

const wasKilled = ({ attempt }: Assessment) => attempt.reason.startsWith(endedWithoutAWord)

function took(one: Assessment): void {
  if (wasKilled(one)) one.leftOut.push(LeftOut.Killed)
  else one.seconds = between(Date.parse(one.attempt.calledAt || one.attempt.startedAt), one)
}

function lead(one: Assessment): void {
  const committed = Date.parse(one.committedAt)
  if (Number.isNaN(committed)) one.leftOut.push(LeftOut.CommitUnknown)
  else if (!wasKilled(one)) one.leadSeconds = between(committed, one)
}

function restore(one: Assessment, outage: Outage): void {
  one.restored = outage
  if (!wasKilled(one)) one.restoreSeconds = between(outage.since, one)
}

/** Seconds to the end of `one`; a negative time is left out and counted. */
function between(since: number, one: Assessment): number | undefined {
  const seconds = (one.at - since) / 1000
  // GitHub truncates its times to whole seconds, so an end may seem up to one second before its start.
  if (seconds > -1) return Math.max(0, seconds)
  if (!one.leftOut.includes(LeftOut.ClockSkew)) one.leftOut.push(LeftOut.ClockSkew)
  return undefined
}
