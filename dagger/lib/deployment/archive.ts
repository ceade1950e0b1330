/** What keeps the artifacts of commits for longer than a host does, such as a registry. */
export interface Archive<Artifact> {
  /** Its name for messages, such as ghcr.io/owner/book-site. */
  name: string
  /** Whether it has one of this commit, as far as this call may look; not whether that one is to be trusted. */
  has(commit: string): Promise<boolean>
  /** The artifact of a commit, once it says that it is of this commit and project. Throws with every difference. */
  take(commit: string): Promise<Artifact>
}
