import { z } from "zod"
import { sanitized, shortened } from "../text/untrusted.js"
import { count } from "../text/wording.js"
import { manifestUnreadable } from "./errors.js"

/** The size of an image in its registry, and its budget. */
export interface ImageSize {
  /** Compressed, as it is pushed and pulled: all layers and the configuration. */
  bytes: number
  budgetBytes: number
  passed: boolean
  /** In the order of the image, the base first. */
  layers: ImageLayer[]
}

export interface ImageLayer {
  digest: string
  bytes: number
  /** Step of the Dockerfile that made it; "" when unknown. */
  madeBy: string
}

/**
 * Judges the compressed size of an image.
 * @param manifest of one platform: OCI image manifest 1, or Docker's version 2 schema 2. https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md
 * @param config the image's configuration, whose history names the layers; "" to leave them nameless.
 * @param budgetMegabytes units of 1,000,000 bytes; equal passes.
 */
export function imageBudget(manifest: string, config: string, budgetMegabytes: number): ImageSize {
  const found = readManifest(manifest)
  const steps = layerSteps(config)
  const layers = found.layers.map(({ digest, size }, at) => ({
    digest,
    bytes: size,
    // A history of another length belongs to another image.
    madeBy: steps.length === found.layers.length ? (steps[at] ?? "") : "",
  }))
  const bytes = layers.reduce((sum, layer) => sum + layer.bytes, found.config.size)
  const budgetBytes = budgetMegabytes * 1_000_000
  return { bytes, budgetBytes, passed: bytes <= budgetBytes, layers }
}

/** One line with the size, then the heaviest layers, at most five. */
export function imageSizeText({ bytes, budgetBytes, passed, layers }: ImageSize): string {
  const heaviest = layers.toSorted((one, other) => other.bytes - one.bytes).slice(0, 5)
  const width = Math.max(...heaviest.map((layer) => megabytes(layer.bytes).length))
  return [
    `${megabytes(bytes)} compressed in ${count(layers.length, "layer")}, ${passed ? "within" : "OVER"} the budget of ${budgetBytes / 1_000_000} MB`,
    ...heaviest.map(
      (layer) => `  ${megabytes(layer.bytes).padStart(width)}  ${layer.madeBy || layer.digest.slice(0, 19)}`,
    ),
  ].join("\n")
}

/** Rounded up, so that what is over its budget never reads as equal to it. */
const megabytes = (bytes: number) => `${(Math.ceil(bytes / 100_000) / 10).toFixed(1)} MB`

// Built when needed: every call loads this file.
const manifestSchema = () => {
  const blob = z.object({ digest: z.string().regex(/^[a-z0-9]+:[0-9a-f]{32,}$/), size: z.int().min(0) })
  return z.object({ schemaVersion: z.literal(2), config: blob, layers: z.array(blob).min(1) })
}

function readManifest(manifest: string): z.infer<ReturnType<typeof manifestSchema>> {
  if (manifest.trim() === "") throw manifestUnreadable("it is empty")
  let json: unknown
  try {
    json = JSON.parse(manifest)
  } catch {
    throw manifestUnreadable("it is not JSON, or is cut off")
  }
  if (z.object({ manifests: z.array(z.unknown()) }).safeParse(json).success) {
    throw manifestUnreadable("it lists several platforms, and each has a different size")
  }
  const parsed = manifestSchema().safeParse(json)
  if (!parsed.success) {
    throw manifestUnreadable(
      `${parsed.error.issues[0]?.path.join(".") || "it"} is not what OCI or Docker's schema 2 says`,
    )
  }
  return parsed.data
}

function layerSteps(config: string): string[] {
  const history = z.object({
    history: z.array(z.object({ created_by: z.string().nullish(), empty_layer: z.boolean().nullish() })),
  })
  try {
    const { data } = history.safeParse(JSON.parse(config))
    return (data?.history ?? []).filter((step) => !step.empty_layer).map((step) => inWords(step.created_by ?? ""))
  } catch {
    return []
  }
}

/** Builders record a step as they ran it; Dagger records its own names of the Dockerfile's instructions. */
const inWords = (step: string) =>
  shortened(
    sanitized(step)
      .replace(/^import image layer sha256:.*/, "FROM")
      .replace(/^Directory\.withDirectoryDockerfileCompat$/, "COPY")
      .replace(/^withNewDirectory /, "WORKDIR ")
      .replace(/^mount \/ from exec \/bin\/sh -c /, "RUN ")
      .replace(/^\/bin\/sh -c (?:#\(nop\)\s*)?/, "")
      .replace(/\s*# buildkit$/, "")
      .replace(/\s+/g, " ")
      .trim(),
    80,
  )
