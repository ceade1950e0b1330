import { type Directory, dag, type File } from "@dagger.io/dagger"
import { type ImageSize, imageBudget } from "../image/image-budget.js"
import { imageIndex, indexType } from "../image/image-index.js"
import { type BlobSource, digestOf, type Manifest } from "../providers/registry/image-registry.js"
import type { PlatformImage } from "./builds.js"
import { span } from "./span.js"

/** An image as files, ready to push. The same files with the same commit date give the same digest. */
export interface ImageLayout {
  /** OCI image layout. https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md */
  files: Directory
  /** Of the platform; an index that lists all of them where there are several. */
  manifest: Manifest
  platforms: PlatformLayout[]
}

/** The image of one platform as files. */
export interface PlatformLayout {
  /** Such as linux/amd64. */
  platform: string
  files: Directory
  manifest: Manifest
  /** Configuration and layers. */
  blobs: BlobSource[]
  /** The history of the layers, in the format of an image's configuration, where the engine still has it. */
  steps: File
}

/** Runs TypeScript directly, and is probably cached where a frontend is built. */
const node = "node:24"

/** The date when that of the commit is unknown. */
const unknownDate = "1970-01-01T00:00:00Z"

/**
 * Removes the build time from an image and exports it as files.
 * @param created date of the commit, ISO 8601; "" when unknown.
 */
export async function imageLayout(images: PlatformImage[], created: string): Promise<ImageLayout> {
  const platforms = await Promise.all(images.map((it) => platformLayout(it, created)))
  const [first] = platforms
  if (first && platforms.length === 1) return { files: first.files, manifest: first.manifest, platforms }
  const text = imageIndex(platforms)
  const manifest = { digest: digestOf(text), mediaType: indexType, text }
  const described = { mediaType: indexType, digest: manifest.digest, size: Buffer.byteLength(text) }
  const files = platforms
    .reduce((all, it) => all.withDirectory("/", it.files), dag.directory())
    .withNewFile(blobPath(manifest.digest), text)
    .withNewFile("index.json", JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests: [described] }))
  return { files, manifest, platforms }
}

function platformLayout({ platform, image }: PlatformImage, created: string): Promise<PlatformLayout> {
  return span("take the build's hour out of the image", async () => {
    const done = dag
      .container()
      .from(node)
      .withMountedCache("/layers", dag.cacheVolume("timeless-layers"))
      .withFile("/pipeline/image.ts", dag.currentModule().source().file("reproducible/image.ts"))
      .withMountedFile("/image.tar", image.asTarball())
      .withExec(["node", "/pipeline/image.ts", "/image.tar", "/layout", created || unknownDate, "/layers", "/steps"])
    const files = done.directory("/layout")
    const { manifests } = JSON.parse(await files.file("index.json").contents()) as {
      manifests: [{ mediaType: string; digest: string }]
    }
    const [{ digest, mediaType }] = manifests
    const text = await files.file(blobPath(digest)).contents()
    const { config, layers } = JSON.parse(text) as { config: Described; layers: Described[] }
    const blobs = [config, ...layers].map(({ digest, size }) => ({
      digest,
      size,
      // In the filesystem of the running module, whose upload reads files.
      file: async () => {
        const path = `/tmp/${digest.replace(":", "-")}`
        await files.file(blobPath(digest)).export(path)
        return path
      },
    }))
    return { platform, files, manifest: { digest, mediaType, text }, blobs, steps: done.file("/steps") }
  })
}

/** The compressed size of the image of a platform. */
export async function imageSize({ manifest, steps }: PlatformLayout, budgetMegabytes: number): Promise<ImageSize> {
  return imageBudget(manifest.text, await steps.contents(), budgetMegabytes)
}

type Described = { digest: string; size: number }

const blobPath = (digest: string) => `blobs/${digest.replace(":", "/")}`
