import { z } from "zod"
import { audienceElsewhere, idTokenUnreadable } from "./errors.js"

/** The only audience of which Hugging Face takes an ID token. https://huggingface.co/docs/hub/trusted-publishers */
export const audience = "https://huggingface.co"

/** Whether a value is an OIDC ID token, and no token of Hugging Face: those begin with `hf_`. */
export const isIdToken = (value: string): boolean => /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/.test(value.trim())

/** What a CI says of a job. https://docs.github.com/en/actions/reference/security/oidc */
const Claims = z.object({
  iss: z.string(),
  aud: z.union([z.string(), z.array(z.string())]),
  sub: z.string().default(""),
  /** Seconds since 1970. */
  exp: z.number(),
  repository: z.string().default(""),
  ref: z.string().default(""),
  workflow: z.string().default(""),
  environment: z.string().default(""),
})
export type Claims = z.infer<typeof Claims>

/**
 * The claims of an ID token. Its signature is for Hugging Face to check.
 * @throws DeploymentError when it can't be read, or is meant for somebody else: then nobody but them may see it.
 */
export function claimsOf(idToken: string): Claims {
  const claims = Claims.safeParse(decoded(idToken.trim().split(".")[1] ?? ""))
  if (!claims.success) throw idTokenUnreadable()
  const meant = [claims.data.aud].flat()
  if (meant.length !== 1 || meant[0] !== audience) throw audienceElsewhere(meant, audience)
  return claims.data
}

function decoded(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, "base64url").toString("utf8"))
  } catch {
    return undefined
  }
}

/** The claims that a trusted publisher can name, for a message: `repository acme/shop, ref refs/heads/main`. */
export function described({ iss, sub, exp, ...named }: Claims, now: Date): string {
  const { repository, ref, workflow, environment } = named
  const shown = Object.entries({ issuer: iss, subject: sub, repository, ref, workflow, environment })
  const ago = Math.floor(now.getTime() / 1000 - exp)
  return [
    ...shown.filter(([, value]) => value !== "").map(([name, value]) => `${name} ${value}`),
    ...(ago >= 0 ? [`EXPIRED ${ago} s ago`] : []),
  ].join(", ")
}
