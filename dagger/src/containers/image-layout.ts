import { type Container, type Directory, dag, type File } from "@dagger.io/dagger"
import { type ImageSize, imageBudget } from "../image/image-budget.js"
import type { BlobSource, Manifest } from "../providers/registry/image-registry.js"
import { span } from "./span.js"

/** An image as files, ready to push. The same files with the same commit date give the same digest. */
export interface ImageLayout {
  /** OCI image layout. https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md */
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
export function imageLayout(image: Container, created: string): Promise<ImageLayout> {
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
    return { files, manifest: { digest, mediaType, text }, blobs, steps: done.file("/steps") }
  })
}

/** The compressed size of an image. */
export async function imageSize({ manifest, steps }: ImageLayout, budgetMegabytes: number): Promise<ImageSize> {
  return imageBudget(manifest.text, await steps.contents(), budgetMegabytes)
}

type Described = { digest: string; size: number }

const blobPath = (digest: string) => `blobs/${digest.replace(":", "/")}`
