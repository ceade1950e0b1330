import { createPublicKey, type KeyObject } from "node:crypto"
import { bundled, bundledStatement, bundleType, type Signature } from "../../image/image-signature.js"
import { digestOf, type Manifest, type Registry } from "./image-registry.js"

const simpleSigning = "application/vnd.dev.cosign.simplesigning.v1+json"
const envelopeType = "application/vnd.dsse.envelope.v1+json"
const annotation = "dev.cosignproject.cosign/signature"
const manifestType = "application/vnd.oci.image.manifest.v1+json"
const configType = "application/vnd.oci.image.config.v1+json"

interface SignatureLayer {
  mediaType: string
  digest: string
  size: number
  annotations?: Record<string, string>
}

/** Where cosign looks: an artifact whose tag is made of the image's digest, with a layer for each signature or statement. */
const tagOf = (digest: string, kind: "sig" | "att") => `${digest.replace(":", "-")}.${kind}`

/** Tag of the signatures of an image. */
export const signatureTag = (digest: string) => tagOf(digest, "sig")

/** The signatures of an image, oldest first. */
export async function signaturesOf(there: Registry, digest: string): Promise<Signature[]> {
  const layers = (await layersOf(there, tagOf(digest, "sig"))).filter(({ mediaType }) => mediaType === simpleSigning)
  return Promise.all(
    layers.map(async (layer) => ({
      payload: await there.blob(layer.digest),
      signature: layer.annotations?.[annotation] ?? "",
    })),
  )
}

/** Adds a signature to those that an image has. */
export const addSignature = (there: Registry, digest: string, { payload, signature }: Signature): Promise<void> =>
  add(there, tagOf(digest, "sig"), payload, simpleSigning, { [annotation]: signature })

/** The signed envelopes of what was stated about an image, oldest first. */
export async function envelopesOf(there: Registry, digest: string): Promise<string[]> {
  const layers = (await layersOf(there, tagOf(digest, "att"))).filter(({ mediaType }) => mediaType === envelopeType)
  return Promise.all(layers.map((layer) => there.blob(layer.digest)))
}

/** Adds an envelope. @param kind what its statement is about, such as https://slsa.dev/provenance/v1. */
export const addEnvelope = (there: Registry, digest: string, envelope: string, kind: string): Promise<void> =>
  add(there, tagOf(digest, "att"), envelope, envelopeType, { [annotation]: "", predicateType: kind })

/** Keeps a statement beside an image in a Sigstore bundle, unless this key has signed it in one: another signature would be another document. */
export async function addBundle(there: Registry, image: Manifest, statement: string, key: KeyObject): Promise<void> {
  const own = createPublicKey(key)
  const known = await there.attachedOf(image.digest, bundleType)
  if (known.some((bundle) => bundledStatement(bundle, own) === statement)) return
  const name = "bundle.sigstore.json"
  await there.attach(image, { artifactType: bundleType, name, content: bundled(statement, key) })
}

async function add(
  there: Registry,
  tag: string,
  content: string,
  mediaType: string,
  annotations: Record<string, string>,
): Promise<void> {
  const layers = [
    ...(await layersOf(there, tag)),
    { mediaType, digest: digestOf(content), size: Buffer.byteLength(content), annotations },
  ]
  const config = JSON.stringify({
    architecture: "",
    os: "",
    config: {},
    rootfs: { type: "layers", diff_ids: layers.map((layer) => layer.digest) },
  })
  await there.keep(content)
  await there.keep(config)
  const text = JSON.stringify({
    schemaVersion: 2,
    mediaType: manifestType,
    config: { mediaType: configType, digest: digestOf(config), size: Buffer.byteLength(config) },
    layers,
  })
  await there.tag({ digest: digestOf(text), mediaType: manifestType, text }, tag)
}

async function layersOf(there: Registry, tag: string): Promise<SignatureLayer[]> {
  const manifest = await there.manifest(tag)
  return manifest ? ((JSON.parse(manifest.text) as { layers?: SignatureLayer[] }).layers ?? []) : []
}
