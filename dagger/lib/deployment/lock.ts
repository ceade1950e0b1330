import { Verdict } from "../../src/exposed-types.js"
import type { Clock } from "../clock.js"
import { DeploymentError } from "../errors.js"
import { lockHeld, lockLost } from "./lock-errors.js"

/** Who holds the lock of an environment, and until when. */
export interface LeaseRecord {
  /** Increases by one with each holder; a holder whose number is not the newest has lost the lock. */
  fence: number
  /** Who holds it; "" when it is free. */
  owner: string
  /** Address of the run, for people. */
  run: string
  reason: string
  /** When it ends unless it is renewed, ISO 8601. */
  expires: string
}

/** Keeps one record for each lock; only replaces the version that was read. */
export interface LeaseStore {
  read(lock: string): Promise<{ record: LeaseRecord; version: string } | undefined>
  /** `over` is the version that was read, `undefined` for none. Returns `false` when another run wrote first. */
  write(lock: string, record: LeaseRecord, over: string | undefined): Promise<boolean>
  /** The same store, which answers or throws by then, in milliseconds since 1970. */
  by(until: number): LeaseStore
}

/** What is known of a lock whose store could not be asked. */
export interface Doubt {
  /** When the lease ends by our own clock. */
  expires: Date
  /** Whether it has ended: somebody else may have the lock by now. */
  isOver: boolean
  /** Why the store could not be asked. */
  failure: unknown
}

export interface Lease {
  /** Confirms that the lock is still held, and renews it. Throws when another run has taken it over. */
  hold(): Promise<void>
  /**
   * The same, for whoever must not be kept waiting by the store: asks for ten seconds at most.
   * @returns what is uncertain when the store could not be asked. Throws only when somebody else is known to have taken it over.
   */
  holdIfPossible(): Promise<Doubt | undefined>
  release(): Promise<void>
}

export interface Lock {
  take(lock: string, who: { owner: string; run: string; reason: string }): Promise<Lease>
}

export interface LeasePolicy {
  /** Whole seconds until a lease expires unless it is renewed. */
  leaseSeconds: number
  /** Whole seconds to wait for another run's lease to end. */
  waitSeconds: number
}

/** Whether a record that was read twice, one heartbeat apart, may be taken over: free, or expired and not renewed meanwhile. */
export function mayTake(record: LeaseRecord | undefined, now: Date, unchanged: boolean): boolean {
  if (!record || record.owner === "") return true
  return unchanged && Date.parse(record.expires) <= now.getTime()
}

/** A lock as a public lease, renewed while it is held, taken over only after it expired. */
export class LeasedLock implements Lock {
  constructor(
    private readonly store: LeaseStore,
    private readonly clock: Clock,
    private readonly policy: LeasePolicy = { leaseSeconds: 180, waitSeconds: 900 },
  ) {}

  async take(lock: string, who: { owner: string; run: string; reason: string }): Promise<Lease> {
    const began = this.clock.now().getTime()
    let seen = ""
    for (;;) {
      const found = await this.store.read(lock)
      // With a wrong clock a lease may only seem expired. A held lease is renewed within a heartbeat, so read it twice.
      if (mayTake(found?.record, this.clock.now(), found?.version === seen)) {
        const record = { ...who, fence: (found?.record.fence ?? 0) + 1, expires: this.expiry() }
        if (await this.store.write(lock, record, found?.version)) return this.lease(lock, record)
      }
      const waited = this.clock.now().getTime() - began
      if (found && waited >= this.policy.waitSeconds * 1000) throw lockHeld(lock, found.record)
      seen = found?.version ?? ""
      await this.clock.sleep(this.heartbeat())
    }
  }

  private lease(lock: string, taken: LeaseRecord): Lease {
    let expires = taken.expires
    const mine = async (store: LeaseStore) => {
      const found = await store.read(lock)
      if (found?.record.fence !== taken.fence || found.record.owner !== taken.owner) throw lockLost(lock, found?.record)
      return found
    }
    const hold = async (store = this.store) => {
      const { version } = await mine(store)
      const renewed = this.expiry()
      // Our own heartbeat may have renewed it in between; another run's fence would differ.
      if (await store.write(lock, { ...taken, expires: renewed }, version)) expires = renewed
      else await mine(store)
    }
    const holdIfPossible = async () => {
      try {
        await hold(this.store.by(this.clock.now().getTime() + quickly))
        return undefined
      } catch (failure) {
        if (isLost(failure)) throw failure
        return { expires: new Date(expires), isOver: Date.parse(expires) <= this.clock.now().getTime(), failure }
      }
    }
    let beating = false
    const beat = setInterval(async () => {
      // A store that lets one beat wait gets no second one meanwhile.
      if (beating) return
      beating = true
      await hold().catch(() => {})
      beating = false
    }, this.heartbeat())
    beat.unref()
    const release = async () => {
      clearInterval(beat)
      const { version } = await mine(this.store)
      await this.store.write(lock, { ...taken, owner: "", expires: this.clock.now().toISOString() }, version)
    }
    return { hold: () => hold(), holdIfPossible, release }
  }

  private heartbeat = () => (this.policy.leaseSeconds * 1000) / 3
  private expiry = () => new Date(this.clock.now().getTime() + this.policy.leaseSeconds * 1000).toISOString()
}

/** Milliseconds that the store of the locks may take where a bad version is live meanwhile. */
const quickly = 10_000

const isLost = (failure: unknown) => failure instanceof DeploymentError && failure.verdict === Verdict.Locked

/** For an environment without a lock. */
export const noLease: Lease = {
  hold: async () => {},
  holdIfPossible: async () => undefined,
  release: async () => {},
}

/** A lock that the caller already holds, for the parts of a larger deployment; the caller releases it. */
export const heldBy = (lease: Lease): Lock => ({ take: async () => ({ ...lease, release: async () => {} }) })
