import type { Secret } from "@dagger.io/dagger"
import { missingSecret } from "../errors.js"
import { keepSecret } from "../text/secret-values.js"

/** Whether a secret is set but empty. For an unset variable `plaintext` throws. */
export const isEmpty = (secret: Secret): Promise<boolean> =>
  secret.plaintext().then(
    (value) => value.trim() === "",
    () => false,
  )

/** The value of a secret; from then on it is redacted in all output. Throws an error that names the flag for an unset variable. */
export async function plaintext(secret: Secret | undefined, flag: string, variable?: string): Promise<string> {
  const value = (await secret?.plaintext().catch(() => "")) ?? ""
  if (value.trim() === "") throw missingSecret(flag, variable)
  return keepSecret(value)
}
