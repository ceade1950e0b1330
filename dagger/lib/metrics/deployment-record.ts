import { z } from "zod"
import { Verdict } from "../../src/exposed-types.js"
import type { Attempt, History } from "../deployment/ledger.js"
import { storedAttempt, withCurrentKeys } from "../deployment/stored-attempt.js"
import { redacted, sanitized, shortened } from "../text/untrusted.js"
import { deploymentsUnreadable } from "./errors.js"

/** A history and the dates of its commits, as the file deployments.json keeps them. */
export interface DeploymentRecord {
  history: History
  /** Commit hash to ISO 8601; a commit with an unknown date is missing. */
  committedAt: Map<string, string>
  /** When it was read, milliseconds since 1970. */
  at: number
}

/** Goes up when a key changes its meaning or is removed; a new key changes nothing for programs that read the others. */
const schema = 2
/** In schema 1 the keys `component` and `bothComponents` were called `half` and `bothHalves`. */
const readableSchemas = [1, schema]

const text = (given: string, limit = 1000) => shortened(redacted(sanitized(given.toWellFormed())), limit)

/** The record with redacted secrets, no control characters and shortened texts: anyone who may deploy can write to a ledger. */
export function cleaned({ history, ...rest }: DeploymentRecord): DeploymentRecord {
  const attempts = history.attempts.map((attempt) => ({
    ...attempt,
    entry: text(attempt.entry, 100),
    commit: text(attempt.commit, 100),
    version: text(attempt.version, 200),
    actor: text(attempt.actor, 200),
    run: text(attempt.run),
    why: text(attempt.why),
    reason: text(attempt.reason),
  }))
  return { ...rest, history: { ...history, attempts } }
}

/** The record for other programs, and for `--ledger`; described in docs/deployment/metrics.md. */
export function deploymentsJson({ history, committedAt, at }: DeploymentRecord): string {
  const { attempts, ...rest } = history
  const deployments = attempts.map(({ verdict, ...attempt }) => ({
    ...attempt,
    verdict: verdict ?? "",
    committedAt: committedAt.get(attempt.commit) ?? "",
  }))
  return `${JSON.stringify({ schema, at: new Date(at).toISOString(), ...rest, deployments }, null, 2)}\n`
}

const time = z.iso.datetime()
const File = z.object({
  schema: z.literal(readableSchemas),
  at: time,
  since: time,
  cut: z.boolean(),
  foreign: z.int().min(0),
  unreadable: z.int().min(0),
  deployments: z.array(z.unknown()),
})
const StoredEntry = z.object({
  ...storedAttempt,
  entry: z.string(),
  component: z.string(),
  environment: z.string(),
  commit: z.string(),
  endedAt: z.string(),
  verdict: z.union([z.literal(""), z.enum(Verdict)]),
  reason: z.string(),
  committedAt: z.string().default(""),
})

/**
 * Reads a file that `deploymentsJson` wrote. An incomplete entry is skipped and counted as unreadable.
 * @throws PipelineError when the file itself can't be read.
 */
export function readDeployments(file: string): DeploymentRecord {
  let value: unknown
  try {
    value = JSON.parse(file)
  } catch {
    throw deploymentsUnreadable("it is not JSON, or not all of it")
  }
  const read = File.safeParse(value)
  if (!read.success) {
    const key = read.error.issues[0]?.path.join(".")
    if (!key || key === "schema")
      throw deploymentsUnreadable(`it is not of schema ${readableSchemas.join(" or ")}, which this module reads`)
    throw deploymentsUnreadable(`its key ${key} is missing, or of another kind`)
  }
  const { schema: _, at, deployments, ...history } = read.data
  const committedAt = new Map<string, string>()
  const attempts = deployments.flatMap((entry): Attempt[] => {
    const { success, data } = StoredEntry.safeParse(withCurrentKeys(entry))
    if (!success) return []
    const { verdict, committedAt: date, ...attempt } = data
    if (!Number.isNaN(Date.parse(date))) committedAt.set(attempt.commit, date)
    return [{ ...attempt, verdict: verdict || undefined }]
  })
  const unreadable = history.unreadable + deployments.length - attempts.length
  return { history: { ...history, unreadable, attempts }, committedAt, at: Date.parse(at) }
}
