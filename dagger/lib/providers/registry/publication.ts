import { createPublicKey, type KeyObject } from "node:crypto"
import { type ImageArtifact, pinned } from "../../deployment/release.js"
import type { PublishedImage } from "../../image/image-facts.js"
import { indexType } from "../../image/image-index.js"
import {
  enveloped,
  isSignedBy,
  signed,
  signingStatement,
  statementIn,
  verifyingKey,
} from "../../image/image-signature.js"
import type { Kind } from "../../image/kind.js"
import { predicateType, provenanceMistakes } from "../../image/provenance.js"
import { type Candidate, Found, found, latestStays } from "../../image/publication.js"
import { notVerified, registryAnswerOdd, tagTaken } from "./errors.js"
import type { Attachment, Manifest, Registry } from "./image-registry.js"
import { addBundle, addEnvelope, addSignature, envelopesOf, signaturesOf } from "./image-signatures.js"

/** A published image or site, and what was done to publish it. */
export interface Published {
  image: ImageArtifact
  /** What was pushed, moved and attached, and what was not and why; a line each. */
  lines: string[]
}

/** What is published, checked and ready. */
export interface Prepared {
  /** Puts it there under a tag. */
  push: (tag: string) => Promise<void>
  /** Documents to attach to it; where it is an index, each to the image of its platform. */
  attachments: PlatformAttachment[]
}

/** A document about the image of one platform, such as linux/amd64; "" for all of what is published. */
export interface PlatformAttachment extends Attachment {
  platform: string
}

/** The dependencies of `publishedAt`. */
export interface PublicationPlace {
  kind: Kind
  /** registry/owner/name */
  repository: string
  /** Address of the repository that holds the commit. */
  source: string
  /** Makes and checks it before anything is pushed or moved; throws to stop. @param kept what the registry has of this commit. */
  prepare: (kept: PublishedImage | undefined) => Promise<Prepared>
  /** Signs the digest; without it nothing is signed. */
  key?: KeyObject | undefined
  /** The provenance; attached last, and only by the run that built it. */
  provenance: (digest: string) => string
}

/** Media type of a statement about an artifact. https://github.com/in-toto/attestation/tree/main/spec/v1 */
const inToto = "application/vnd.in-toto+json"

/**
 * Publishes what was made of a commit once: checks first, pushes only what is missing, moves `latest` only to newer commits, and
 * attaches the documents to it. Idempotent: run again after any failure, it ends the same.
 */
export async function publishedAt(there: Registry, candidate: Candidate, place: PublicationPlace): Promise<Published> {
  const { repository, prepare, provenance, key } = place
  const { commit } = candidate
  const lines: string[] = []
  const { before, state } = await publishedState(there, candidate, place, key && createPublicKey(key))
  const kept = state === Found.Same ? before : undefined
  const { push, attachments } = await prepare(kept)
  if (kept) lines.push(`found ${repository}:${commit}, pushed nothing`)
  else {
    await push(commit)
    const why = state === Found.Unproven ? " again: the one there does not say where it comes from" : ""
    lines.push(`pushed ${repository}:${commit}${why}`)
  }
  const manifest = await there.manifest(commit)
  if (!manifest) throw registryAnswerOdd(repository.split("/", 1)[0] ?? "", `it took ${commit} and does not have it`)
  const { digest } = manifest
  const isIndex = manifest.mediaType === indexType
  for (const { platform, ...attachment } of attachments) {
    const isPart = isIndex && platform !== ""
    const subject = isPart ? await ofPlatform(there, digest, platform) : manifest
    // A scanner writes the time into its documents, so those of the first run stay.
    const known = kept && (await there.attachment(subject.digest, attachment.artifactType)) !== undefined
    const added = !known && (await there.attach(subject, attachment))
    lines.push(`${added ? "attached" : "found"} ${attachment.name}${isPart ? ` of ${platform}` : ""}`)
  }
  if (key) lines.push(await sign(there, { repository, digest }, key))
  if (!kept) {
    const content = provenance(digest)
    await there.attach(manifest, { artifactType: inToto, name: "provenance.json", content })
    if (key) await addEnvelope(there, digest, enveloped(content, key), predicateType)
    lines.push(key ? "attached provenance.json, and signed it" : "attached provenance.json")
  }
  if (key) {
    // Both or none: where cosign finds one bundle, it reads nothing else.
    const statement = await statementOf(there, digest, createPublicKey(key))
    for (const one of [signingStatement(digest), statement ?? ""].filter(Boolean))
      await addBundle(there, manifest, one, key)
  }
  const stays = latestStays(await there.image("latest"), digest, candidate)
  if (!stays) await there.tag(manifest, "latest")
  lines.push(stays ? `left latest: ${stays}` : "moved latest here")
  return { image: { repository, digest }, lines }
}

/**
 * What a registry has of a commit. Changes nothing.
 * @param key with which it is signed. What is unsigned can't be trusted then: it is built again, and an honest one has the same digest.
 * @throws PipelineError when the commit's tag names something of another commit.
 */
export async function publishedState(
  there: Registry,
  candidate: Candidate,
  { kind, source }: Pick<PublicationPlace, "kind" | "source">,
  key: KeyObject | undefined,
) {
  const before = await there.image(candidate.commit)
  const statement = before && (await statementOf(there, before.digest, key))
  const state = found(before, statement, candidate, source)
  if (before && state === Found.Foreign) throw tagTaken(candidate.commit, before.revision, kind)
  return { before, state }
}

/** The manifest of a platform in an index. */
async function ofPlatform(there: Registry, index: string, platform: string): Promise<Manifest> {
  const listed = (await there.image(index))?.platforms.find((it) => it.platform === platform)
  const manifest = listed && (await there.manifest(listed.digest))
  if (!manifest) throw registryAnswerOdd(there.name, `it took ${index} and has no ${platform} of it`)
  return manifest
}

/** The provenance that is attached to a digest; with a public key only what its private key signed. */
async function statementOf(there: Registry, digest: string, key: KeyObject | undefined): Promise<string | undefined> {
  if (!key) return there.attachment(digest, inToto)
  const all = await envelopesOf(there, digest)
  return all.map((envelope) => statementIn(envelope, key)).findLast((statement) => statement !== undefined)
}

/** Signs a digest unless this key has signed it. @returns what was done. */
async function sign(there: Registry, image: ImageArtifact, key: KeyObject): Promise<string> {
  const own = createPublicKey(key)
  const known = await signaturesOf(there, image.digest)
  if (known.some((signature) => isSignedBy(signature, image, own))) return "found its signature"
  await addSignature(there, image.digest, signed(image.repository, image.digest, key))
  return "signed"
}

/** The expected image or site. */
export interface Expected {
  kind: Kind
  repository: string
  /** "" for the one with the tag of the commit. */
  digest: string
  commit: string
  source: string
  /** "" for any. */
  builder: string
  /** PEM; "" where nothing is signed. */
  publicKey: string
}

/**
 * Looks an image or a site up and compares its labels, its provenance and its signatures with what is expected.
 * Throws with every difference. Pulls nothing.
 */
export async function verifiedAt(there: Registry, expected: Expected): Promise<ImageArtifact> {
  const { kind, repository, commit } = expected
  const image = await there.image(expected.digest || commit)
  if (!image) throw notVerified(`${repository}:${commit}`, [`there is no ${kind} of this commit`], kind)
  const { digest, revision } = image
  const key = expected.publicKey ? verifyingKey(expected.publicKey) : undefined
  const statement = await statementOf(there, digest, key)
  const mistakes = [
    ...(revision === commit ? [] : [`its label says that it is of ${revision || "no commit"}`]),
    ...(statement === undefined
      ? [key ? "it has no provenance that is signed by the key of the settings (publicKey)" : "it has no provenance"]
      : provenanceMistakes(statement, { ...expected, digest }).map((it) => `of its provenance, ${it}`)),
    ...(key ? await unsigned(there, { repository, digest }, key) : []),
  ]
  if (mistakes.length > 0) throw notVerified(pinned({ repository, digest }), mistakes, kind)
  return { repository, digest }
}

async function unsigned(there: Registry, image: ImageArtifact, key: KeyObject): Promise<string[]> {
  const signatures = await signaturesOf(there, image.digest)
  if (signatures.some((signature) => isSignedBy(signature, image, key))) return []
  return [
    signatures.length === 0
      ? "it is not signed, and the settings have a publicKey"
      : "none of its signatures is by the key of the settings (publicKey)",
  ]
}
