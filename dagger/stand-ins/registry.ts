import { createHash, randomUUID } from "node:crypto"
import { type Asked, routes, type StandIn, standIn, type Told } from "./server.js"

export interface RegistryStandIn extends StandIn {
  /** Puts an image with these labels there, as an earlier push would have. @returns its digest. */
  push(tag: string, labels: Record<string, string>): string
  /** Digest that a tag names. */
  tag(name: string): string | undefined
}

/** Behaves like an OCI registry for one repository: blobs, manifests, tags, referrers, and tokens where `token` is given. */
export async function registry({
  repository = "acme/backend",
  token = "",
  keepsReferrers = true,
} = {}): Promise<RegistryStandIn> {
  const blobs = new Map<string, Buffer>()
  const manifests = new Map<string, { type: string; body: Buffer }>()
  const tags = new Map<string, string>()
  const uploads = new Set<string>()
  const base = `/v2/${repository}`
  const unknown = (code: string): Told => ({ status: 404, json: { errors: [{ code, message: code }] } })

  const keep = (reference: string, type: string, body: Buffer): Told => {
    const digest = digestOf(body)
    manifests.set(digest, { type, body })
    if (!reference.includes(":")) tags.set(reference, digest)
    const { subject } = JSON.parse(body.toString()) as { subject?: { digest: string } }
    const kept: Record<string, string> = subject && keepsReferrers ? { "oci-subject": subject.digest } : {}
    return { status: 201, headers: { "docker-content-digest": digest, ...kept } }
  }

  const answer = routes({
    "GET /token": ({ headers }) =>
      headers.authorization === `Basic ${Buffer.from(`me:${token}`).toString("base64")}`
        ? { json: { token: "session" } }
        : { status: 401, json: { errors: [{ code: "UNAUTHORIZED", message: "bad credentials" }] } },
    [`GET ${base}/manifests/:reference`]: (_, [reference = ""]) => {
      const digest = tags.get(reference) ?? reference
      const found = manifests.get(digest)
      if (!found) return unknown("MANIFEST_UNKNOWN")
      return { headers: { "content-type": found.type, "docker-content-digest": digest }, body: found.body }
    },
    [`PUT ${base}/manifests/:reference`]: ({ headers, body }, [reference = ""]) =>
      keep(reference, headers["content-type"] ?? "", body),
    [`HEAD ${base}/blobs/:digest`]: (_, [digest = ""]) => (blobs.has(digest) ? {} : { status: 404 }),
    [`GET ${base}/blobs/:digest`]: (_, [digest = ""]) => {
      const body = blobs.get(digest)
      return body ? { body } : unknown("BLOB_UNKNOWN")
    },
    [`POST ${base}/blobs/uploads/`]: () => {
      const id = randomUUID()
      uploads.add(id)
      return { status: 202, headers: { location: `${base}/blobs/uploads/${id}?state=a` } }
    },
    [`PUT ${base}/blobs/uploads/:id`]: ({ body, query }, [id = ""]) => {
      const digest = digestOf(body)
      if (!uploads.delete(id)) return unknown("BLOB_UPLOAD_UNKNOWN")
      if (query.get("digest") !== digest) return { status: 400, json: { errors: [{ message: "DIGEST_INVALID" }] } }
      blobs.set(digest, body)
      return { status: 201 }
    },
    [`GET ${base}/referrers/:digest`]: (_, [digest = ""]) => {
      if (!keepsReferrers) return { status: 404, body: "404 page not found" }
      const all = [...manifests].flatMap(([own, { type, body }]) => {
        const { subject, artifactType } = JSON.parse(body.toString()) as {
          subject?: { digest: string }
          artifactType?: string
        }
        return subject?.digest === digest ? [{ mediaType: type, digest: own, size: body.length, artifactType }] : []
      })
      return { json: { schemaVersion: 2, manifests: all } }
    },
  })

  const server = await standIn((asked: Asked): Told | Promise<Told> => {
    if (token && asked.path !== "/token" && asked.headers.authorization !== "Bearer session") {
      const challenge = `Bearer realm="${server.url}/token",service="stand-in",scope="repository:${repository}:pull"`
      return { status: 401, headers: { "www-authenticate": challenge } }
    }
    return answer(asked)
  })

  return Object.assign(server, {
    push(tag: string, labels: Record<string, string>) {
      const config = Buffer.from(JSON.stringify({ config: { Labels: labels } }))
      blobs.set(digestOf(config), config)
      const type = "application/vnd.oci.image.manifest.v1+json"
      const body = { schemaVersion: 2, mediaType: type, config: { digest: digestOf(config) }, layers: [] }
      return keep(tag, type, Buffer.from(JSON.stringify(body))).headers?.["docker-content-digest"] ?? ""
    },
    tag: (name: string) => tags.get(name),
  })
}

const digestOf = (content: Buffer) => `sha256:${createHash("sha256").update(content).digest("hex")}`
