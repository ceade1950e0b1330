import { DeploymentError } from "../../errors.js"
import { redacted, sanitized, shortened } from "../../text/untrusted.js"

const stored = "or give a Hugging Face token that is stored"

export const idTokenUnreadable = () =>
  new DeploymentError("The run's identity can't be read.", {
    why: "--hugging-face-token looks like an OIDC ID token, and its claims are not those of one",
    next: `give the token as the CI issued it, ${stored}`,
  })

/** @param meant audiences that the ID token names. */
export const audienceElsewhere = (meant: string[], wanted: string) =>
  new DeploymentError("The run's identity is not meant for Hugging Face.", {
    why: `the ID token's audience is ${inWords(meant.join(", ")) || "nobody"}, so it was not sent`,
    next: `have it issued for the audience ${wanted}, and for no other`,
  })

/**
 * @param said what Hugging Face answered.
 * @param claims of the ID token, in words.
 * @param isExpired whether the ID token is too old by the clock of the call.
 */
export const exchangeRefused = (space: string, said: string, claims: string, isExpired: boolean) =>
  new DeploymentError(`Hugging Face gave no token for ${space}.`, {
    why: `${inWords(said)}; it does not say which check failed. The run's identity says: ${inWords(claims)}`,
    next: isExpired
      ? "an ID token lives for a few minutes: have it issued right before the call"
      : `compare that with the Trusted Publishers at https://huggingface.co/spaces/${space}/settings: each claim there must be the same, character by character; ${stored}`,
  })

const inWords = (text: string) => shortened(redacted(sanitized(text)).replace(/\s+/g, " "), 700)
