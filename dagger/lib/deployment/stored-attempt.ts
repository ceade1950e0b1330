import { z } from "zod"
import { Purpose } from "./ledger.js"

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
