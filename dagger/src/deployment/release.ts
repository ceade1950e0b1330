/** What is shipped: one version of one component, built once and the same in every environment. */
export interface Release<Artifact> {
  /** Full commit hash the artifact was built from; the artifact answers with it. */
  commit: string
  /** What people call it, such as a tag; the commit when there is none. */
  version: string
  artifact: Artifact
}

/** A container image in a registry; only the digest decides which one. */
export interface ImageArtifact {
  /** Repository without tag or digest, such as `ghcr.io/owner/book-backend`. */
  repository: string
  /** `sha256:` and 64 hexadecimal digits. */
  digest: string
  /** What it was built from, for a Space that cannot pull it. */
  context?: Files
}

/** The path of a folder, or files by path (`index.html`, `assets/main.js`). */
export type Files = string | ReadonlyMap<string, Uint8Array>

/** A built site. */
export type SiteArtifact = Files

/** `repository@sha256:…`: the one name of an image that can never mean another. */
export const pinned = (image: ImageArtifact) => `${image.repository}@${image.digest}`

/** Whether a name is such a one. */
export const isPinned = (name: string) => /@sha256:[0-9a-f]{64}$/.test(name)

export const isCommit = (text: string) => /^[0-9a-f]{40}$/.test(text)

/** How one commit stands to another in the history. */
export enum Order {
  Older = "older",
  Same = "same",
  Newer = "newer",
  /** Neither is an ancestor of the other. */
  Diverged = "diverged",
}

/** The image that a pinned name means; the other way round of `pinned`. */
export function imageNamed(name: string): ImageArtifact {
  const [repository = "", digest = ""] = name.split("@")
  return { repository, digest }
}
