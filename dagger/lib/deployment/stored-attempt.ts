import { z } from "zod"
import type { CacheUse } from "../cache/slow-step.js"
import { Purpose } from "./ledger.js"

const count = z.int().min(0)
const storedCacheUse = z
  .object({ steps: count, cached: count, unknown: count })
  .refine(({ steps, cached, unknown }) => cached + unknown <= steps)

/** The keys of an attempt that every ledger stores under the same names. */
export const storedAttempt = {
  purpose: z.enum(Purpose),
  version: z.string(),
  id: z.string(),
  previousCommit: z.string(),
  previousId: z.string(),
  actor: z.string(),
  run: z.string(),
  why: z.string(),
  schema: z.string(),
  bothComponents: z.boolean().default(false),
  calledAt: z.string().default(""),
  startedAt: z.string(),
  // Entries from before this was counted say nothing of it. One that says what can't be is an entry all the same: what was live counts.
  cache: storedCacheUse.optional().catch((): CacheUse | undefined => undefined),
}

const renamedKeys = new Map([
  ["half", "component"],
  ["bothHalves", "bothComponents"],
])

/** An entry with the keys of today. A ledger keeps its entries forever, so those with the earlier keys stay readable. */
export function withCurrentKeys(entry: unknown): unknown {
  if (typeof entry !== "object" || entry === null) return entry
  return Object.fromEntries(Object.entries(entry).map(([key, value]) => [renamedKeys.get(key) ?? key, value]))
}
