import { Verdict } from "../../src/exposed-types.js"
import type { CacheUse } from "../cache/slow-step.js"

/** What an attempt was for. */
export enum Purpose {
  Deploy = "deploy",
  Rollback = "rollback",
}

/** One attempt to change what is live, kept forever. Every attempt is in the ledger exactly once. */
export interface Attempt {
  /** The ledger's ID of it. */
  entry: string
  purpose: Purpose
  component: string
  environment: string
  commit: string
  version: string
  /** The host's name of what was to go live; "" when it had none yet. */
  id: string
  /** What was live before. */
  previousCommit: string
  previousId: string
  actor: string
  /** Address of the run. */
  run: string
  /** The reason of a rollback, or for deploying a quarantined version. */
  why: string
  /** Newest schema revision that the version knows; "" for none. */
  schema: string
  /** Whether it was one component of a release of both. */
  bothComponents: boolean
  /** When its call began, checks and build included, ISO 8601; "" in entries from before this was kept. */
  calledAt: string
  /** How much of its checks, build and scan came from a cache; absent in entries from before this was kept. */
  cache?: CacheUse | undefined
  /** When it had the lock, ISO 8601; `endedAt` is "" while it runs. */
  startedAt: string
  endedAt: string
  /** `undefined` while it runs; stays so when its run was killed and no other run followed. */
  verdict: Verdict | undefined
  reason: string
}

export type Opening = Omit<Attempt, "entry" | "endedAt" | "verdict" | "reason">

export interface Closing {
  verdict: Verdict
  id: string
  reason: string
  endedAt: string
  /** Address of what is live now, for people. */
  url?: string
}

/** The record of all attempts. It never decides what is live: that always comes from the host. */
export interface Ledger {
  open(attempt: Opening): Promise<string>
  close(entry: string, closing: Closing): Promise<void>
  /** Newest first. @param enough whether these suffice, asked as they are read; without it some thirty that reached the host do. */
  list(component: string, environment: string, enough?: (attempts: Attempt[]) => boolean): Promise<Attempt[]>
}

/** One component in one environment, where deployments run one after the other. */
export interface Place {
  component: string
  environment: string
}

/** What a ledger holds of a span of time. */
export interface History {
  /** Newest first. */
  attempts: Attempt[]
  /** All attempts since then are among them, ISO 8601. */
  since: string
  /** Whether older ones in the requested span are left out because there are too many. */
  cut: boolean
  /** Entries of other programs, and own entries that can't be read; neither are among the attempts. */
  foreign: number
  unreadable: number
}

/** The reason of an attempt that another run closed begins so; its end is when that run came, not when it happened. */
export const endedWithoutAWord = "its run ended without a word"

/** Attempts that never ended: for the holder of the lock, their runs were killed. */
export const orphans = (attempts: Attempt[]) => attempts.filter(({ verdict }) => verdict === undefined)

/**
 * Why `commit` may not be deployed again, or "". The newest entry decides: a version that was rolled back is quarantined until it
 * is deployed again on purpose.
 */
export function quarantine(attempts: Attempt[], commit: string): string {
  for (const attempt of attempts) {
    const failedItself = attempt.commit === commit && isRollback(attempt.verdict)
    const leftByHand =
      attempt.purpose === Purpose.Rollback && attempt.previousCommit === commit && attempt.verdict === Verdict.Success
    if (failedItself) return `it was rolled back on ${attempt.endedAt}: ${attempt.reason}`
    if (leftByHand) return `it was rolled back by ${attempt.actor || "hand"} on ${attempt.endedAt}: ${attempt.why}`
    if (attempt.commit === commit && attempt.verdict === Verdict.Success) return ""
  }
  return ""
}

/** The newest version that went live, is not quarantined and is not live now: the target of a rollback. */
export function lastGood(attempts: Attempt[], live: { commit: string; id: string }): Attempt | undefined {
  return attempts.find(
    (attempt) =>
      attempt.verdict === Verdict.Success &&
      attempt.id !== "" &&
      attempt.id !== live.id &&
      attempt.commit !== live.commit &&
      quarantine(attempts, attempt.commit) === "",
  )
}

/**
 * What was live in a component before a release of both components deployed `commit`, across its killed runs; `undefined` when
 * `commit` was deployed alone, or when nothing was live.
 */
export function beforeRelease(attempts: Attempt[], commit: string): { commit: string; id: string } | undefined {
  for (const attempt of attempts.filter(({ verdict }) => verdict === undefined || !changedNothing.has(verdict))) {
    if (attempt.commit !== commit || !attempt.bothComponents || attempt.purpose !== Purpose.Deploy) return undefined
    // After a run that was killed after the switch, the next one finds its own version live.
    if (attempt.previousCommit === commit || attempt.previousId === attempt.id) continue
    return attempt.previousId ? { commit: attempt.previousCommit, id: attempt.previousId } : undefined
  }
  return undefined
}

const changedNothing = new Set([Verdict.Refused, Verdict.Locked, Verdict.Superseded, Verdict.Failed])

/**
 * The target of the same rollback when it was called before without a target, from the newest entry: calling it again must not roll
 * back one release further. Any run continues an entry that is open or was left open.
 */
export function sameRollback([newest]: Attempt[], reason: string, run: string): Attempt | undefined {
  if (newest?.purpose !== Purpose.Rollback || newest.why !== reason) return undefined
  const wasKilled = newest.verdict === undefined || newest.verdict === Verdict.Inconclusive
  const wasDone = newest.verdict === Verdict.Success && newest.run === run
  return wasKilled || wasDone ? newest : undefined
}

const isRollback = (verdict: Verdict | undefined) =>
  verdict === Verdict.RolledBack || verdict === Verdict.RollbackFailed
