import { type Container, type Directory, dag, type File } from "@dagger.io/dagger"
import { type ImageSize, imageBudget } from "../image/image-budget.js"
import type { BlobSource, Manifest } from "../providers/registry/image-registry.js"
import { span } from "./span.js"

/** An image as files, ready to be pushed. The same files built again, with the same date of the commit, give the same digest. */
export interface ImageLayout {
  /** OCI image layout. https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md */
  files: Directory
  manifest: Manifest
  /** Configuration and layers. */
  blobs: BlobSource[]
  /** What made each layer, where the engine still knows, as an image's configuration tells it. */
  steps: File
}

/** Runs TypeScript as it is, and a machine that builds a frontend most likely has it already. */
const node = "node:24"

/** What is told when nothing tells when a commit was made. */
const unknownDate = "1970-01-01T00:00:00Z"

/**
 * Takes the hour of the build out of an image and leaves it as files.
 * @param created date of the commit, ISO 8601; "" when it is not known.
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
      // Beside the running module, whose upload reads files.
      file: async () => {
        const path = `/tmp/${digest.replace(":", "-")}`
        await files.file(blobPath(digest)).export(path)
        return path
      },
    }))
    return { files, manifest: { digest, mediaType, text }, blobs, steps: done.file("/steps") }
  })
}

/** What an image weighs compressed. */
export async function imageSize({ manifest, steps }: ImageLayout, budgetMegabytes: number): Promise<ImageSize> {
  return imageBudget(manifest.text, await steps.contents(), budgetMegabytes)
}

type Described = { digest: string; size: number }

const blobPath = (digest: string) => `blobs/${digest.replace(":", "/")}`
