import type { Clock } from "../clock.js"
import type { Component } from "../component.js"
import type { SchemaState } from "../database/schema.js"
import type { SecretNames } from "../settings/settings-types.js"
import type { ProbeResult } from "./health-probe.js"
import type { Host, Live } from "./host.js"
import type { Ledger } from "./ledger.js"
import type { Lock } from "./lock.js"
import type { Order } from "./release.js"
import type { Tracer } from "./tracer.js"

/** Where a release goes, and everything needed to get it there. */
export interface Target<Artifact> {
  component: Component
  environment: string
  host: Host<Artifact>
  probe: Probe
  clock: Clock
  tracer: Tracer
  /** Brings the database up to the release, before the candidate is probed; says what it did. Throws to stop. */
  migrate(): Promise<string>
  /** Tests, coverage, scan; says what passed. Throws to stop. */
  gates?: () => Promise<string>
  /** Asked when all is ready, just before the switch; says what it found. Throws to stop. */
  lastCheck?: () => Promise<string>
  /** What an earlier version makes of the database as it is now; asked before that version is put back. */
  schemaFor?: (earlier: Live) => Promise<SchemaState>
  /** One deployment at a time; without it nothing stops a second one. */
  lock?: Lock
  /** Remembers every attempt; without it there is no quarantine and no way back after a kill. */
  ledger?: Ledger
  /** How `commit` stands to `live` in the history; without it any commit may go live. */
  order?: (commit: string, live: string) => Promise<Order>
  /** Why a quarantined version may go live nevertheless; "" for: it may not. */
  overQuarantine?: string
  /** Who deploys, and the address of the run. */
  actor?: string
  run?: string
  /** Newest schema revision that the release knows. */
  schema?: string
  /** Whether it is one component of a release of both. */
  bothComponents?: boolean
  /** When the call began that checked and built it; when the deployment itself does, unless given. */
  calledAt?: Date | undefined
  /** Names of the environment's secrets, and whether its database was given; for the command that undoes. */
  secrets?: SecretNames
  hasDatabase?: boolean
}

/** Asks `url` until `commit` answers healthily often enough, or time is up. */
export type Probe = (url: string, commit: string) => Promise<ProbeResult>
