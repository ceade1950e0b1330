import type { Clock } from "../clock.js"
import { isIdToken } from "../providers/hugging-face/id-token.js"
import { exchanged } from "../providers/hugging-face/trusted-publisher.js"
import type { EnvironmentSettings, Settings } from "../settings/settings-types.js"

/** The token for the Hub: one for all Spaces, or one for each Space by its name. */
export type HubToken = string | ReadonlyMap<string, string>

/**
 * What a call uses of the value that it was given: a stored token as it is; the ID token of a run in exchange for a token of each Space.
 *
 * An ID token expires after minutes, so this comes before anything that takes time. The tokens end after an hour.
 */
export async function hubTokenFor(
  given: string,
  place: EnvironmentSettings,
  settings: Settings,
  clock: Clock,
): Promise<HubToken> {
  if (!isIdToken(given)) return given
  const at = { hub: settings.providers.huggingFace, clock }
  const tokens = spacesOf(place).map(async (space) => [space, await exchanged(given, space, at)] as const)
  return new Map(await Promise.all(tokens))
}

export function tokenAt(token: HubToken, space: string): string {
  const found = typeof token === "string" ? token : token.get(space)
  if (found === undefined) throw new Error(`no token was exchanged for ${space}`)
  return found
}

/** The Spaces of an environment: the one that visitors use, and the one in which versions are proven before. */
export const spacesOf = ({ backend }: EnvironmentSettings): string[] =>
  backend ? [backend.space, backend.candidateSpace].filter((name) => name !== "") : []
