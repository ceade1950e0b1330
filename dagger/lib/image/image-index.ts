import { ociPlatform } from "./image-facts.js"

/** One of the manifests that an index lists. */
export interface Listed {
  platform: string
  manifest: { mediaType: string; digest: string; text: string }
}

export const indexType = "application/vnd.oci.image.index.v1+json"

/** One image for several platforms. https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md */
export const imageIndex = (listed: Listed[]): string =>
  JSON.stringify({
    schemaVersion: 2,
    mediaType: indexType,
    manifests: listed.map(({ platform, manifest: { mediaType, digest, text } }) => ({
      mediaType,
      digest,
      size: Buffer.byteLength(text),
      platform: ociPlatform(platform),
    })),
  })
