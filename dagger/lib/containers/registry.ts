import { type Container, dag, type Platform, type Secret, type Service } from "@dagger.io/dagger"
import type { Clock } from "../clock.js"
import { type ImageArtifact, pinned } from "../deployment/release.js"
import { otherPlatforms } from "../image/errors.js"
import type { PlatformFacts, PublishedImage } from "../image/image-facts.js"
import type { Kind } from "../image/kind.js"
import type { Candidate } from "../image/publication.js"
import { Registry } from "../providers/registry/image-registry.js"
import {
  type Expected,
  type PlatformAttachment,
  type PublicationPlace,
  type Published,
  publishedAt,
  verifiedAt,
} from "../providers/registry/publication.js"
import { registryHost } from "../settings/settings.js"
import { keepSecret } from "../text/secret-values.js"
import type { PlatformImage } from "./builds.js"
import { type ImageLayout, imageLayout } from "./image-layout.js"
import { span } from "./span.js"

/** Access to a registry. */
export interface RegistryAccess {
  /** Empty for a registry without authentication. */
  user: string
  token?: Secret | undefined
  /** The only ones that get user and token: which registry a live image names is decided by whoever can write to the Space. */
  hosts: string[]
  /** Serves the registry instead of the network; for tests, rehearsals and local registries. */
  service?: Service | undefined
}

/** How `published` makes an image. */
export interface Publishing extends Omit<PublicationPlace, "prepare"> {
  access: RegistryAccess
  clock: Clock
  /** Platforms that the image must have. */
  platforms: string[]
  /** Builds the image for each of them, when the registry has none of this commit. */
  build: () => Promise<PlatformImage[]>
  /** Checks it before anything is pushed or moved; throws to stop. @returns documents to attach to it. */
  gate: (image: ImageLayout) => Promise<PlatformAttachment[]>
}

/** Publishes the image of a commit once; one that the registry has is checked again and not pushed again. */
export async function published(candidate: Candidate, publishing: Publishing): Promise<Published> {
  const { repository, access, clock, platforms, build, gate } = publishing
  const there = await registryOf(repository, access, clock)
  const prepare = async (kept: PublishedImage | undefined) => {
    const images = kept ? pulled({ repository, digest: kept.digest }, access, kept.platforms, platforms) : await build()
    const layout = await imageLayout(images, candidate.created)
    return { push: (tag: string) => push(layout, there, tag), attachments: await gate(layout) }
  }
  return publishedAt(there, candidate, { ...publishing, prepare })
}

/** The registry's image that is as expected. @throws PipelineError with every difference. */
export const verified = async (expected: Expected, access: RegistryAccess, clock: Clock): Promise<ImageArtifact> =>
  verifiedAt(await registryOf(expected.repository, access, clock), expected)

/** Pushes an image under a tag; skips blobs that the registry has. Of several platforms the tag names the index, and comes last. */
export async function push({ manifest, platforms }: ImageLayout, there: Registry, tag: string): Promise<void> {
  await span(`push ${tag}`, async () => {
    const [first] = platforms
    if (first && platforms.length === 1) return there.push(manifest, first.blobs, tag)
    for (const it of platforms) await there.push(it.manifest, it.blobs, it.manifest.digest)
    await there.tag(manifest, tag)
  })
}

/** @throws PipelineError when an image that is there is for other platforms than those that are wanted: a tag never moves. */
export function mustBeFor(image: ImageArtifact, there: PlatformFacts[], wanted: string[]): void {
  const has = there.map(({ platform }) => platform)
  if (has.toSorted().join() !== wanted.toSorted().join()) throw otherPlatforms(pinned(image), has, wanted)
}

/** The images of a digest. */
function pulled(
  image: ImageArtifact,
  access: RegistryAccess,
  there: PlatformFacts[],
  wanted: string[],
): PlatformImage[] {
  mustBeFor(image, there, wanted)
  return there.map(({ platform }) => ({ platform, image: pull(image, access, platform) }))
}

/** The API of the registry, reachable for the running module. */
export async function registryOf(
  repository: string,
  access: RegistryAccess,
  clock: Clock,
  kind: Kind = "image",
): Promise<Registry> {
  const host = registryHost(repository)
  const token = tokenFor(access, host)
  const isLocal = /^(?:localhost|127\.0\.0\.1)(?::\d+)?$/.test(host)
  const url = access.service
    ? await (await access.service.start()).endpoint({ scheme: "http" })
    : `${isLocal ? "http" : "https"}://${host === "docker.io" ? "registry-1.docker.io" : host}`
  return new Registry(
    {
      host,
      kind,
      url,
      repository: repository.slice(host.length + 1),
      user: token ? access.user : "",
      token: token ? keepSecret(await token.plaintext()) : "",
    },
    clock,
  )
}

/** The token that a registry may see. */
export const tokenFor = (
  { token, hosts }: Pick<RegistryAccess, "token" | "hosts">,
  host: string,
): Secret | undefined => (hosts.includes(host) ? token : undefined)

/** What every Space runs. */
export const spacePlatform = "linux/amd64"

/**
 * An image by its digest; lazy, so nothing is fetched until it is used.
 * @param platform that of a Space unless given, whatever the engine's machine.
 */
export function pull(image: ImageArtifact, access: RegistryAccess, platform = spacePlatform): Container {
  const host = registryHost(image.repository)
  const token = tokenFor(access, host)
  const empty = dag.container({ platform: platform as Platform })
  const bare = token ? empty.withRegistryAuth(host, access.user, token) : empty
  return bare.from(pinned(image), access.service ? { registryService: access.service } : {})
}

/** An empty registry for the duration of the call. */
export const ownRegistry = (): Service =>
  dag.container().from("registry:2").withExposedPort(5000).asService({ useEntrypoint: true })
