import { z } from "zod"
import { Purpose } from "./ledger.js"

/** What every ledger keeps of an attempt in the same words. */
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
