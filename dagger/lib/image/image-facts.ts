/** The labels of an image. */
export interface ImageFacts {
  digest: string
  /** Commit; "" for none. */
  revision: string
  /** Date of the commit; "" for none. */
  created: string
}

/** An image that a registry has. */
export interface PublishedImage extends ImageFacts {
  /** Such as linux/amd64, in the order of the index; one where there is no index. */
  platforms: PlatformFacts[]
}

/** The manifest of one platform. */
export interface PlatformFacts {
  /** As the settings write it, such as linux/amd64 or linux/arm/v7. */
  platform: string
  digest: string
}

/** A platform in the words of OCI. https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md */
export interface OciPlatform {
  os?: string
  architecture?: string
  variant?: string
}

/** `os/architecture`, with the variant where it is not the one that everybody means. */
export const platformNamed = ({ os = "", architecture = "", variant = "" }: OciPlatform): string =>
  [os, architecture, `${architecture}/${variant}` === "arm64/v8" ? "" : variant].filter(Boolean).join("/")

/** The reverse of `platformNamed`. */
export function ociPlatform(platform: string): OciPlatform {
  const [os = "", architecture = "", variant] = platform.split("/")
  return { os, architecture, ...(variant && { variant }) }
}
