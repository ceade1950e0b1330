import { z } from "zod"
import type { LeaseRecord } from "../lock.js"

const StoredLease = z.object({
  fence: z.int(),
  owner: z.string(),
  run: z.string(),
  reason: z.string(),
  expires: z.string(),
})

/** Reads a lease as it was written. Throws when somebody else wrote something else there. */
export const leaseFrom = (text: string): LeaseRecord => StoredLease.parse(JSON.parse(text))
