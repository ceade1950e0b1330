import { PipelineError } from "../errors.js"
import type { Kind } from "./kind.js"

export const signingKeyUnreadable = (why: string) =>
  new PipelineError("Nothing can be signed.", {
    why: `--signing-key: ${why}`,
    next: "make one with `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256`, keep it as a secret, and put its public key into image.publicKey, or into frontend.publicKey where there is no image",
  })

export const publicKeyUnreadable = (why: string) =>
  new PipelineError("Signatures can't be checked.", {
    why: `publicKey of the settings: ${why}`,
    next: "give there what `openssl pkey -in KEY -pubout` writes, lines joined by \\n",
  })

export const signingKeyMissing = (kind: Kind = "image") =>
  new PipelineError(`The ${kind} must be signed.`, {
    why: "the settings have a publicKey, and there is no --signing-key",
    next: "give the private key with --signing-key=env://SIGNING_KEY, or remove the publicKey from the settings",
  })

/** The two keys do not belong together: nobody could verify what is signed now. */
export const signingKeyForeign = (kind: Kind = "image") =>
  new PipelineError(`The ${kind} can't be signed.`, {
    why: "--signing-key and the publicKey of the settings are not a key pair",
    next: "give the key that belongs to it, or put the new public key into the settings first",
  })

export const provenanceUnreadable = (why: string) =>
  new PipelineError("The provenance of what the registry has can't be read.", {
    why,
    next: "publish the commit again, so that a new statement is attached; what is of unknown origin is not deployed",
  })
