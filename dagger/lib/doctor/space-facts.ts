/** What the Hub knows about a token. */
export interface HubTokenFacts {
  name: string
  /** `read`, `write`, `god` or `fineGrained`. */
  role: string
  /** What a fine-grained one may do, by user, organisation or repository. */
  grants: { name: string; permissions: string[] }[]
  /** When it was created and when it expires, ISO 8601; "" when the Hub does not say. */
  createdAt: string
  expiresAt: string
}

/** Names of the variables and secrets that a service has in an environment, or gets with its next deployment. */
export interface ServiceNames {
  environment: string
  /** `undefined` where the token may not see them. */
  names: readonly string[] | undefined
}

export interface SpaceFacts {
  sdk: string
  isPrivate: boolean
  isDisabled: boolean
  stage: string
}
