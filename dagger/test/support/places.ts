import { mkdtemp } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Clock } from "../../lib/clock.js"
import { LeasedLock } from "../../lib/deployment/lock.js"
import { GitHub } from "../../lib/providers/github/github.js"
import { GitHubLedger } from "../../lib/providers/github/ledger.js"
import { GitHubLocks } from "../../lib/providers/github/lock.js"
import { LocalLedger } from "./local-ledger.js"
import { LocalLocks } from "./local-lock.js"

/** A separate lock and ledger, as files. */
export async function places(clock: Clock) {
  return placesIn(await mkdtemp(join(tmpdir(), "pipeline-")), clock)
}

export function placesIn(folder: string, clock: Clock) {
  const lock = new LeasedLock(new LocalLocks(join(folder, "locks")), clock)
  return { lock, ledger: new LocalLedger(join(folder, "ledger")), actor: "ana", run: "https://runs.example/7" }
}

/** A lock and a ledger at a GitHub stand-in, whose commits are the versions "a" to "h". */
export function placesAt(api: string, clock: Clock) {
  const github = new GitHub({ repository: "owner/book", token: "ghp_x", api }, clock)
  const lock = new LeasedLock(new GitHubLocks(github), clock)
  return { lock, ledger: new GitHubLedger(github), actor: "ana", run: "https://runs.example/7" }
}
