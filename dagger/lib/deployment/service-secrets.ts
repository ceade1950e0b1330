import { parseEnv } from "node:util"
import { secretsTwice, secretsUnreadable } from "./errors.js"

/** https://huggingface.co/docs/hub/spaces-overview#managing-secrets */
const isName = (name: string) => /^[A-Za-z]\w*$/.test(name)

/**
 * The service's secrets from a file in dotenv form. Errors name no value.
 * @param taken names that already have a value from elsewhere, such as the settings' variables.
 * @throws PipelineError for a text without any, for a name that a Space does not take, and for a name that is taken.
 */
export function serviceSecrets(text: string, taken: readonly string[]): Record<string, string> {
  const secrets = Object.entries(parseEnv(text)).map(([name, value]) => [name, value ?? ""] as const)
  if (secrets.length === 0) throw secretsUnreadable("it has no line NAME=value")
  const lost = secrets.filter(([name, value]) => !isName(name) || value === "").length
  if (lost > 0)
    throw secretsUnreadable(
      `${lost} of its ${secrets.length} entries have no value, or a name that a Space does not take`,
    )
  const twice = secrets.map(([name]) => name).filter((name) => taken.includes(name))
  if (twice.length > 0) throw secretsTwice(twice)
  return Object.fromEntries(secrets)
}
