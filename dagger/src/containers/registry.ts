import { createPublicKey, type KeyObject } from "node:crypto"
import { type Container, dag, type Secret, type Service } from "@dagger.io/dagger"
import type { Clock } from "../clock.js"
import { type ImageArtifact, pinned } from "../deployment/release.js"
import { imageUnverified, registryAnswerOdd, tagTaken } from "../errors.js"
import { enveloped, isSignedBy, signed, statementIn, verifyingKey } from "../image/image-signature.js"
import { predicateType, provenanceMistakes } from "../image/provenance.js"
import { type Candidate, Found, found, latestStays } from "../image/publication.js"
import { type Attachment, Registry } from "../providers/registry/image-registry.js"
import { addEnvelope, addSignature, envelopesOf, signaturesOf } from "../providers/registry/image-signatures.js"
import { keepSecret } from "../text/secret-values.js"
import { type ImageLayout, imageLayout } from "./image-layout.js"
import { span } from "./span.js"

/** Access to a registry. */
export interface RegistryAccess {
  /** Empty for a registry without authentication. */
  user: string
  token?: Secret | undefined
  /** Serves the registry instead of the network; for tests, rehearsals and local registries. */
  service?: Service | undefined
}

/** A published image, and what was done to publish it. */
export interface Published {
  image: ImageArtifact
  /** What was pushed, moved and attached, and what was not and why; a line each. */
  lines: string[]
}

/** The dependencies of `published`. */
export interface Publishing {
  repository: string
  /** Address of the repository that holds the commit. */
  source: string
  access: RegistryAccess
  clock: Clock
  /** Builds the image, when the registry has none of this commit. */
  build: () => Promise<Container>
  /** Checks it before anything is pushed or moved; throws to stop. @returns documents to attach to it. */
  gate: (image: ImageLayout) => Promise<Attachment[]>
  /** Signs the digest; without it nothing is signed. */
  key?: KeyObject | undefined
  /** The provenance of the image; attached last, and only by the run that built it. */
  provenance: (digest: string) => string
}

/** Media type of a statement about an artifact. https://github.com/in-toto/attestation/tree/main/spec/v1 */
const inToto = "application/vnd.in-toto+json"

/**
 * Publishes the image of a commit once: checks first, pushes only what is missing, moves `latest` only to newer commits, and attaches
 * the documents to the image. Idempotent: run again after any failure, it ends the same.
 */
export async function published(candidate: Candidate, publishing: Publishing): Promise<Published> {
  const { repository, access, clock, build, gate, provenance } = publishing
  const { commit } = candidate
  const there = await registryOf(repository, access, clock)
  const lines: string[] = []
  const before = await there.image(commit)
  const own = publishing.key && createPublicKey(publishing.key)
  // With a public key, an unsigned image can't be trusted: it is built again, and an honest one has the same digest.
  const statement = before && (await statementOf(there, before.digest, own))
  const state = found(before, statement, candidate, publishing.source)
  if (before && state === Found.Foreign) throw tagTaken(commit, before.revision)
  const kept = state === Found.Same ? before : undefined
  const layout = await imageLayout(
    kept ? pull({ repository, digest: kept.digest }, access) : await build(),
    candidate.created,
  )
  const attachments = await gate(layout)
  if (kept) lines.push(`found ${repository}:${commit}, pushed nothing`)
  else {
    await push(layout, there, commit)
    const why = state === Found.Unproven ? " again: the one there does not say where it comes from" : ""
    lines.push(`pushed ${repository}:${commit}${why}`)
  }
  const manifest = await there.manifest(commit)
  if (!manifest) throw registryAnswerOdd(hostOf(repository), `it took ${commit} and does not have it`)
  const { digest } = manifest
  for (const attachment of attachments) {
    // A scanner writes the time into its documents, so those of the first run stay.
    const known = kept && (await there.attachment(digest, attachment.artifactType)) !== undefined
    const added = !known && (await there.attach(manifest, attachment))
    lines.push(added ? `attached ${attachment.name}` : `found ${attachment.name}`)
  }
  if (publishing.key) lines.push(await sign(there, { repository, digest }, publishing.key))
  if (!kept) {
    const content = provenance(digest)
    await there.attach(manifest, { artifactType: inToto, name: "provenance.json", content })
    if (publishing.key) await addEnvelope(there, digest, enveloped(content, publishing.key), predicateType)
    lines.push(publishing.key ? "attached provenance.json, and signed it" : "attached provenance.json")
  }
  const stays = latestStays(await there.image("latest"), digest, candidate)
  if (!stays) await there.tag(manifest, "latest")
  lines.push(stays ? `left latest: ${stays}` : "moved latest here")
  return { image: { repository, digest }, lines }
}

/** The provenance that is attached to an image; with a public key only what its private key signed. */
async function statementOf(there: Registry, digest: string, key: KeyObject | undefined): Promise<string | undefined> {
  if (!key) return there.attachment(digest, inToto)
  const all = await envelopesOf(there, digest)
  return all.map((envelope) => statementIn(envelope, key)).findLast((statement) => statement !== undefined)
}

/** Signs an image unless this key has signed it. @returns what was done. */
async function sign(there: Registry, image: ImageArtifact, key: KeyObject): Promise<string> {
  const own = createPublicKey(key)
  const known = await signaturesOf(there, image.digest)
  if (known.some((signature) => isSignedBy(signature, image, own))) return "found its signature"
  await addSignature(there, image.digest, signed(image.repository, image.digest, key))
  return "signed"
}

/** The expected image. */
export interface Expected {
  repository: string
  /** "" for the image with the tag of the commit. */
  digest: string
  commit: string
  source: string
  /** "" for any. */
  builder: string
  /** PEM; "" where images aren't signed. */
  publicKey: string
}

/**
 * Looks an image up and compares its labels, its provenance and its signatures with what is expected.
 * Throws with every difference. Pulls nothing.
 */
export async function verified(expected: Expected, access: RegistryAccess, clock: Clock): Promise<ImageArtifact> {
  const { repository, commit } = expected
  const there = await registryOf(repository, access, clock)
  const image = await there.image(expected.digest || commit)
  if (!image) throw imageUnverified(`${repository}:${commit}`, ["there is no image of this commit"])
  const { digest, revision } = image
  const key = expected.publicKey ? verifyingKey(expected.publicKey) : undefined
  const statement = await statementOf(there, digest, key)
  const mistakes = [
    ...(revision === commit ? [] : [`its label says that it is of ${revision || "no commit"}`]),
    ...(statement === undefined
      ? [key ? "it has no provenance that is signed by the key of image.publicKey" : "it has no provenance"]
      : provenanceMistakes(statement, { ...expected, digest }).map((it) => `of its provenance, ${it}`)),
    ...(key ? await unsigned(there, { repository, digest }, key) : []),
  ]
  if (mistakes.length > 0) throw imageUnverified(pinned({ repository, digest }), mistakes)
  return { repository, digest }
}

async function unsigned(there: Registry, image: ImageArtifact, key: KeyObject): Promise<string[]> {
  const signatures = await signaturesOf(there, image.digest)
  if (signatures.some((signature) => isSignedBy(signature, image, key))) return []
  return [
    signatures.length === 0
      ? "it is not signed, and the settings have image.publicKey"
      : "none of its signatures is by the key of image.publicKey",
  ]
}

/** Pushes an image under a tag; skips blobs that the registry has. */
export async function push({ manifest, blobs }: ImageLayout, there: Registry, tag: string): Promise<void> {
  await span(`push ${tag}`, () => there.push(manifest, blobs, tag))
}

/** The API of the registry, reachable for the running module. */
export async function registryOf(repository: string, access: RegistryAccess, clock: Clock): Promise<Registry> {
  const host = hostOf(repository)
  const isLocal = /^(?:localhost|127\.0\.0\.1)(?::\d+)?$/.test(host)
  const url = access.service
    ? await (await access.service.start()).endpoint({ scheme: "http" })
    : `${isLocal ? "http" : "https"}://${host === "docker.io" ? "registry-1.docker.io" : host}`
  return new Registry(
    {
      host,
      url,
      repository: repository.slice(host.length + 1),
      user: access.user,
      token: access.token ? keepSecret(await access.token.plaintext()) : "",
    },
    clock,
  )
}

const hostOf = (repository: string) => repository.split("/", 1)[0] ?? repository

/** An image by its digest; lazy, so nothing is fetched until it is used. */
export function pull(image: ImageArtifact, access: RegistryAccess): Container {
  const host = image.repository.split("/", 1)[0] ?? image.repository
  const bare = access.token ? dag.container().withRegistryAuth(host, access.user, access.token) : dag.container()
  return bare.from(pinned(image), access.service ? { registryService: access.service } : {})
}

/** An empty registry for the duration of the call. */
export const ownRegistry = (): Service =>
  dag.container().from("registry:2").withExposedPort(5000).asService({ useEntrypoint: true })
