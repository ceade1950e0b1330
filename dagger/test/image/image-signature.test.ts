import { generateKeyPairSync, type KeyObject } from "node:crypto"
import { describe, expect, it } from "vitest"
import {
  bundled,
  bundledStatement,
  enveloped,
  isSignedBy,
  signed,
  signingKey,
  signingStatement,
  statementIn,
  verifyingKey,
} from "../../lib/image/image-signature.js"
import { Registry } from "../../lib/providers/registry/image-registry.js"
import { addEnvelope, addSignature, envelopesOf, signaturesOf } from "../../lib/providers/registry/image-signatures.js"
import { registry } from "../../stand-ins/registry.js"
import { fastClock } from "../support/fast-clock.js"

const pair = () => generateKeyPairSync("ec", { namedCurve: "P-256" })
const [ours, others] = [pair(), pair()]
const image = { repository: "ghcr.io/acme/backend", digest: `sha256:${"1".repeat(64)}` }
const pem = (key: KeyObject, type: "pkcs8" | "spki") => key.export({ format: "pem", type }).toString()

describe("a signature", () => {
  it("is valid for this image, this name and this key only", () => {
    const signature = signed(image.repository, image.digest, ours.privateKey)

    expect(isSignedBy(signature, image, ours.publicKey)).toBe(true)
    expect(isSignedBy(signature, image, others.publicKey)).toBe(false)
    expect(isSignedBy(signature, { ...image, digest: `sha256:${"2".repeat(64)}` }, ours.publicKey)).toBe(false)
    expect(isSignedBy(signature, { ...image, repository: "ghcr.io/other/backend" }, ours.publicKey)).toBe(false)
    const payload = signature.payload.replace("1".repeat(64), "2".repeat(64))
    expect(isSignedBy({ ...signature, payload }, image, ours.publicKey)).toBe(false)
    expect(isSignedBy({ ...signature, signature: "" }, image, ours.publicKey)).toBe(false)
  })

  it("is stored where cosign looks, beside other signatures", async () => {
    await using server = await registry()
    const there = new Registry(
      { host: "ghcr.io", url: server.url, repository: "acme/backend", user: "", token: "" },
      fastClock(),
    )
    expect(await signaturesOf(there, image.digest)).toEqual([])

    const [first, second] = [others, ours].map(({ privateKey }) => signed(image.repository, image.digest, privateKey))
    if (!first || !second) throw new Error("two signatures were made")
    await addSignature(there, image.digest, first)
    await addSignature(there, image.digest, second)

    expect(await signaturesOf(there, image.digest)).toEqual([first, second])
    expect(server.tag(`sha256-${"1".repeat(64)}.sig`)).toMatch(/^sha256:/)
  })
})

describe("a Sigstore bundle", () => {
  it("names the key and holds the signed statement, as the packages of Sigstore write it", () => {
    const statement = signingStatement(image.digest)

    const bundle = bundled(statement, ours.privateKey)

    const { dsseEnvelope, ...rest } = JSON.parse(bundle)
    expect(rest).toEqual({
      mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
      verificationMaterial: { publicKey: { hint: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/) } },
    })
    expect(dsseEnvelope).toMatchObject({ payloadType: "application/vnd.in-toto+json" })
    expect(JSON.parse(statement)).toMatchObject({ subject: [{ digest: { sha256: "1".repeat(64) } }] })
    expect(bundledStatement(bundle, ours.publicKey)).toBe(statement)
    expect(bundledStatement(bundle, others.publicKey)).toBeUndefined()
    expect(bundledStatement('{"messageSignature":{}}', ours.publicKey)).toBeUndefined()
  })
})

describe("a signed statement", () => {
  const statement = JSON.stringify({ predicateType: "https://slsa.dev/provenance/v1", author: "Zoë" })

  it("is read with its key only, and not when it was changed", () => {
    const envelope = enveloped(statement, ours.privateKey)

    expect(statementIn(envelope, ours.publicKey)).toBe(statement)
    expect(statementIn(envelope, others.publicKey)).toBeUndefined()
    const changed = Buffer.from(statement.replace("Zoë", "Eve")).toString("base64")
    expect(statementIn(JSON.stringify({ ...JSON.parse(envelope), payload: changed }), ours.publicKey)).toBeUndefined()
    expect(statementIn("{}", ours.publicKey)).toBeUndefined()
  })

  it("is stored where cosign looks, beside other signatures", async () => {
    await using server = await registry()
    const there = new Registry(
      { host: "ghcr.io", url: server.url, repository: "acme/backend", user: "", token: "" },
      fastClock(),
    )
    const both = [others, ours].map(({ privateKey }) => enveloped(statement, privateKey))
    for (const envelope of both) await addEnvelope(there, image.digest, envelope, "https://slsa.dev/provenance/v1")

    expect(await envelopesOf(there, image.digest)).toEqual(both)
    expect(server.tag(`sha256-${"1".repeat(64)}.att`)).toMatch(/^sha256:/)
  })
})

describe("a key", () => {
  it("is read from PEM", () => {
    const key = signingKey(pem(ours.privateKey, "pkcs8"))
    const signature = signed(image.repository, image.digest, key)
    expect(isSignedBy(signature, image, verifyingKey(pem(ours.publicKey, "spki")))).toBe(true)
  })

  it.each([
    [
      "of cosign's own kind",
      "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n...",
      "it is encrypted, and the module can't ask for a password",
    ],
    ["that is none", "hunter2", "it is no PEM of a key"],
    [
      "of another curve",
      pem(generateKeyPairSync("ec", { namedCurve: "secp384r1" }).privateKey, "pkcs8"),
      "it is secp384r1 and not EC P-256, which all verifying tools support",
    ],
    [
      "of another kind",
      pem(generateKeyPairSync("ed25519").privateKey, "pkcs8"),
      "it is ed25519 and not EC P-256, which all verifying tools support",
    ],
  ])("%s is refused in one error that doesn't show it", (_, key, why) => {
    expect(() => signingKey(key)).toThrow(`Nothing can be signed.\n  why: --signing-key: ${why}\n  next: make one with`)
    expect(() => signingKey(key)).not.toThrow("hunter2")
  })
})
