import type { KeyObject } from "node:crypto"
import type { Clock } from "../../clock.js"
import type { Archive } from "../../deployment/archive.js"
import { pinned, type SiteArtifact } from "../../deployment/release.js"
import { verifyingKey } from "../../image/image-signature.js"
import { provenance } from "../../image/provenance.js"
import { type Candidate, Found } from "../../image/publication.js"
import { filesOf } from "../files.js"
import { RegistryRefusal, siteLayerUnreadable } from "./errors.js"
import { digestOf, type Registry } from "./image-registry.js"
import { type Expected, publishedAt, publishedState, verifiedAt } from "./publication.js"
import { packed, unpacked } from "./site-layer.js"

/** Where sites are kept, and how one is known as ours. */
export interface SiteArchiveSettings {
  /** registry/owner/name */
  repository: string
  /** Address of the repository that holds the commits. */
  source: string
  /** PEM; "" where nothing is signed. */
  publicKey: string
  /** Whether the registry was given a user's token: without one it hides what is private. */
  hasToken: boolean
}

/** How a site is published. */
export interface SitePublication {
  /** Signs it; without it nothing is signed. */
  key?: KeyObject | undefined
  /** Address that identifies the builder. */
  builder: string
  /** Address of this run; "" for a local one. */
  run: string
  startedAt: Date
}

/** A site that the registry has now. */
export interface KeptSite {
  /** What the registry has: the very files, also where another run pushed them. */
  site: SiteArtifact
  /** registry/owner/name@sha256:… */
  name: string
  /** What was pushed, moved and attached, and what was not and why; a line each. */
  lines: string[]
}

const artifactType = "application/vnd.delivery.site.v1"
const layerType = "application/vnd.oci.image.layer.v1.tar+gzip"

/**
 * Built sites in a registry, one artifact for each commit, with provenance and signature as an image has.
 * `oras pull registry/owner/name:COMMIT` writes the files to `site/`. https://oras.land/docs/commands/oras_pull
 */
export class SiteArchive implements Archive<SiteArtifact> {
  readonly name: string

  constructor(
    private readonly there: Registry,
    private readonly at: SiteArchiveSettings,
    private readonly clock: Clock,
  ) {
    this.name = at.repository
  }

  async has(commit: string): Promise<boolean> {
    try {
      return (await this.there.manifest(commit)) !== undefined
    } catch (failure) {
      // Without a token a registry answers so for what is private, and for what was never there.
      if (!this.at.hasToken && failure instanceof RegistryRefusal && [401, 403].includes(Number(failure.status)))
        return false
      throw failure
    }
  }

  async take(commit: string): Promise<SiteArtifact> {
    const { digest } = await verifiedAt(this.there, this.expected(commit))
    return this.filesOf(digest)
  }

  /** Whether a publication of this commit would push nothing. Throws when its tag names something else. */
  async isKept(candidate: Candidate): Promise<boolean> {
    const { source, publicKey } = this.at
    const key = publicKey ? verifyingKey(publicKey) : undefined
    return (await publishedState(this.there, candidate, { kind: "site", source }, key)).state === Found.Same
  }

  /** Keeps the built site of a commit, unless the registry has one of it; then that one is what is deployed. */
  async publish(candidate: Candidate, built: SiteArtifact, how: SitePublication): Promise<KeptSite> {
    const { repository, source } = this.at
    const { commit } = candidate
    const layer = await packed(await filesOf(built))
    const { image, lines } = await publishedAt(this.there, candidate, {
      kind: "site",
      repository,
      source,
      key: how.key,
      prepare: async () => ({
        attachments: [],
        push: async (tag) => {
          await this.there.pushArtifact(
            {
              artifactType,
              annotations: {
                "org.opencontainers.image.created": candidate.created,
                "org.opencontainers.image.revision": commit,
                "org.opencontainers.image.source": source,
                "org.opencontainers.image.version": commit.slice(0, 7),
              },
              layer: {
                mediaType: layerType,
                content: layer.content,
                // So that oras unpacks it. https://oras.land/docs/how_to_guides/pushing_and_pulling
                annotations: {
                  "io.deis.oras.content.digest": layer.unpacked,
                  "io.deis.oras.content.unpack": "true",
                  "org.opencontainers.image.title": "site",
                },
              },
            },
            tag,
          )
        },
      }),
      provenance: (digest) =>
        provenance({
          kind: "site",
          ...{ repository, digest, commit, source, parameters: {} },
          ...{ builder: how.builder || source, run: how.run, startedAt: how.startedAt, finishedAt: this.clock.now() },
        }),
    })
    // Returns what the registry has now, whoever pushed it.
    const { digest } = await verifiedAt(this.there, this.expected(commit))
    const isBuilt = (await this.layerOf(digest)).digest === digestOf(layer.content)
    return {
      site: isBuilt ? built : await this.filesOf(digest),
      name: pinned(image),
      lines: isBuilt
        ? lines
        : [...lines, "its files differ from those that were built now, and are the ones that count"],
    }
  }

  private async filesOf(digest: string): Promise<SiteArtifact> {
    const content = await this.layerOf(digest)
    return unpacked(await this.there.bytes(content.digest, content.size))
  }

  /** The one layer of a site. */
  private async layerOf(digest: string) {
    const manifest = await this.there.manifest(digest)
    const { artifactType: type, layers = [] } = JSON.parse(manifest?.text ?? "{}") as {
      artifactType?: string
      layers?: { digest: string; size: number }[]
    }
    const [content] = layers
    if (type !== artifactType || !content || layers.length > 1)
      throw siteLayerUnreadable(`${this.name}@${digest} is no site that this pipeline published`)
    return content
  }

  private expected(commit: string): Expected {
    const { repository, source, publicKey } = this.at
    return { kind: "site", repository, digest: "", commit, source, builder: "", publicKey }
  }
}
