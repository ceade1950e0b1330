/** What GitHub says of a repository to the one who asks. */
export interface RepositoryFacts {
  /** Whether the token may write; `undefined` when GitHub does not say, as to a workflow's own token. */
  mayWrite: boolean | undefined
  isArchived: boolean
  /** When the token ends, ISO 8601; "" for one without an end, or a workflow's. */
  tokenExpires: string
}

export interface StoredSecret {
  name: string
  /** ISO 8601. */
  updatedAt: string
}

export interface DeploymentEnvironment {
  name: string
  /** Whether somebody must agree, or only some branches may: the types of its rules. */
  rules: string[]
}
