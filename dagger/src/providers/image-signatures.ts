import type { Signature } from "../image-signature.js"
import { digestOf, type Registry } from "./image-registry.js"

const simpleSigning = "application/vnd.dev.cosign.simplesigning.v1+json"
const annotation = "dev.cosignproject.cosign/signature"
const manifestType = "application/vnd.oci.image.manifest.v1+json"
const configType = "application/vnd.oci.image.config.v1+json"

interface SignatureLayer {
  mediaType: string
  digest: string
  size: number
  annotations?: Record<string, string>
}

/** Where cosign looks: an artifact whose tag is made of the image's digest, with a layer for each signature. */
const tagOf = (digest: string) => `${digest.replace(":", "-")}.sig`

/** The signatures of an image, oldest first. */
export async function signaturesOf(there: Registry, digest: string): Promise<Signature[]> {
  const layers = (await layersOf(there, digest)).filter(({ mediaType }) => mediaType === simpleSigning)
  return Promise.all(
    layers.map(async (layer) => ({
      payload: await there.blob(layer.digest),
      signature: layer.annotations?.[annotation] ?? "",
    })),
  )
}

/** Adds a signature to those that an image has. */
export async function addSignature(there: Registry, digest: string, { payload, signature }: Signature): Promise<void> {
  const layers = [
    ...(await layersOf(there, digest)),
    {
      mediaType: simpleSigning,
      digest: digestOf(payload),
      size: Buffer.byteLength(payload),
      annotations: { [annotation]: signature },
    },
  ]
  const config = JSON.stringify({
    architecture: "",
    os: "",
    config: {},
    rootfs: { type: "layers", diff_ids: layers.map((layer) => layer.digest) },
  })
  await there.keep(payload)
  await there.keep(config)
  const text = JSON.stringify({
    schemaVersion: 2,
    mediaType: manifestType,
    config: { mediaType: configType, digest: digestOf(config), size: Buffer.byteLength(config) },
    layers,
  })
  await there.tag({ digest: digestOf(text), mediaType: manifestType, text }, tagOf(digest))
}

async function layersOf(there: Registry, digest: string): Promise<SignatureLayer[]> {
  const manifest = await there.manifest(tagOf(digest))
  return manifest ? ((JSON.parse(manifest.text) as { layers?: SignatureLayer[] }).layers ?? []) : []
}
