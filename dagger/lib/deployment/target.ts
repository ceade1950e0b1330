import type { Component } from "../../src/exposed-types.js"
import type { CacheUse } from "../cache/slow-step.js"
import type { Clock } from "../clock.js"
import type { SchemaState } from "../database/schema.js"
import type { SecretNames } from "../settings/settings-types.js"
import type { Archive } from "./archive.js"
import type { ProbeResult } from "./health-probe.js"
import type { Host, Live } from "./host.js"
import type { Ledger } from "./ledger.js"
import type { Lock } from "./lock.js"
import type { Order } from "./release.js"
import type { Tracer } from "./tracer.js"
import type { RegistryUser } from "./undo.js"

/** Where to deploy a release, and everything that needs. */
export interface Target<Artifact> {
  component: Component
  environment: string
  host: Host<Artifact>
  probe: Probe
  clock: Clock
  tracer: Tracer
  /** Migrates the database for the release, before the candidate is probed. Returns what it did; throws to stop. */
  migrate(): Promise<string>
  /** Tests, coverage, scan. Returns what passed; throws to stop. */
  gates?: () => Promise<string>
  /** Asks the live version in the form of the settings, before anything changes. Returns a warning, or ""; throws to stop. */
  judgeable?: (live: Live) => Promise<string>
  /** A last check just before the switch. Returns what it found; throws to stop. */
  lastCheck?: () => Promise<string>
  /** Compares the schema that an earlier version knows with the database, before that version is restored. */
  schemaFor?: (earlier: Live) => Promise<SchemaState>
  /** Keeps the artifacts for longer than the host does. */
  archive?: Archive<Artifact> | undefined
  /** Allows one deployment at a time; without it nothing stops a second one. */
  lock?: Lock
  /** Records every attempt; without it there is no quarantine and no rollback after a killed run. */
  ledger?: Ledger
  /** The order of `commit` and `live` in the history; without it any commit may be deployed. */
  order?: (commit: string, live: string) => Promise<Order>
  /** The reason to deploy a quarantined version; "" forbids it. */
  overQuarantine?: string
  /** Why a version that does not contain the live one may go live nevertheless; "" for: it may not. */
  allowDiverged?: string
  /** What a person should know of how the providers answered so far; a sentence each. */
  notes?: () => Promise<string[]>
  /** Who deploys, and the address of the run. */
  actor?: string
  run?: string
  /** Newest schema revision that the release knows. */
  schema?: string
  /** Whether it is one component of a release of both. */
  bothComponents?: boolean
  /** When the call began, checks and build included; the start of the deployment unless given. */
  calledAt?: Date | undefined
  /** How much of the checks, the build and the scan before it came from a cache; unknown unless given. */
  cache?: CacheUse | undefined
  /** Names of the environment's secrets, and whether its database was given; for the command that undoes. */
  secrets?: SecretNames
  hasDatabase?: boolean
  /** As whom the call was at the registry, for the same command. */
  registry?: RegistryUser | undefined
  /** What people type before a function, for the same command. */
  call?: string
}

/** A target for what looks at no artifact. */
export type AnyTarget = Omit<Target<never>, "archive">

/** Probes `url` until `commit` is healthy often enough in a row, or time is up. @param id the host's of it; "" when it has none yet. */
export type Probe = (url: string, commit: string, id: string) => Promise<ProbeResult>
