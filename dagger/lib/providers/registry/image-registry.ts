import { createHash } from "node:crypto"
import { openAsBlob } from "node:fs"
import type { Clock } from "../../clock.js"
import { hostUnreachable } from "../../deployment/host-errors.js"
import { type OciPlatform, type PublishedImage, platformNamed } from "../../image/image-facts.js"
import type { Kind } from "../../image/kind.js"
import { nextPage } from "../address.js"
import { type Call, growing, type Insistence, insist, NoReply, type Reply, saidBy, TooLong } from "../request.js"
import { bearerIn } from "./challenge.js"
import { registryAnswerOdd, registryRefused } from "./errors.js"

/** Where a registry answers, and as whom. */
export interface RegistryAddress {
  /** Name in messages, such as ghcr.io. */
  host: string
  /** Origin, such as https://ghcr.io. */
  url: string
  /** Name in it, such as owner/backend. */
  repository: string
  /** What it keeps there, for messages; an image unless given. */
  kind?: Kind
  user: string
  /** "" for a registry that asks nobody. */
  token: string
  /** When every request must be done, in milliseconds since 1970. */
  until?: number
}

/** A manifest by its digest. */
export interface Manifest {
  digest: string
  mediaType: string
  /** The very bytes: another spelling would be another digest. */
  text: string
}

/** Bytes by their digest, that are read only where the registry lacks them. */
export interface BlobSource {
  digest: string
  size: number
  /** Path of a file with the bytes. */
  file(): Promise<string>
}

/** A document about an image, kept beside it. https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers */
export interface Attachment {
  artifactType: string
  name: string
  content: string
}

/** Files that are no image, in one layer. https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md#guidelines-for-artifact-usage */
export interface Artifact {
  artifactType: string
  annotations: Record<string, string>
  layer: Layer
}

interface Layer {
  mediaType: string
  content: string | Uint8Array<ArrayBuffer>
  annotations: Record<string, string>
}

/** An image of one platform, as far as the registry tells it without its layers. */
export interface LabelledImage {
  labels: Readonly<Record<string, string>>
  /** Such as linux/amd64. */
  platform: string
}

/** One document beside an image, by the digest of its manifest. */
interface Referrer {
  digest: string
  artifactType: string
}

const manifestTypes = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
]
const [ociManifest = "", ociIndex = ""] = manifestTypes
/** https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md#guidance-for-an-empty-descriptor */
const emptyConfig = { mediaType: "application/vnd.oci.empty.v1+json", text: "{}" }

/**
 * Bytes that a manifest and a configuration may have: somebody else may have pushed them. Other clients take no more either.
 * https://github.com/containers/image/blob/v5.36.2/internal/iolimits/iolimits.go
 */
const mostOfDocument = 4 * 1024 * 1024

/** One repository of a registry, over the OCI distribution API. Every write may be repeated: it is named by its content. */
export class Registry {
  private authorization: string

  constructor(
    private readonly at: RegistryAddress,
    private readonly clock: Clock,
  ) {
    this.authorization = ""
  }

  /** Its name in messages, such as ghcr.io. */
  get name(): string {
    return this.at.host
  }

  /** The same repository, for requests that must be done by then. */
  by = (until: number) => new Registry({ ...this.at, until }, this.clock)

  /** A manifest by tag or digest; `undefined` when there is none. */
  async manifest(reference: string): Promise<Manifest | undefined> {
    const [path, accept] = [`manifests/${reference}`, manifestTypes.join(", ")]
    const reply = await this.ask({ method: "GET", path, accept, most: mostOfDocument })
    if (reply.status === 404) return undefined
    const { bytes, text, headers } = this.good(reply)
    const digest = digestOf(bytes)
    const said = headers["docker-content-digest"] ?? digest
    if (said !== digest || (reference.includes(":") && reference !== digest))
      throw registryAnswerOdd(this.at.host, `the manifest of ${reference} is not what its digest says`)
    const type = (headers["content-type"] ?? "").split(";", 1)[0]?.trim() ?? ""
    // A storage that the registry leads to knows no types; the manifest itself does.
    const isKnown = manifestTypes.includes(type)
    return { digest, mediaType: isKnown ? type : ((this.read(text) as { mediaType?: string }).mediaType ?? type), text }
  }

  /**
   * The labels of an image and its platforms. What the platforms do not say alike is told with commas between. What has no
   * configuration, such as a site, has annotations in place of labels, and no platform.
   */
  async image(reference: string): Promise<PublishedImage | undefined> {
    const found = await this.manifest(reference)
    if (!found) return undefined
    const { manifests, config, annotations } = this.read(found.text) as {
      manifests?: { digest: string; platform?: OciPlatform }[]
      config?: { digest: string; mediaType?: string }
      annotations?: Record<string, string>
    }
    if (manifests) {
      // BuildKit lists its attestations as images of an unknown platform.
      const listed = manifests.filter(({ platform }) => platform?.architecture !== "unknown")
      const images = (await Promise.all(listed.map((it) => this.image(it.digest)))).filter((it) => it !== undefined)
      if (images.length === 0 || images.length < listed.length)
        throw registryAnswerOdd(this.at.host, `${reference} lists images that are not there`)
      const told = (label: "revision" | "created") => [...new Set(images.map((it) => it[label]))].join(", ")
      return {
        digest: found.digest,
        revision: told("revision"),
        created: told("created"),
        platforms: images.flatMap((it) => it.platforms),
      }
    }
    if (!config) throw registryAnswerOdd(this.at.host, `${reference} is no image`)
    const { digest } = found
    const isBare = config.mediaType === emptyConfig.mediaType
    const { labels, platform } = isBare
      ? { labels: annotations, platform: "" }
      : await this.configuration(config.digest)
    const label = (name: string) => labels?.[`org.opencontainers.image.${name}`] ?? ""
    return {
      digest,
      revision: label("revision"),
      created: label("created"),
      platforms: platform ? [{ platform, digest }] : [],
    }
  }

  /**
   * What the configuration of an image of one platform says, with all its labels.
   * @param reference its name for messages. @throws PipelineError for an index, and for what has no configuration.
   */
  async labelled({ text }: Manifest, reference: string): Promise<LabelledImage> {
    const { config } = (this.read(text) ?? {}) as { config?: { digest?: unknown } | null }
    const digest = config?.digest
    if (typeof digest !== "string" || !/^sha256:[0-9a-f]{64}$/.test(digest))
      throw registryAnswerOdd(this.at.host, `${reference} is no image`)
    const { labels, platform } = await this.configuration(digest)
    return { labels: labels ?? {}, platform }
  }

  /** Every tag. */
  async tags(): Promise<string[]> {
    const all: string[] = []
    let path = "tags/list?n=1000"
    for (const asked = new Set<string>(); path && !asked.has(path); ) {
      asked.add(path)
      const reply = await this.ask({ method: "GET", path, accept: "application/json" })
      if (reply.status === 404) return all
      const { tags } = this.read(this.good(reply).text) as { tags?: string[] | null }
      all.push(...(tags ?? []))
      path = this.nextPath(reply)
    }
    return all
  }

  /**
   * Deletes a manifest, and so each tag that names it.
   * @returns why the registry did not; "" once it is gone.
   */
  async remove(digest: string): Promise<string> {
    const reply = await this.ask({ method: "DELETE", path: `manifests/${digest}`, accept: "*/*" })
    if ((reply.status >= 200 && reply.status < 300) || reply.status === 404) return ""
    return `${this.at.host} answered ${[reply.status, saidBy(reply.text)].filter(Boolean).join(": ")}`
  }

  private async configuration(digest: string) {
    const read = this.read(Buffer.from(await this.bytes(digest, 0, mostOfDocument)).toString("utf8"))
    if (typeof read !== "object" || read === null)
      throw registryAnswerOdd(this.at.host, `the configuration ${digest} is none`)
    const { config: run, ...platform } = read as OciPlatform & { config?: { Labels?: Record<string, string> | null } }
    return { labels: run?.Labels, platform: platformNamed(platform) }
  }

  /** Puts an image there under a tag: first its blobs, those alone that are missing, then the manifest that names them. */
  async push(manifest: Manifest, blobs: BlobSource[], tag: string): Promise<void> {
    await Promise.all(blobs.map(({ digest, file }) => this.upload(digest, async () => openAsBlob(await file()))))
    await this.tag(manifest, tag)
  }

  /** Gives a manifest one more name. */
  async tag(manifest: Manifest, tag: string): Promise<void> {
    await this.put(tag, manifest)
  }

  /** Puts a blob there, which nothing names yet. */
  keep(content: string | Uint8Array<ArrayBuffer>): Promise<void> {
    return this.upload(digestOf(content), async () => (typeof content === "string" ? content : new Blob([content])))
  }

  /** Puts files there under a tag that are no image: layers without a configuration. @returns the manifest's digest. */
  async pushArtifact({ artifactType, annotations, layer }: Artifact, tag: string): Promise<string> {
    const manifest = await this.keepLayer(artifactType, layer, { annotations })
    await this.tag(manifest, tag)
    return manifest.digest
  }

  /** Puts one layer there without a configuration. @returns the manifest that names it, which nobody has yet. */
  private async keepLayer(
    artifactType: string,
    { content, ...described }: Layer,
    rest: { annotations: Record<string, string> } | { subject: { mediaType: string; digest: string; size: number } },
  ): Promise<Manifest> {
    await this.keep(emptyConfig.text)
    await this.keep(content)
    const layers = [{ ...described, digest: digestOf(content), size: Buffer.byteLength(content) }]
    const parts = { artifactType, config: emptyDescriptor, layers, ...rest }
    const text = JSON.stringify({ schemaVersion: 2, mediaType: ociManifest, ...parts })
    return { digest: digestOf(text), mediaType: ociManifest, text }
  }

  /** Keeps a document beside an image, unless one of the same type and content is there. @returns whether anything was written. */
  async attach(image: Manifest, { artifactType, name, content }: Attachment): Promise<boolean> {
    const { list: known, hasApi } = await this.referrers(image.digest)
    const layer = digestOf(content)
    for (const { digest } of known.filter((it) => it.artifactType === artifactType)) {
      const manifest = await this.manifest(digest)
      if (manifest?.text.includes(layer)) return false
    }
    const manifest = await this.keepLayer(
      artifactType,
      { mediaType: artifactType, content, annotations: { "org.opencontainers.image.title": name } },
      { subject: { mediaType: image.mediaType, digest: image.digest, size: Buffer.byteLength(image.text) } },
    )
    const reply = await this.put(manifest.digest, manifest)
    // A registry that keeps the list of referrers says so; elsewhere it is a tag that clients keep.
    if (!hasApi || !reply.headers["oci-subject"]) await this.enlist(image.digest, manifest, artifactType)
    return true
  }

  /** Documents beside an image. */
  async attachments(digest: string): Promise<Referrer[]> {
    return (await this.referrers(digest)).list
  }

  /**
   * All that refers to a digest, and whether the registry itself keeps that list. Where it does not, a tag does: a registry answers 404
   * then, or leads to a page that is none of its answers, as ghcr.io does.
   * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#unavailable-referrers-api
   */
  private async referrers(digest: string): Promise<{ list: Referrer[]; hasApi: boolean }> {
    const list: Referrer[] = []
    let path = `referrers/${digest}`
    for (const asked = new Set<string>(); path && !asked.has(path); ) {
      asked.add(path)
      const reply = await this.ask({ method: "GET", path, accept: ociIndex })
      const page = this.indexIn(reply)
      if (!page) {
        const fallback = await this.manifest(digest.replace(":", "-"))
        return { list: fallback ? this.listed(fallback.text) : [], hasApi: false }
      }
      list.push(...page)
      path = this.nextPath(reply)
    }
    return { list, hasApi: true }
  }

  /** The referrers in an answer; `undefined` when it says that the registry has no such list. Throws when it says neither. */
  private indexIn(reply: Reply): Referrer[] | undefined {
    const isElsewhere = new URL(reply.url).pathname.split("/").at(-2) !== "referrers"
    const isRefusal = reply.status === 429 || reply.status >= 500
    if (
      reply.status === 404 ||
      reply.status === 405 ||
      (reply.status >= 300 && reply.status < 400) ||
      (isElsewhere && !isRefusal && !isIndex(reply))
    )
      return undefined
    return this.listed(this.good(reply).text)
  }

  /** Path of a list's next page in this repository; "" for none. A link that leads elsewhere is not followed. */
  private nextPath({ headers, url }: Reply): string {
    const base = `/v2/${this.at.repository}/`
    const next = nextPage(headers.link, url)
    return new URL(url).origin === new URL(this.at.url).origin && next.startsWith(base) ? next.slice(base.length) : ""
  }

  /** The newest document of a type beside an image; `undefined` when there is none. */
  async attachment(digest: string, artifactType: string): Promise<string | undefined> {
    const found = (await this.attachments(digest)).findLast((it) => it.artifactType === artifactType)
    const manifest = found && (await this.manifest(found.digest))
    const { layers } = manifest ? (this.read(manifest.text) as { layers?: { digest: string }[] }) : {}
    return layers?.[0] && this.blob(layers[0].digest)
  }

  /** Every document of a type beside an image. */
  async attachedOf(digest: string, artifactType: string): Promise<string[]> {
    const found = (await this.attachments(digest)).filter((it) => it.artifactType === artifactType)
    const contents = found.map(async (it) => {
      const manifest = await this.manifest(it.digest)
      const { layers = [] } = manifest ? (this.read(manifest.text) as { layers?: { digest: string }[] }) : {}
      return Promise.all(layers.map((layer) => this.blob(layer.digest)))
    })
    return (await Promise.all(contents)).flat()
  }

  private async enlist(subject: string, manifest: Manifest, artifactType: string): Promise<void> {
    const manifests = [
      ...(await this.attachments(subject)),
      { mediaType: ociManifest, digest: manifest.digest, size: Buffer.byteLength(manifest.text), artifactType },
    ]
    const text = JSON.stringify({ schemaVersion: 2, mediaType: ociIndex, manifests })
    await this.put(subject.replace(":", "-"), { digest: digestOf(text), mediaType: ociIndex, text })
  }

  private listed(text: string): Referrer[] {
    const { manifests = [] } = this.read(text) as { manifests?: { digest: string; artifactType?: string }[] }
    return manifests.map((it) => ({ ...it, artifactType: it.artifactType ?? "" }))
  }

  /** A small blob, as text. */
  async blob(digest: string): Promise<string> {
    return Buffer.from(await this.bytes(digest)).toString("utf8")
  }

  /** A blob. @param size as its manifest says: a large one may take longer. @param most bytes that are taken. */
  async bytes(digest: string, size = 0, most?: number): Promise<Uint8Array> {
    const taken = most === undefined ? {} : { most }
    const reply = await this.ask({ method: "GET", path: `blobs/${digest}`, accept: "*/*", awaits: size, ...taken })
    const { bytes } = this.good(reply)
    if (digestOf(bytes) !== digest)
      throw registryAnswerOdd(this.at.host, `the blob ${digest} is not what its digest says`)
    return bytes
  }

  /** Looks again after each failure: a lost reply may have been a success, and what was half sent begins anew. */
  private async upload(digest: string, open: () => Promise<string | Blob>): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const there = await this.ask({ method: "HEAD", path: `blobs/${digest}`, accept: "*/*" })
      if (there.status === 200) return
      const begun = this.good(await this.ask({ method: "POST", path: "blobs/uploads/", accept: "*/*" }))
      const url = begun.headers.location ? URL.parse(begun.headers.location, begun.url) : null
      if (!url) throw registryAnswerOdd(this.at.host, "it names no place for an upload")
      // The rest of the query is the registry's own, and may be signed as it is.
      url.search += `${url.search ? "&" : "?"}digest=${encodeURIComponent(digest)}`
      // Storage elsewhere gets no credentials of the registry.
      const authorization = url.origin === new URL(this.at.url).origin ? this.authorization : ""
      const headers = { "content-type": "application/octet-stream", authorization }
      const last = attempt === 5
      try {
        const done = await this.send(
          { method: "PUT", url: url.href, headers, body: await open() },
          { repeats: false, leaves: true },
        )
        if (last || !(done.status >= 500 || done.status === 404 || done.status === 416)) {
          this.good(done)
          return
        }
      } catch (failure) {
        if (!(failure instanceof NoReply)) throw failure
        if (last) throw hostUnreachable(this.at.host, `PUT ${url.pathname}`, failure.message)
      }
      await this.clock.sleep(growing(attempt))
    }
  }

  private async put(reference: string, { mediaType, text }: Manifest): Promise<Reply> {
    return this.good(
      await this.ask({ method: "PUT", path: `manifests/${reference}`, accept: "*/*", mediaType, body: text }),
    )
  }

  private async ask(asked: {
    method: Call["method"]
    path: string
    accept: string
    mediaType?: string
    body?: string
    awaits?: number
    most?: number
  }): Promise<Reply> {
    const { method, path, accept, mediaType, body, awaits = 0, most } = asked
    const call = (): Call => ({
      method,
      url: `${this.at.url}/v2/${this.at.repository}/${path}`,
      headers: {
        accept,
        ...(mediaType && { "content-type": mediaType }),
        ...(this.authorization && { authorization: this.authorization }),
      },
      ...(body !== undefined && { body }),
      awaits,
      ...(most !== undefined && { most }),
    })
    const reply = await this.send(call())
    // A place that the registry leads to is not the registry: what it asks for, nobody gives it.
    if (reply.status !== 401 || new URL(reply.url).origin !== new URL(this.at.url).origin) return reply
    this.authorization = await this.authorize(reply.headers["www-authenticate"] ?? "", method === "DELETE")
    return this.send(call())
  }

  /** What the registry's challenge asks for. https://distribution.github.io/distribution/spec/auth/token/ */
  private async authorize(challenge: string, deletes: boolean): Promise<string> {
    const { user, token, host, repository, kind } = this.at
    const basic = token ? `Basic ${Buffer.from(`${user}:${token}`).toString("base64")}` : ""
    const bearer = bearerIn(challenge)
    if (!bearer) {
      if (!basic) throw registryRefused(host, 401, "it asks for a user and a token", kind)
      return basic
    }
    const realm = URL.parse(bearer.realm)
    // A realm elsewhere without TLS would get the token in the clear.
    if (!realm || (realm.protocol !== "https:" && realm.hostname !== new URL(this.at.url).hostname))
      throw registryAnswerOdd(host, "it names no safe place that gives tokens")
    realm.searchParams.set("service", bearer.service || host)
    realm.searchParams.set("scope", `repository:${repository}:pull${token ? ",push" : ""}${deletes ? ",delete" : ""}`)
    const reply = this.good(
      await this.send({ method: "GET", url: realm.href, headers: basic ? { authorization: basic } : {} }),
    )
    const { token: given, access_token: other } = this.read(reply.text) as { token?: string; access_token?: string }
    return `Bearer ${given ?? other ?? ""}`
  }

  private async send(call: Call, how: Pick<Insistence, "repeats" | "leaves"> = {}): Promise<Reply> {
    const headers = Object.fromEntries(Object.entries(call.headers).filter(([, value]) => value !== ""))
    const { host, until } = this.at
    const insistence = { host, clock: this.clock, ...how, ...(until !== undefined && { until }) }
    try {
      return await insist({ ...call, headers }, insistence)
    } catch (failure) {
      if (failure instanceof TooLong) throw registryAnswerOdd(host, `it answered ${failure.message}`)
      throw failure
    }
  }

  private good(reply: Reply): Reply {
    if (reply.status >= 200 && reply.status < 300) return reply
    throw registryRefused(this.at.host, reply.status, saidBy(reply.text), this.at.kind)
  }

  private read(text: string): unknown {
    try {
      return JSON.parse(text)
    } catch {
      throw registryAnswerOdd(this.at.host, "it answered no JSON")
    }
  }
}

/** Name of some bytes. */
export const digestOf = (content: string | Uint8Array) => `sha256:${createHash("sha256").update(content).digest("hex")}`

const emptyDescriptor = {
  mediaType: emptyConfig.mediaType,
  digest: digestOf(emptyConfig.text),
  size: emptyConfig.text.length,
}

/** An answer that is what was asked for, wherever it came from. */
function isIndex({ status, text }: Reply): boolean {
  if (status !== 200) return false
  try {
    return Array.isArray((JSON.parse(text) as { manifests?: unknown } | null)?.manifests)
  } catch {
    return false
  }
}
