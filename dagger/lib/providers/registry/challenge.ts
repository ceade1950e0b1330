/** Where a registry's tokens come from, as it says when it refuses. https://distribution.github.io/distribution/spec/auth/token/ */
export interface BearerChallenge {
  realm: string
  service: string
  scope: string
}

/**
 * The challenge for a token, among those of other schemes; `undefined` when there is none.
 * https://www.rfc-editor.org/rfc/rfc9110#name-www-authenticate
 */
export function bearerIn(challenges: string): BearerChallenge | undefined {
  const [, words] = /(?:^|,)\s*bearer\s+((?:[\w-]+\s*=\s*(?:"[^"]*"|[^\s",]+)\s*,?\s*)*)/i.exec(challenges) ?? []
  if (words === undefined) return undefined
  const word = (name: string) => {
    const [, inQuotes, bare] =
      new RegExp(`(?:^|[,\\s])${name}\\s*=\\s*(?:"([^"]*)"|([^\\s",]+))`, "i").exec(words) ?? []
    return inQuotes ?? bare ?? ""
  }
  return { realm: word("realm"), service: word("service"), scope: word("scope") }
}
