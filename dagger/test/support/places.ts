import { mkdtemp } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Clock } from "../../src/clock.js"
import { LeasedLock } from "../../src/lock.js"
import { LocalLedger } from "../../src/providers/local-ledger.js"
import { LocalLocks } from "../../src/providers/local-lock.js"

/** A lock and a ledger of their own, as files. */
export async function places(clock: Clock) {
  return placesIn(await mkdtemp(join(tmpdir(), "pipeline-")), clock)
}

export function placesIn(folder: string, clock: Clock) {
  const lock = new LeasedLock(new LocalLocks(join(folder, "locks")), clock)
  return { lock, ledger: new LocalLedger(join(folder, "ledger")), actor: "ana", run: "https://runs.example/7" }
}
