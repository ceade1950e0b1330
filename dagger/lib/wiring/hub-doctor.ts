import type { Clock } from "../clock.js"
import type { Diagnosis } from "../doctor/diagnosis.js"
import { judgeHubToken, judgeNames, judgeSpace } from "../doctor/doctor-checks.js"
import { judgeAccess, judgeExchange } from "../doctor/hub-access.js"
import type { ServiceNames } from "../doctor/space-facts.js"
import { DeploymentError } from "../errors.js"
import { isIdToken } from "../providers/hugging-face/id-token.js"
import { Hub } from "../providers/hugging-face/space-facts.js"
import type { EnvironmentBackend, EnvironmentSettings, Settings } from "../settings/settings-types.js"
import { hubTokenFor, spacesOf, tokenAt } from "./hub-token.js"

/**
 * Whether a deployment could use the token, or the run's ID token, that it would be given, and whether the Spaces are fit for one.
 * @throws DeploymentError when Hugging Face refuses it.
 */
export async function diagnosedHub(
  given: string,
  place: EnvironmentSettings,
  settings: Settings,
  clock: Clock,
): Promise<Diagnosis[]> {
  const isKeyless = isIdToken(given)
  const token = await hubTokenFor(given, place, settings, clock)
  const hubFor = (space: string) => new Hub(settings.providers.huggingFace, tokenAt(token, space), clock)
  const spaces = spacesOf(place)
  const facts = isKeyless || !spaces[0] ? undefined : await hubFor(spaces[0]).tokenFacts()
  const diagnoses = await Promise.all(
    spaces.map(async (space) => [
      ...(facts ? judgeHubToken(facts, space, clock.now()) : [judgeExchange(space)]),
      ...judgeSpace(space, await hubFor(space).spaceFacts(space)),
    ]),
  )
  const named = await Promise.all(
    Object.values(settings.environments).flatMap((one) =>
      one.backend ? [namesIn(one, one.backend, given, settings, clock)] : [],
    ),
  )
  const own = named.find(({ environment }) => environment === place.name)
  const others = named.filter((one) => one !== own)
  return [judgeAccess(isKeyless), ...diagnoses.flat(), ...(own ? judgeNames(own, others) : [])]
}

/** What the service of an environment has, where its Space lets this token, or this run, see it. */
async function namesIn(
  place: EnvironmentSettings,
  { space, variables }: EnvironmentBackend,
  given: string,
  settings: Settings,
  clock: Clock,
): Promise<ServiceNames> {
  const environment = place.name
  try {
    const token = await hubTokenFor(given, place, settings, clock)
    const there = await new Hub(settings.providers.huggingFace, tokenAt(token, space), clock).names(space)
    return { environment, names: there && [...new Set([...there, ...Object.keys(variables)])].sort() }
  } catch (failure) {
    // The Space of another environment need not trust this run.
    if (failure instanceof DeploymentError && isIdToken(given)) return { environment, names: undefined }
    throw failure
  }
}
