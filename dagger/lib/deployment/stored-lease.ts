import { z } from "zod"
import { answerUnreadable } from "./host-errors.js"
import type { LeaseRecord } from "./lock.js"

const StoredLease = z.object({
  fence: z.int(),
  owner: z.string(),
  run: z.string(),
  reason: z.string(),
  expires: z.string(),
})

/** Reads a lease. Throws when it is not in the format that this module writes. */
export function leaseFrom(text: string): LeaseRecord {
  const lease = StoredLease.safeParse(parsed(text))
  if (lease.success) return lease.data
  throw answerUnreadable("The store of the locks", "its newest record", z.prettifyError(lease.error))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
