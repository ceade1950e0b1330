import { createPublicKey, generateKeyPairSync } from "node:crypto"
import { gunzipSync, gzipSync } from "node:zlib"
import { packTar, unpackTar } from "modern-tar"
import { expect, it } from "vitest"
import type { SiteArtifact } from "../../lib/deployment/release.js"
import { bundledStatement, bundleType, enveloped, signed } from "../../lib/image/image-signature.js"
import { predicateType } from "../../lib/image/provenance.js"
import { Registry } from "../../lib/providers/registry/image-registry.js"
import { addEnvelope, addSignature } from "../../lib/providers/registry/image-signatures.js"
import { packed, unpacked } from "../../lib/providers/registry/site-layer.js"
import { type RegistryStandIn, registry } from "../../stand-ins/registry.js"
import { commit, site } from "../support/app.js"
import { archive } from "../support/archive.js"
import { fastClock } from "../support/fast-clock.js"

const source = "https://github.com/acme/book"
const repository = "ghcr.io/acme/book-site"
const kept = (options = {}) => registry({ repository: "acme/book-site", ...options })

const pair = () => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
  return { key: privateKey, pem: String(publicKey.export({ format: "pem", type: "spki" })) }
}

const files = (extra: Record<string, string> = {}): Map<string, Uint8Array> =>
  new Map([
    ...site("a"),
    ...Object.entries({
      _redirects: "/old /new 301\n",
      _headers: "/*\n  X-Frame-Options: DENY\n",
      "grüße/über uns.html": "<title>Über uns</title>",
      [`${"long/".repeat(60)}page.html`]: "deep",
      "empty.txt": "",
      ...extra,
    }).map(([path, text]) => [path, Buffer.from(text)] as const),
  ])
const texts = (artifact: SiteArtifact) =>
  Object.fromEntries(
    [...(artifact as Map<string, Uint8Array>)].map(([path, content]) => [path, Buffer.from(content).toString()]).sort(),
  )
const candidate = { commit: commit("a"), created: "2026-11-24T10:00:00Z" }
const how = { builder: "", run: "", startedAt: new Date("2026-11-24T10:00:00Z") }
const publish = (server: RegistryStandIn, built: SiteArtifact, options = {}, more = {}) =>
  archive(server, options).publish(candidate, built, { ...how, ...more })

it("keeps the very files of a site by its commit, with what Netlify serves to nobody, names of any letters and long paths", async () => {
  await using server = await kept()

  const { name, lines } = await publish(server, files())

  expect(lines).toEqual([`pushed ${repository}:${commit("a")}`, "attached provenance.json", "moved latest here"])
  expect(name).toBe(`${repository}@${server.tag(commit("a"))}`)
  expect(await archive(server).has(commit("a"))).toBe(true)
  expect(texts(await archive(server).take(commit("a")))).toEqual(texts(files()))
})

it("is an artifact that other tools read: one layer, its commit in the annotations, the empty configuration", async () => {
  await using server = await kept()
  await publish(server, files())
  const answer = await fetch(`${server.url}/v2/acme/book-site/manifests/latest`)

  expect(await answer.json()).toEqual({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    artifactType: "application/vnd.delivery.site.v1",
    config: {
      mediaType: "application/vnd.oci.empty.v1+json",
      digest: "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
      size: 2,
    },
    layers: [
      {
        mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
        annotations: {
          "io.deis.oras.content.digest": expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
          "io.deis.oras.content.unpack": "true",
          "org.opencontainers.image.title": "site",
        },
        digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
        size: expect.any(Number),
      },
    ],
    annotations: {
      "org.opencontainers.image.created": candidate.created,
      "org.opencontainers.image.revision": commit("a"),
      "org.opencontainers.image.source": source,
      "org.opencontainers.image.version": "aaaaaaa",
    },
  })
})

it("gives the same files the same digest, whatever their order, and other files another one", async () => {
  await using one = await kept()
  await using other = await kept()
  await using changed = await kept()

  const { name } = await publish(one, files())

  expect((await publish(other, new Map([...files()].reverse()))).name).toBe(name)
  expect((await publish(changed, files({ "empty.txt": "not empty" }))).name).not.toBe(name)
})

it("needs no more requests for two thousand files than for one", async () => {
  await using large = await kept()
  await using small = await kept()
  const many = Object.fromEntries(Array.from({ length: 2000 }, (_, at) => [`pages/${at}/index.html`, `page ${at}`]))

  await publish(large, files(many))
  await archive(large).take(commit("a"))
  await publish(small, files())
  await archive(small).take(commit("a"))

  expect(large.log).toHaveLength(small.log.length)
  expect(large.log.length).toBeLessThan(50)
})

it("pushes a commit once; another build of it serves what is kept, and says so", async () => {
  await using server = await kept()
  const first = await publish(server, files())

  const again = await publish(server, files())
  const other = await publish(server, files({ "empty.txt": "built at another hour" }))

  expect(again).toMatchObject({
    name: first.name,
    lines: [`found ${repository}:${commit("a")}, pushed nothing`, "left latest: it names this one already"],
  })
  expect(other.lines.at(-1)).toBe("its files differ from those that were built now, and are the ones that count")
  expect(texts(other.site)).toEqual(texts(files()))
})

it("is signed as an image is, and with a public key nothing unsigned and nothing of another key is taken", async () => {
  const [ours, others] = [pair(), pair()]
  await using server = await kept()
  await publish(server, files())

  await expect(archive(server, { publicKey: ours.pem }).take(commit("a"))).rejects.toThrowErrorMatchingInlineSnapshot(`
    [PipelineError: ghcr.io/acme/book-site@sha256:e17d7f5225a00fa831b193dda1b1128583fe26a5b8edf2e5437b772279bc668e is not verified as a site of this project.
      why: it has no provenance that is signed by the key of the settings (publicKey)
        it is not signed, and the settings have a publicKey
      next: publish the commit with this pipeline, or give the --builder that published it]
  `)

  expect((await publish(server, files(), { publicKey: ours.pem }, { key: ours.key })).lines).toContain("signed")
  expect(texts(await archive(server, { publicKey: ours.pem }).take(commit("a")))).toEqual(texts(files()))
  await expect(archive(server, { publicKey: others.pem }).take(commit("a"))).rejects.toThrow(
    "none of its signatures is by the key of the settings (publicKey)",
  )
})

it.each(["at once", "later, where it was signed before there were any"])(
  "gets one Sigstore bundle of its signature and one of its provenance, %s",
  async (when) => {
    const ours = pair()
    await using server = await kept()
    const address = { host: "ghcr.io", url: server.url, repository: "acme/book-site", user: "", token: "" }
    const there = new Registry(address, fastClock())
    if (when !== "at once") {
      await publish(server, files())
      const digest = server.tag(commit("a")) ?? ""
      const provenance = (await there.attachment(digest, "application/vnd.in-toto+json")) ?? ""
      await addSignature(there, digest, signed(repository, digest, ours.key))
      await addEnvelope(there, digest, enveloped(provenance, ours.key), predicateType)
    }

    for (let times = 0; times < 2; times++) {
      await publish(server, files(), { publicKey: ours.pem }, { key: ours.key })

      const all = await there.attachedOf(server.tag(commit("a")) ?? "", bundleType)
      const statements = all.map((bundle) => bundledStatement(bundle, createPublicKey(ours.pem)) ?? "{}")
      expect(statements.map((statement) => JSON.parse(statement).predicateType).sort()).toEqual([
        "https://sigstore.dev/cosign/sign/v1",
        "https://slsa.dev/provenance/v1",
      ])
    }
  },
)

it("takes nothing of another commit, and nothing that does not say where it comes from", async () => {
  await using server = await kept()
  server.push(commit("b"), { "org.opencontainers.image.revision": commit("c") })

  await expect(archive(server).take(commit("b"))).rejects.toThrowErrorMatchingInlineSnapshot(`
    [PipelineError: ghcr.io/acme/book-site@sha256:95f4b31e66e8d3a248312773248a1b6748afcaf428c35da1e3c890e3c15dbd95 is not verified as a site of this project.
      why: its label says that it is of cccccccccccccccccccccccccccccccccccccccc
        it has no provenance
      next: publish the commit with this pipeline, or give the --builder that published it]
  `)
  await expect(archive(server).take(commit("d"))).rejects.toThrowErrorMatchingInlineSnapshot(`
    [PipelineError: ghcr.io/acme/book-site:dddddddddddddddddddddddddddddddddddddddd is not verified as a site of this project.
      why: there is no site of this commit
      next: publish the commit with this pipeline, or give the --builder that published it]
  `)
  await expect(
    archive(server).publish({ ...candidate, commit: commit("b") }, files(), how),
  ).rejects.toThrowErrorMatchingInlineSnapshot(`
    [PipelineError: The tag bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb names a site of another commit.
      why: its label names the commit "cccccccccccccccccccccccccccccccccccccccc"
      next: find out who pushed it; delete the tag in the registry, then publish again]
  `)
})

it("has nothing for a call without a token where the registry hides what is private, and tells one with a wrong token", async () => {
  await using server = await kept({ token: "ghp_right" })
  await publish(server, files(), { token: "ghp_right" })

  expect(await archive(server, { token: "ghp_right" }).has(commit("a"))).toBe(true)
  expect(await archive(server).has(commit("a"))).toBe(false)
  await expect(archive(server, { token: "ghp_wrong" }).has(commit("a"))).rejects.toThrowErrorMatchingInlineSnapshot(`
    [PipelineError: ghcr.io rejected the site.
      why: it answered 401:
        bad credentials
      next: the token is missing, wrong or expired: make a new one and give it with --registry-user and --registry-token]
  `)
})

it.each([
  ["a way out of the folder", { name: "site/../../etc/passwd", type: "file" as const }],
  ["a link", { name: "site/index.html", type: "symlink" as const, linkname: "/etc/passwd" }],
  ["a file beside it", { name: "other.html", type: "file" as const }],
])("reads no layer with %s", async (_, header) => {
  const layer = gzipSync(await packTar([{ header: { ...header, size: 0 } }]))

  await expect(unpacked(layer)).rejects.toThrow(
    `The site that the registry keeps can't be read.\n  why: it holds ${JSON.stringify(header.name)}, which is no file of a site`,
  )
})

it("reads no layer that is cut off or no archive", async () => {
  const { content } = await packed(files())

  await expect(unpacked(content.subarray(0, content.length - 20))).rejects.toThrow(
    "can't be read.\n  why: unexpected end of file",
  )
  await expect(unpacked(Buffer.from("<html>"))).rejects.toThrow("can't be read.\n  why: incorrect header check")
})

it("packs entries of nobody, changed in 1970, each folder before its files", async () => {
  const { content } = await packed(new Map([["a/b/c.html", Buffer.from("c")]]))
  const entries = await unpackTar(gunzipSync(content))

  expect(
    entries.map(({ header }) => [header.name, header.mtime?.getTime(), header.uid, header.mode?.toString(8)]),
  ).toEqual([
    ["site/", 0, 0, "755"],
    ["site/a/", 0, 0, "755"],
    ["site/a/b/", 0, 0, "755"],
    ["site/a/b/c.html", 0, 0, "644"],
  ])
})
