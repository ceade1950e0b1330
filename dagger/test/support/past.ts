import { type Attempt, type History, Purpose } from "../../lib/deployment/ledger.js"
import { Verdict } from "../../src/exposed-types.js"
import { opening } from "./openings.js"

/** An attempt at the version of a letter in the backend of production, that began at a time and took some seconds. */
export function past(
  letter: string,
  startedAt: string,
  seconds: number,
  verdict: Verdict | undefined = Verdict.Success,
  extra: Partial<Attempt> = {},
): Attempt {
  return {
    ...opening(letter, { environment: "production" }),
    entry: `${letter}-${startedAt}`,
    run: `https://runs.example/${letter}`,
    startedAt,
    endedAt: verdict === undefined ? "" : new Date(Date.parse(startedAt) + 1000 * seconds).toISOString(),
    verdict,
    reason: verdict === Verdict.Success ? "" : "answered 500",
    ...extra,
  }
}

/** A manual rollback from the version of one letter to that of another. */
export const pastRollback = (
  from: string,
  to: string,
  startedAt: string,
  seconds: number,
  verdict = Verdict.Success,
): Attempt =>
  past(to, startedAt, seconds, verdict, {
    purpose: Purpose.Rollback,
    previousCommit: from.repeat(40),
    previousId: `id-${from}`,
    why: "prices are wrong",
  })

/** A history from attempts, oldest first. */
export const historyOf = (oldestFirst: Attempt[], extra: Partial<History> = {}): History => ({
  attempts: oldestFirst.toReversed(),
  since: "1970-01-01T00:00:00.000Z",
  cut: false,
  foreign: 0,
  unreadable: 0,
  ...extra,
})

export const production = { component: "backend", environment: "production" }
