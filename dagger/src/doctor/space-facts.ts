/** What the Hub says of a token. */
export interface HubTokenFacts {
  name: string
  /** `read`, `write`, `god` or `fineGrained`. */
  role: string
  /** What a fine-grained one may do, by user, organisation or repository. */
  grants: { name: string; permissions: string[] }[]
  /** When it was made and when it ends, ISO 8601; "" when the Hub does not say. */
  createdAt: string
  expiresAt: string
}

export interface SpaceFacts {
  sdk: string
  isPrivate: boolean
  isDisabled: boolean
  stage: string
}
