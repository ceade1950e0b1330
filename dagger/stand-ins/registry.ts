import { createHash, randomUUID } from "node:crypto"
import { type Asked, routes, type StandIn, standIn, type Told } from "./server.js"

export interface RegistryStandIn extends StandIn {
  /** Puts an image with these labels there, as an earlier push would have. @returns its digest. */
  push(tag: string, labels: Record<string, string>): string
  /** Digest that a tag names. */
  tag(name: string): string | undefined
  /** Where blobs lie when the registry redirects to them: its log, its faults. */
  storage: StandIn
  /** What the storage was sent as `authorization`, "" for nothing, one entry for each request. */
  shownToStorage: string[]
}

/**
 * How a registry answers who refers to a digest. `listed`: with an index. `absent`: 404, as before there was such a question.
 * `redirected`: 303 to a page that is 404, as ghcr.io does.
 */
export type Referrers = "listed" | "absent" | "redirected"

/** Behaves like an OCI registry for one repository: blobs, manifests, tags, referrers, and tokens where `token` is given. */
export async function registry({
  repository = "acme/backend",
  token = "",
  referrers = "listed" as Referrers,
  redirectsBlobs = false,
  /** Whether the registry leads what is uploaded to that storage too. */
  redirectsUploads = false,
  /** Whether manifests lie in the same storage, which knows no media types. */
  redirectsManifests = false,
  /** Where an upload goes on, as `Location` has it, from its ID; the query is the registry's own and must come back as it is. */
  uploadsAt = (id: string) => `/v2/${repository}/blobs/uploads/${id}?state=a`,
  /** What asks for a token, given the place that gives it. */
  challenge = (realm: string) => `Bearer realm="${realm}",service="stand-in",scope="repository:${repository}:pull"`,
  /** Whether manifests may be deleted; ghcr.io and registries set up so answer 405. */
  deletes = true,
  pageSize = Number.POSITIVE_INFINITY,
} = {}): Promise<RegistryStandIn> {
  const blobs = new Map<string, Buffer>()
  const manifests = new Map<string, { type: string; body: Buffer }>()
  const tags = new Map<string, string>()
  const uploads = new Set<string>()
  const shownToStorage: string[] = []
  const base = `/v2/${repository}`
  const unknown = (code: string): Told => ({ status: 404, json: { errors: [{ code, message: code }] } })

  const keep = (reference: string, type: string, body: Buffer): Told => {
    const digest = digestOf(body)
    manifests.set(digest, { type, body })
    if (!reference.includes(":")) tags.set(reference, digest)
    const { subject } = JSON.parse(body.toString()) as { subject?: { digest: string } }
    const kept: Record<string, string> = subject && referrers === "listed" ? { "oci-subject": subject.digest } : {}
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
      if (redirectsManifests) return inStorage(digest)
      return { headers: { "content-type": found.type, "docker-content-digest": digest }, body: found.body }
    },
    [`DELETE ${base}/manifests/:reference`]: (_, [reference = ""]) => {
      if (!deletes || !reference.includes(":"))
        return { status: 405, json: { errors: [{ code: "UNSUPPORTED", message: "The operation is unsupported." }] } }
      if (!manifests.delete(reference)) return unknown("MANIFEST_UNKNOWN")
      for (const [name, digest] of tags) if (digest === reference) tags.delete(name)
      return { status: 202 }
    },
    [`GET ${base}/tags/list`]: ({ query }) => {
      const all = [...tags.keys()].toSorted()
      if (all.length === 0) return unknown("NAME_UNKNOWN")
      const [size, last] = [Math.min(pageSize, Number(query.get("n") ?? 100)), query.get("last") ?? ""]
      const rest = all.filter((name) => name > last)
      const page = rest.slice(0, size)
      const next = `${base}/tags/list?n=${size}&last=${page.at(-1)}`
      return {
        json: { name: repository, tags: page },
        ...(rest.length > size && { headers: { link: `<${next}>; rel="next"` } }),
      }
    },
    [`PUT ${base}/manifests/:reference`]: ({ headers, body }, [reference = ""]) =>
      keep(reference, headers["content-type"] ?? "", body),
    [`HEAD ${base}/blobs/:digest`]: (_, [digest = ""]) => (blobs.has(digest) ? stored(digest) : { status: 404 }),
    [`GET ${base}/blobs/:digest`]: (_, [digest = ""]) => (blobs.has(digest) ? stored(digest) : unknown("BLOB_UNKNOWN")),
    [`POST ${base}/blobs/uploads/`]: () => {
      const id = randomUUID()
      uploads.add(id)
      return { status: 202, headers: { location: uploadsAt(id) } }
    },
    [`PUT ${base}/blobs/uploads/:id`]: ({ body, query, rawQuery }, [id = ""]) => {
      if (redirectsUploads) return inStorage(query.get("digest") ?? "")
      const digest = digestOf(body)
      const given = uploadsAt(id).split("?")[1] ?? ""
      if (!uploads.delete(id) || !rawQuery.startsWith(given)) return unknown("BLOB_UPLOAD_UNKNOWN")
      if (query.get("digest") !== digest) return { status: 400, json: { errors: [{ message: "DIGEST_INVALID" }] } }
      blobs.set(digest, body)
      return { status: 201 }
    },
    "GET /no-such-page": () => ({ status: 404, headers: { "content-type": "text/html" }, body: "<html>404</html>" }),
    [`GET ${base}/referrers/:digest`]: ({ query }, [digest = ""]) => {
      if (referrers === "absent") return { status: 404, body: "404 page not found" }
      if (referrers === "redirected") return { status: 303, headers: { location: `${server.url}/no-such-page` } }
      const all = [...manifests].flatMap(([own, { type, body }]) => {
        const { subject, artifactType } = JSON.parse(body.toString()) as {
          subject?: { digest: string }
          artifactType?: string
        }
        return subject?.digest === digest ? [{ mediaType: type, digest: own, size: body.length, artifactType }] : []
      })
      const from = Number(query.get("from") ?? 0)
      const next = `${base}/referrers/${digest}?from=${from + pageSize}`
      return {
        headers: {
          "content-type": "application/vnd.oci.image.index.v1+json",
          ...(from + pageSize < all.length && { link: `<${next}>; rel="next"` }),
        },
        body: JSON.stringify({ schemaVersion: 2, manifests: all.slice(from, from + pageSize) }),
      }
    },
  })

  /** A blob, or where it lies: registries that keep them in a storage redirect also a question whether it is there. */
  const stored = (digest: string): Told => (redirectsBlobs ? inStorage(digest) : { body: blobs.get(digest) ?? "" })
  const inStorage = (digest: string): Told => ({
    status: 307,
    headers: { location: `${storage.url}/bucket/${digest}?signature=s3cret` },
  })
  // A storage refuses a request that carries credentials beside its own signature.
  const storage = await standIn(({ method, path, headers, query, body: sent }) => {
    shownToStorage.push(headers.authorization ?? "")
    const digest = path.replace("/bucket/", "")
    const body = blobs.get(digest) ?? manifests.get(digest)?.body
    if (headers.authorization || query.get("signature") !== "s3cret") return { status: 400, body: "<Error/>" }
    if (method === "PUT") {
      if (digestOf(sent) !== digest) return { status: 400, body: "<Error/>" }
      blobs.set(digest, sent)
      return { status: 200 }
    }
    return body ? { headers: { "content-type": "application/octet-stream" }, body } : { status: 404 }
  })

  const server = await standIn((asked: Asked): Told | Promise<Told> => {
    if (
      token &&
      !["/token", "/no-such-page"].includes(asked.path) &&
      asked.headers.authorization !== "Bearer session"
    ) {
      return { status: 401, headers: { "www-authenticate": challenge(`${server.url}/token`) } }
    }
    return answer(asked)
  })

  const close = async () => void (await Promise.all([closeServer(), storage.close()]))
  const closeServer = server.close
  return Object.assign(server, {
    ...{ storage, shownToStorage, close, [Symbol.asyncDispose]: close },
    push(tag: string, labels: Record<string, string>) {
      const config = Buffer.from(JSON.stringify({ architecture: "amd64", os: "linux", config: { Labels: labels } }))
      blobs.set(digestOf(config), config)
      const type = "application/vnd.oci.image.manifest.v1+json"
      const body = { schemaVersion: 2, mediaType: type, config: { digest: digestOf(config) }, layers: [] }
      return keep(tag, type, Buffer.from(JSON.stringify(body))).headers?.["docker-content-digest"] ?? ""
    },
    tag: (name: string) => tags.get(name),
  })
}

const digestOf = (content: Buffer) => `sha256:${createHash("sha256").update(content).digest("hex")}`
