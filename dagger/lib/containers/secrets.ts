import type { Secret } from "@dagger.io/dagger"
import { wallClock } from "../clock.js"
import { serviceSecrets } from "../deployment/service-secrets.js"
import { backendOf, environmentOf } from "../settings/settings.js"
import type { EnvironmentSettings, Settings } from "../settings/settings-types.js"
import { keepSecret } from "../text/secret-values.js"
import { type HubToken, hubTokenFor } from "../wiring/hub-token.js"
import { missingSecret } from "./errors.js"

/** Whether a secret is set but empty. For an unset variable `plaintext` throws. */
export const isEmpty = (secret: Secret): Promise<boolean> =>
  secret.plaintext().then(
    (value) => value.trim() === "",
    () => false,
  )

/**
 * The service's secrets, by name; none where the call has no file of them, or an empty one. Each is redacted from then on.
 * @param hasDatabase whether the call sets the variable of the database as well.
 */
export async function spaceSecretsOf(
  secret: Secret | undefined,
  settings: Settings,
  environment: string,
  hasDatabase: boolean,
): Promise<Record<string, string>> {
  const { backend, secrets: names } = environmentOf(settings, environment)
  if (!secret || !backend || (await isEmpty(secret))) return {}
  const taken = [...Object.keys(backend.variables), ...(hasDatabase ? [backendOf(settings).databaseVariable] : [])]
  const secrets = serviceSecrets(await plaintext(secret, "space-secrets", names.space), taken)
  for (const value of Object.values(secrets)) keepSecret(value)
  return secrets
}

/** The value of a secret; from then on it is redacted in all output. Throws an error that names the flag for an unset variable. */
export async function plaintext(secret: Secret | undefined, flag: string, variable?: string): Promise<string> {
  const value = (await secret?.plaintext().catch(() => "")) ?? ""
  if (value.trim() === "") throw missingSecret(flag, variable)
  return keepSecret(value)
}

/** The token for an environment's Spaces: the one that was given, or what Hugging Face gives for a run's ID token. @param flag without its dashes. */
export async function hubTokenOf(
  secret: Secret | undefined,
  settings: Settings,
  place: EnvironmentSettings,
  flag = "hugging-face-token",
): Promise<HubToken> {
  return hubTokenFor(await plaintext(secret, flag, place.secrets.huggingFace), place, settings, wallClock)
}
