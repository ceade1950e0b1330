/** What GitHub knows about a repository, for this token. */
export interface RepositoryFacts {
  /** Whether the token may write; `undefined` when GitHub does not say, as for the token of a workflow. */
  mayWrite: boolean | undefined
  isArchived: boolean
  /** When the token expires, ISO 8601; "" for one that does not, or a workflow's. */
  tokenExpires: string
}

export interface StoredSecret {
  name: string
  /** ISO 8601. */
  updatedAt: string
}

export interface DeploymentEnvironment {
  name: string
  /** The types of its rules, such as required reviewers or allowed branches. */
  rules: string[]
}
