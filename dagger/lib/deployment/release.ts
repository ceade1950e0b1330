/** One version of one component, built once and the same in every environment. */
export interface Release<Artifact> {
  /** Full commit hash the artifact was built from; the artifact answers with it. */
  commit: string
  /** The version for people, such as a tag; the commit when there is none. */
  version: string
  artifact: Artifact
}

/** A container image in a registry; only the digest decides which one. */
export interface ImageArtifact {
  /** Repository without tag or digest, such as `ghcr.io/owner/book-backend`. */
  repository: string
  /** `sha256:` and 64 hexadecimal digits. */
  digest: string
  /** Its build context, for a Space that cannot pull it. */
  context?: Files
  /** The project's README, whose head a Space that pulls the image gets. */
  readme?: string
}

/** The path of a folder, or files by path (`index.html`, `assets/main.js`). */
export type Files = string | ReadonlyMap<string, Uint8Array>

/** A built site. */
export type SiteArtifact = Files

/** `repository@sha256:…`: the name of an image that never means another one. */
export const pinned = (image: ImageArtifact) => `${image.repository}@${image.digest}`

/** Whether a name is pinned by digest. */
export const isPinned = (name: string) => /@sha256:[0-9a-f]{64}$/.test(name)

export const isCommit = (text: string) => /^[0-9a-f]{40}$/.test(text)

/** The order of two commits in the history. */
export enum Order {
  Older = "older",
  Same = "same",
  Newer = "newer",
  /** Neither is an ancestor of the other. */
  Diverged = "diverged",
}

/** The image of a pinned name; the inverse of `pinned`. */
export function imageNamed(name: string): ImageArtifact {
  const [repository = "", digest = ""] = name.split("@")
  return { repository, digest }
}
