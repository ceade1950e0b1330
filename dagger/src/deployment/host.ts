import type { Release } from "./release.js"

/** What visitors get from an address now. */
export interface Live {
  /** The host's own name of it, enough to bring it back: a Netlify deploy ID, `image@sha256:…` of a Space. */
  id: string
  /** Commit it was built from; "" when nothing tells. */
  commit: string
  url: string
  /** The host was told by a person to keep serving this; a deployment must not force it. */
  locked: boolean
}

/** A release that answers at an address of its own, beside the live one. */
export interface Candidate {
  id: string
  url: string
}

export interface Restored {
  live: Live
  /** `false`: it was live all the time, so nothing had to move. */
  moved: boolean
}

/** A place that serves one release at a time: a Netlify site, a Hugging Face Space. Every verb first looks whether its effect is there. */
export interface Host<Artifact> {
  /** What visitors get now; `undefined` when nothing is served. */
  live(): Promise<Live | undefined>
  /** What `release` is called here once it is live; "" while the host has yet to name it. */
  idOf(release: Release<Artifact>): string
  /** Puts `release` beside the live version; `undefined` when the host can serve only one. */
  place(release: Release<Artifact>): Promise<Candidate | undefined>
  /** Makes `release` what visitors get, and confirms that the host says so. Health is for the probe to tell. */
  publish(release: Release<Artifact>, candidate: Candidate | undefined): Promise<Live>
  /** Whether the host could bring `id` back now. */
  has(id: string): Promise<boolean>
  /** Serves an earlier version again and confirms it; never builds, never migrates. */
  restore(earlier: Live): Promise<Restored>
}
