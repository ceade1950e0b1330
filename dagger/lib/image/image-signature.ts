import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto"
import { publicKeyUnreadable, signingKeyUnreadable } from "./signature-errors.js"

/** A signature as cosign keeps it. https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md */
export interface Signature {
  /** The payload that is signed; names the image by its digest. */
  payload: string
  /** Base64 of the ASN.1 DER of an ECDSA signature over the payload's SHA-256. */
  signature: string
}

const kind = "cosign container image signature"

/** Signs an image by its digest; `cosign verify --key` takes the result. */
export function signed(repository: string, digest: string, key: KeyObject): Signature {
  const payload = JSON.stringify({
    critical: {
      identity: { "docker-reference": repository },
      image: { "docker-manifest-digest": digest },
      type: kind,
    },
    optional: null,
  })
  return { payload, signature: sign("sha256", Buffer.from(payload), key).toString("base64") }
}

/** Whether the private key signed this image under this name. */
export function isSignedBy(
  { payload, signature }: Signature,
  { repository, digest }: { repository: string; digest: string },
  key: KeyObject,
): boolean {
  if (!verify("sha256", Buffer.from(payload), key, Buffer.from(signature, "base64"))) return false
  const { critical } = JSON.parse(payload) as {
    critical?: {
      identity?: { "docker-reference"?: string }
      image?: { "docker-manifest-digest"?: string }
      type?: string
    }
  }
  return (
    critical?.type === kind &&
    critical.image?.["docker-manifest-digest"] === digest &&
    // The signature does not cover a copy in another repository.
    critical.identity?.["docker-reference"] === repository
  )
}

const statementType = "application/vnd.in-toto+json"

/** The pre-authentication encoding of a statement, which is what is signed. https://github.com/secure-systems-lab/dsse/blob/v1.0.2/protocol.md */
const preAuthentication = (statement: string) =>
  Buffer.from(`DSSEv1 ${statementType.length} ${statementType} ${Buffer.byteLength(statement)} ${statement}`)

/** A statement in a signed envelope; `cosign verify-attestation --key` takes the result. */
export function enveloped(statement: string, key: KeyObject): string {
  return JSON.stringify({
    payloadType: statementType,
    payload: Buffer.from(statement).toString("base64"),
    signatures: [{ keyid: "", sig: sign("sha256", preAuthentication(statement), key).toString("base64") }],
  })
}

/** The statement in an envelope; `undefined` unless the private key of this public key signed it. */
export function statementIn(envelope: string, key: KeyObject): string | undefined {
  const { payload = "", signatures = [] } = JSON.parse(envelope) as {
    payload?: string
    signatures?: { sig?: string }[]
  }
  const statement = Buffer.from(payload, "base64").toString()
  const isOurs = signatures.some(({ sig = "" }) =>
    verify("sha256", preAuthentication(statement), key, Buffer.from(sig, "base64")),
  )
  return isOurs ? statement : undefined
}

/** Media type of a Sigstore bundle. https://github.com/sigstore/protobuf-specs/blob/v0.5.2/protos/sigstore_bundle.proto */
export const bundleType = "application/vnd.dev.sigstore.bundle.v0.3+json"

/**
 * A signed statement as cosign 3 looks for it first, and later versions alone. Of a plain key a bundle is these three fields: packages that
 * write them have nothing to add but certificates and entries of a log.
 */
export function bundled(statement: string, key: KeyObject): string {
  const der = createPublicKey(key).export({ type: "spki", format: "der" })
  const hint = createHash("sha256").update(der).digest("base64")
  return JSON.stringify({
    mediaType: bundleType,
    verificationMaterial: { publicKey: { hint } },
    dsseEnvelope: JSON.parse(enveloped(statement, key)),
  })
}

/** The statement in a bundle; `undefined` unless the private key of this public key signed it. */
export function bundledStatement(bundle: string, key: KeyObject): string | undefined {
  const { dsseEnvelope } = JSON.parse(bundle) as { dsseEnvelope?: object }
  return dsseEnvelope && statementIn(JSON.stringify(dsseEnvelope), key)
}

/** What cosign 3 states of a digest that it signs, in place of the payload above. */
export const signingStatement = (digest: string): string =>
  JSON.stringify({
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ digest: { sha256: digest.replace("sha256:", "") } }],
    predicateType: "https://sigstore.dev/cosign/sign/v1",
    predicate: {},
  })

/** @param pem an unencrypted EC P-256 key in PKCS#8, as `openssl genpkey` writes it. */
export function signingKey(pem: string): KeyObject {
  if (/ENCRYPTED/.test(pem)) throw signingKeyUnreadable("it is encrypted, and the module can't ask for a password")
  return p256(pem, createPrivateKey, signingKeyUnreadable)
}

/** @param pem what `openssl pkey -pubout` and `cosign public-key` write. */
export const verifyingKey = (pem: string): KeyObject => p256(pem, createPublicKey, publicKeyUnreadable)

function p256(pem: string, read: (pem: string) => KeyObject, unreadable: (why: string) => Error): KeyObject {
  let key: KeyObject
  try {
    key = read(pem)
  } catch {
    // The message of Node.js may contain a part of the key.
    throw unreadable("it is no PEM of a key")
  }
  const curve = key.asymmetricKeyDetails?.namedCurve
  if (curve !== "prime256v1")
    throw unreadable(`it is ${curve ?? key.asymmetricKeyType} and not EC P-256, which all verifying tools support`)
  return key
}
