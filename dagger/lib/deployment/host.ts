import type { Release } from "./release.js"

/** What visitors get from an address now. */
export interface Live {
  /** The host's ID of it, enough to restore it: a Netlify deploy ID, `image@sha256:…` of a Space. */
  id: string
  /** Commit it was built from; "" when unknown. */
  commit: string
  url: string
  /** A person locked the host to this version; a deployment must not force it. */
  locked: boolean
}

/** A release that answers at its own address, beside the live one. */
export interface Candidate {
  id: string
  url: string
}

export interface Restored {
  live: Live
  /** `false` when it was live all the time, so nothing changed. */
  moved: boolean
}

/** A place that serves one release at a time: a Netlify site, a Hugging Face Space. Each method first checks whether its effect is already there. */
export interface Host<Artifact> {
  /** What visitors get now; `undefined` when nothing is served. */
  live(): Promise<Live | undefined>
  /** The host's ID of `release` once it is live; "" while the host has not given it one. */
  idOf(release: Release<Artifact>): string
  /** Puts `release` beside the live version; `undefined` when the host can serve only one. */
  place(release: Release<Artifact>): Promise<Candidate | undefined>
  /** Switches visitors to `release` and confirms it with the host. The probe checks the health. */
  publish(release: Release<Artifact>, candidate: Candidate | undefined): Promise<Live>
  /** Whether the host can restore `id` now. */
  has(id: string): Promise<boolean>
  /** Whether the live version has its variables and secrets as they are to be; absent where there are none. */
  isConfigured?(): Promise<boolean>
  /** Serves an earlier version again and confirms it; never builds, never migrates. */
  restore(earlier: Live): Promise<Restored>
  /** What a person should know of how the host answered so far, such as that it was renamed; a sentence each. */
  notes?(): string[]
}
