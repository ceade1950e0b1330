import { describe, expect, it } from "vitest"
import { digestOf, Registry } from "../../lib/providers/registry/image-registry.js"
import { Pullable, pullable } from "../../lib/providers/registry/registry.js"
import { registry } from "../../stand-ins/registry.js"
import { fastClock } from "../support/fast-clock.js"

const labels = { "org.opencontainers.image.revision": "a".repeat(40) }
const sarif = { artifactType: "application/sarif+json", name: "trivy.sarif", content: '{"runs":[]}' }

const at = (url: string, token = "") =>
  new Registry({ host: "ghcr.io", url, repository: "acme/backend", user: token && "me", token }, fastClock())

it("knows an image by what its manifest says where a storage elsewhere serves that without its type", async () => {
  await using server = await registry({ redirectsManifests: true, token: "right" })
  const digest = server.push("new", labels)
  const there = at(server.url, "right")

  const manifest = await there.manifest("new")
  if (manifest) await there.tag(manifest, "latest")

  expect(manifest).toMatchObject({ digest, mediaType: "application/vnd.oci.image.manifest.v1+json" })
  expect(server.tag("latest")).toBe(digest)
})

describe("an upload goes on where the registry says", () => {
  it.each([
    ["below the path that it was asked at", (id: string) => id],
    [
      "with a query that must come back as it is",
      (id: string) => `/v2/acme/backend/blobs/uploads/${id}?_state=a%20b~%2F`,
    ],
    ["without a query", (id: string) => `/v2/acme/backend/blobs/uploads/${id}`],
  ])("%s", async (_, uploadsAt) => {
    await using server = await registry({ uploadsAt })
    server.push("new", labels)
    const there = at(server.url)

    await there.keep("a blob")

    expect(await there.blob(digestOf("a blob"))).toBe("a blob")
  })

  it("also where the question for a place is led on", async () => {
    await using server = await registry()
    const location = "./?from=elsewhere"
    server.fail({ on: /POST/, kind: "status", status: 307, headers: { location } })

    await at(server.url).keep("a blob")

    expect(server.writes().map((write) => write.replace(/[0-9a-f-]{36}$/, "ID"))).toEqual([
      "POST /v2/acme/backend/blobs/uploads/",
      "POST /v2/acme/backend/blobs/uploads/",
      "PUT /v2/acme/backend/blobs/uploads/ID",
    ])
  })

  it("and where it names no place, that is told", async () => {
    await using server = await registry()
    server.fail({ on: /POST/, kind: "status", status: 202 })

    await expect(at(server.url).keep("a blob")).rejects.toThrow(/it names no place for an upload/)
    expect(server.writes()).toHaveLength(1)
  })
})

describe("a registry that asks for a token", () => {
  it.each([
    ["after another scheme", (realm: string) => `Basic realm="stand-in", Bearer realm="${realm}",service="stand-in"`],
    ["without quotes, in capitals", (realm: string) => `BEARER Service=stand-in, Realm="${realm}"`],
  ])("%s gets it", async (_, challenge) => {
    await using server = await registry({ token: "right", challenge })
    const digest = server.push("new", labels)

    expect(await at(server.url, "right").manifest("new")).toMatchObject({ digest })
    const host = new URL(server.url).host
    expect(await pullable(`${host}/acme/backend@${digest}`, fastClock())).toBe(Pullable.NotByAnybody)
    expect(server.log.filter(({ path }) => path === "/token")).toHaveLength(2)
  })
})

it("takes a registry that does not know the question for referrers for one without their list", async () => {
  await using server = await registry({ referrers: "absent" })
  server.push("new", labels)
  const there = at(server.url)
  const image = await there.manifest("new")
  const refusal = { on: /referrers/, kind: "status", status: 405, body: '{"errors":[{"code":"UNSUPPORTED"}]}' } as const
  server.fail({ ...refusal, times: 9 })

  if (image) await there.attach(image, sarif)

  expect(await there.attachments(image?.digest ?? "")).toHaveLength(1)
})
