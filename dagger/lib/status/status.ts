import type { Component } from "../../src/exposed-types.js"
import type { HealthState } from "../deployment/health-probe.js"
import type { Attempt } from "../deployment/ledger.js"
import type { Fit } from "./fit.js"

/** A version that may go live again only with a reason. */
export interface Quarantined {
  commit: string
  why: string
}

/** What visitors of one component get now, and what the ledger says of it. "" stands for what nobody knows. */
export interface ComponentStatus {
  component: Component
  url: string
  /** Commit that answers. */
  commit: string
  /** The host's ID of it. */
  id: string
  version: string
  /** When it went live, or live again, ISO 8601; by whom, and by which run. */
  since: string
  by: string
  run: string
  health: HealthState
  /** Why it is not healthy. */
  reason: string
  /** Whether a person locked the host to this version. */
  locked: boolean
  /** Newest schema revision that it knows. */
  schema: string
  /** The newest attempt to change it. */
  last: Attempt | undefined
  /** Absent where the ledger could not be read. */
  quarantined?: Quarantined[]
  /** Whether the ledger knows an earlier version to go back to. */
  hasWayBack: boolean
}

/** Who holds the lock of an environment, or left it behind. */
export interface LockStatus {
  owner: string
  run: string
  reason: string
  /** When it ends unless it is renewed, ISO 8601. */
  expires: string
  /** Whether it has ended: its run was killed, and the next one takes it over. */
  isOver: boolean
}

/** An incident that is open. */
export interface OpenIncident {
  environment: string
  component: string
  cause: string
  number: number
  address: string
  /** ISO 8601. */
  since: string
}

export interface EnvironmentStatus {
  environment: string
  production: boolean
  components: ComponentStatus[]
  fit: Fit
  lock: LockStatus | "free" | "not known"
  /** Absent where nobody could be asked. */
  incidents?: OpenIncident[]
}

/** How far one environment is from another. */
export interface Drift {
  component: Component
  from: string
  to: string
  /** Commits that `from` serves and `to` does not, and the other way round. */
  ahead: number
  behind: number
}

/** A command to type, and why. */
export interface NextCommand {
  /** "" where it belongs to no environment. */
  environment: string
  why: string
  command: string
}

/** All that is known of all environments at one moment. */
export interface Status {
  /** ISO 8601. */
  at: string
  environments: EnvironmentStatus[]
  drift: Drift[]
  /** What could not be found out, and why; a sentence each. */
  unknown: string[]
  /** What needs a person's eye, a sentence each. */
  warnings: string[]
  /** The most urgent first; none where there is nothing to do. */
  next: NextCommand[]
}
