import { createHash, randomBytes } from "node:crypto"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { imageIndex, indexType } from "../../lib/image/image-index.js"
import { type BlobSource, type Manifest, Registry } from "../../lib/providers/registry/image-registry.js"
import { registry } from "../../stand-ins/registry.js"
import { standIn } from "../../stand-ins/server.js"
import { fastClock } from "../support/fast-clock.js"

const labels = {
  "org.opencontainers.image.revision": "a".repeat(40),
  "org.opencontainers.image.created": "2026-11-24T10:00:00Z",
}
const sarif = { artifactType: "application/sarif+json", name: "trivy.sarif", content: '{"runs":[]}' }

const at = (url: string, token = "") =>
  new Registry({ host: "ghcr.io", url, repository: "acme/backend", user: token && "me", token }, fastClock())

/** An image of two blobs, as files. */
function imageOf(folder: string): { manifest: Manifest; blobs: BlobSource[]; read: string[] } {
  const read: string[] = []
  const blob = (content: Buffer): BlobSource & { size: number } => {
    const digest = `sha256:${createHash("sha256").update(content).digest("hex")}`
    const path = join(folder, digest.replace(":", "-"))
    writeFileSync(path, content)
    return {
      digest,
      size: content.length,
      file: async () => {
        read.push(digest)
        return path
      },
    }
  }
  const blobs = [blob(Buffer.from(JSON.stringify({ config: { Labels: labels } }))), blob(randomBytes(300_000))]
  const [config, layer] = blobs.map(({ digest, size }) => ({ mediaType: "application/octet-stream", digest, size }))
  const mediaType = "application/vnd.oci.image.manifest.v1+json"
  const text = JSON.stringify({ schemaVersion: 2, mediaType, config, layers: [layer] })
  return {
    manifest: { digest: `sha256:${createHash("sha256").update(text).digest("hex")}`, mediaType, text },
    blobs,
    read,
  }
}

/** A manifest that is known to be there. */
async function manifestOf(there: Registry, tag: string) {
  const found = await there.manifest(tag)
  if (!found) throw new Error(`${tag} is missing`)
  return found
}

it("tells which commit an image is of, and nothing for a tag that isn't there", async () => {
  await using server = await registry()
  const digest = server.push("latest", labels)

  expect(await at(server.url).image("latest")).toEqual({
    digest,
    revision: "a".repeat(40),
    created: "2026-11-24T10:00:00Z",
    platforms: [{ platform: "linux/amd64", digest }],
  })
  expect(await at(server.url).image("v9")).toBeUndefined()
})

describe("an image for several platforms", () => {
  /** Tags an index of these images. */
  async function indexed(there: Registry, server: Awaited<ReturnType<typeof registry>>, revisions: string[]) {
    const images = revisions.map((revision, at) =>
      server.push(`part-${at}`, { ...labels, "org.opencontainers.image.revision": revision }),
    )
    const parts = await Promise.all(images.map(async (digest) => manifestOf(there, digest)))
    const listed = parts.map((manifest) => ({ platform: "linux/amd64", manifest }))
    const { manifests, ...rest } = JSON.parse(imageIndex(listed)) as { manifests: object[] }
    const attestation = { ...manifests[0], digest: `sha256:${"0".repeat(64)}`, platform: { architecture: "unknown" } }
    const text = JSON.stringify({ ...rest, manifests: [...manifests, attestation] })
    const digest = `sha256:${createHash("sha256").update(text).digest("hex")}`
    await there.tag({ digest, mediaType: indexType, text }, "several")
    return { digest, images }
  }

  it("has the index's digest and each platform's own, and no attestation counts as one", async () => {
    await using server = await registry()
    const there = at(server.url)
    const { digest, images } = await indexed(there, server, ["a".repeat(40), "a".repeat(40)])

    expect(await there.image("several")).toEqual({
      digest,
      revision: "a".repeat(40),
      created: "2026-11-24T10:00:00Z",
      platforms: images.map((each) => ({ platform: "linux/amd64", digest: each })),
    })
  })

  it("is of no one commit when its platforms say different ones", async () => {
    await using server = await registry()
    const there = at(server.url)
    await indexed(there, server, ["a".repeat(40), "b".repeat(40)])

    expect((await there.image("several"))?.revision).toBe(`${"a".repeat(40)}, ${"b".repeat(40)}`)
  })

  it("is not taken without one of them", async () => {
    await using server = await registry()
    const there = at(server.url)
    const gone = {
      digest: `sha256:${"1".repeat(64)}`,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      text: "",
    }
    const text = imageIndex([{ platform: "linux/arm64", manifest: gone }])
    const digest = `sha256:${createHash("sha256").update(text).digest("hex")}`
    await there.tag({ digest, mediaType: indexType, text }, "several")

    await expect(there.image("several")).rejects.toThrow(/why: several lists images that are not there/)
  })
})

it("gets a token where the registry asks for one, and tells a wrong one in one error without it", async () => {
  await using server = await registry({ token: "right" })
  server.push("latest", labels)

  expect((await at(server.url, "right").image("latest"))?.revision).toBe("a".repeat(40))
  await expect(at(server.url, "wrong-one").image("latest")).rejects.toThrow(/^ghcr.io .*\n {2}why: it answered 401/)
  await expect(at(server.url, "wrong-one").image("latest")).rejects.not.toThrow(/wrong-one/)
})

describe("an image pushed", () => {
  const folder = mkdtempSync(join(tmpdir(), "image-"))
  afterAll(() => rmSync(folder, { recursive: true }))

  it("is there with its digest and labels, and sends again only what is missing", async () => {
    await using server = await registry()
    const { manifest, blobs, read } = imageOf(folder)
    await at(server.url).push(manifest, blobs, "new")
    expect(await at(server.url).image("new")).toMatchObject({ digest: manifest.digest, revision: "a".repeat(40) })

    read.length = 0
    await at(server.url).push(manifest, blobs, "newer")

    expect(read).toEqual([])
    expect(server.tag("newer")).toBe(manifest.digest)
  })

  it("arrives whole, whichever request breaks or loses its reply", async () => {
    await using whole = await registry()
    const image = imageOf(folder)
    await at(whole.url).push(image.manifest, image.blobs, "new")
    const requests = whole.log.length

    for (let after = 0; after < requests; after++) {
      for (const kind of ["reset", "lost reply", "status"] as const) {
        await using server = await registry()
        server.fail({ on: /./, kind, after, status: 502 })

        await at(server.url).push(image.manifest, image.blobs, "new")

        expect(server.tag("new")).toBe(image.manifest.digest)
      }
    }
  })

  it("is told to be refused, or that nobody answered, in one error each", async () => {
    const { manifest, blobs } = imageOf(folder)
    await using refusing = await registry()
    refusing.fail({ on: /^POST/, kind: "status", status: 403, times: 9, body: '{"errors":[{"message":"no"}]}' })
    await expect(at(refusing.url).push(manifest, blobs, "new")).rejects.toThrow(
      /^ghcr\.io rejected the image\.\n {2}why: it answered 403:\n {4}no\n/,
    )

    await using broken = await registry()
    broken.fail({ on: /^PUT .*uploads/, kind: "reset", times: 99 })
    await expect(at(broken.url).push(manifest, blobs, "new")).rejects.toThrow(/^ghcr\.io .*PUT .*got no answer/s)
    expect(broken.tag("new")).toBeUndefined()
  })
})

it("moves a tag to the very same bytes", async () => {
  await using server = await registry()
  const digest = server.push("new", labels)
  const there = at(server.url)

  await there.tag(await manifestOf(there, "new"), "latest")

  expect(server.tag("latest")).toBe(digest)
})

describe.each(["listed", "absent", "redirected"] as const)("where the question for referrers is %s", (referrers) => {
  it("keeps documents beside an image, each once", async () => {
    await using server = await registry({ referrers })
    server.push("new", labels)
    const there = at(server.url)
    const image = await manifestOf(there, "new")

    expect(await there.attach(image, sarif)).toBe(true)
    expect(await there.attach(image, { ...sarif, artifactType: "text/plain", content: "scan" })).toBe(true)
    expect(await there.attach(image, sarif)).toBe(false)

    expect(await there.attachments(image.digest)).toHaveLength(2)
    expect(await there.attachment(image.digest, sarif.artifactType)).toBe(sarif.content)
    expect(await there.attachment(image.digest, "application/none")).toBeUndefined()
  })
})

describe("a registry that keeps its blobs in a storage elsewhere", () => {
  const folder = mkdtempSync(join(tmpdir(), "image-"))
  afterAll(() => rmSync(folder, { recursive: true }))

  it("is asked there whether it has them, and gets none of them twice", async () => {
    await using server = await registry({ redirectsBlobs: true, token: "right" })
    const { manifest, blobs, read } = imageOf(folder)
    await at(server.url, "right").push(manifest, blobs, "new")
    read.length = 0

    await at(server.url, "right").push(manifest, blobs, "newer")

    expect(read).toEqual([])
    expect(server.tag("newer")).toBe(manifest.digest)
  })

  it("is never shown the registry's authorization there", async () => {
    await using server = await registry({ redirectsBlobs: true, token: "right" })
    server.push("new", labels)

    expect(await at(server.url, "right").image("new")).toMatchObject({ revision: "a".repeat(40) })
    expect(server.shownToStorage).toEqual([""])
  })

  it("gets there what it is led to with an upload, without the registry's authorization", async () => {
    await using server = await registry({ redirectsBlobs: true, redirectsUploads: true, token: "right" })
    const { manifest, blobs } = imageOf(folder)

    await at(server.url, "right").push(manifest, blobs, "new")

    expect(server.tag("new")).toBe(manifest.digest)
    expect(
      await Promise.all(blobs.map(({ digest, size }) => at(server.url, "right").bytes(digest, size))),
    ).toHaveLength(2)
    expect(server.shownToStorage).toEqual(["", "", "", ""])
  })

  it("gives its token to no storage that asks for it", async () => {
    await using server = await registry({ redirectsBlobs: true, token: "right" })
    server.push("new", labels)
    await using thief = await standIn(() => ({ json: { token: "session" } }))
    const challenge = `Bearer realm="${thief.url}/token",service="x"`
    server.storage.fail({ on: /./, kind: "status", status: 401, headers: { "www-authenticate": challenge }, times: 9 })

    await expect(at(server.url, "right").image("new")).rejects.toThrow(/it answered 401/)
    expect(thief.log).toEqual([])
  })
})

it("reads the list of referrers to its end", async () => {
  await using server = await registry({ pageSize: 2 })
  server.push("new", labels)
  const there = at(server.url)
  const image = await manifestOf(there, "new")
  for (const letter of "abcde") await there.attach(image, { ...sarif, content: letter })

  expect(await there.attachments(image.digest)).toHaveLength(5)
  expect(await there.attach(image, { ...sarif, content: "e" })).toBe(false)
})

it("takes a page that it is led to for no list of referrers, and an outage for none either", async () => {
  await using server = await registry({ referrers: "redirected" })
  server.push("new", labels)
  const there = at(server.url)
  const image = await manifestOf(there, "new")
  await there.attach(image, sarif)

  server.fail({ on: /no-such-page/, kind: "status", status: 200, body: "<html>Sign in</html>" })
  expect(await there.attachments(image.digest)).toHaveLength(1)
  server.fail({ on: /referrers/, kind: "status", status: 503, body: "", times: 9 })
  await expect(there.attachments(image.digest)).rejects.toThrow(/^ghcr\.io .*\n {2}why: it answered 503/)
})

it("ends with the document there once, whichever request breaks or loses its reply", async () => {
  await using whole = await registry()
  whole.push("new", labels)
  await at(whole.url).attach(await manifestOf(at(whole.url), "new"), sarif)
  const requests = whole.log.length

  for (let after = 0; after < requests; after++) {
    for (const kind of ["reset", "lost reply", "status"] as const) {
      await using server = await registry()
      server.push("new", labels)
      server.fail({ on: /./, kind, after, status: 503 })
      const there = at(server.url)

      await there.attach(await manifestOf(there, "new"), sarif)

      expect(await there.attachments(server.tag("new") ?? "")).toHaveLength(1)
    }
  }
})

it.each([
  [403, /403[\s\S]*next: the token is valid but may not push here/],
  [429, /429[\s\S]*next: the rate limit is used up/],
  [500, /500[\s\S]*next: run the same command again/],
])("tells a refusal with %i in one error", async (status, message) => {
  await using server = await registry()
  server.push("new", labels)
  server.fail({ on: /^PUT/, kind: "status", status, times: 9, body: '{"errors":[{"message":"no"}]}' })
  const there = at(server.url)

  await expect(there.tag(await manifestOf(there, "new"), "latest")).rejects.toThrow(message)
})

it("takes no manifest whose bytes are not what its digest says", async () => {
  await using server = await registry()
  const digest = server.push("new", labels)
  server.fail({ on: /manifests/, kind: "status", status: 200, body: "{}" })

  await expect(at(server.url).manifest(digest)).rejects.toThrow(/is not what its digest says/)
})
