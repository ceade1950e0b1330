import { describe, expect, it } from "vitest"
import { labelsOf } from "../../lib/cache/entry.js"
import { pruned } from "../../lib/cache/pruning.js"
import { keyOf, type Recipe, tagOf } from "../../lib/cache/recipe.js"
import { signingKey } from "../../lib/image/image-signature.js"
import { digestOf, Registry } from "../../lib/providers/registry/image-registry.js"
import { PackageCache } from "../../lib/providers/registry/package-cache.js"
import { type RegistryStandIn, registry } from "../../stand-ins/registry.js"
import { standIn } from "../../stand-ins/server.js"
import { fastClock } from "../support/fast-clock.js"
import { keyPair } from "../support/key-pair.js"
import { recipe } from "../support/package-recipe.js"

const repository = "ghcr.io/acme/backend"
const [ours, others] = [keyPair(), keyPair()]
const registryAt = (url: string, token = "") =>
  new Registry(
    { host: "ghcr.io", kind: "cache", url, repository: "acme/backend", user: token && "me", token },
    fastClock(),
  )
const cacheAt = (url: string, publicKey = "") => new PackageCache(registryAt(url), { repository, publicKey })
const tag = tagOf(recipe, keyOf(recipe))
const created = (day: number) => new Date(Date.UTC(2026, 0, day))
const ociIndex = "application/vnd.oci.image.index.v1+json"
const put = (server: RegistryStandIn, at: string, manifest: { mediaType?: string; [part: string]: unknown }) => {
  const { mediaType = "application/vnd.oci.image.manifest.v1+json" } = manifest
  const text = JSON.stringify({ schemaVersion: 2, mediaType, ...manifest })
  return registryAt(server.url).tag({ digest: digestOf(text), mediaType, text }, at)
}
const push = (server: RegistryStandIn, made: Recipe = recipe, at = tagOf(made, keyOf(made)), day = 1) =>
  server.push(at, labelsOf(made, "https://github.com/acme/shop", created(day)))

describe("an entry of the cache", () => {
  it("is found by its digest", async () => {
    await using server = await registry()
    const digest = push(server)

    expect(await cacheAt(server.url).find(recipe)).toEqual({ digest, why: "" })
    expect(cacheAt(server.url).nameOf(recipe)).toBe(`${repository}:${tag}`)
  })

  it("that is not there is not found", async () => {
    await using server = await registry()

    expect(await cacheAt(server.url).find(recipe)).toEqual({ digest: "", why: "" })
  })

  it("of another install is not taken under this one's tag", async () => {
    await using server = await registry()
    push(server, { ...recipe, lock: "0".repeat(64) }, tag)

    expect(await cacheAt(server.url).find(recipe)).toEqual({
      digest: "",
      why: "its label names another key",
    })
  })

  it("is taken only with a signature of the settings' key, where they have one", async () => {
    await using server = await registry()
    const digest = push(server)
    const there = cacheAt(server.url, ours.publicKey)

    expect((await there.find(recipe)).why).toBe("it is not signed")
    await there.sign(digest, signingKey(others.privateKey))
    expect((await there.find(recipe)).why).toBe("it is not signed by the key of the settings (publicKey)")
    await there.sign(digest, signingKey(ours.privateKey))
    expect(await there.find(recipe)).toEqual({ digest, why: "" })
  })

  it("is not taken by the signature of an entry that it replaced", async () => {
    await using server = await registry()
    const there = cacheAt(server.url, ours.publicKey)
    await there.sign(push(server), signingKey(ours.privateKey))
    push(server, recipe, tag, 2)

    expect((await there.find(recipe)).why).toBe("it is not signed")
  })

  it.each<[string, (server: RegistryStandIn) => Promise<unknown>, RegExp]>([
    [
      "is a list of images",
      (server) => put(server, tag, { mediaType: ociIndex, manifests: [] }),
      /^frontend-[0-9a-f]{32} is no image$/,
    ],
    [
      "has a configuration that is not there",
      (server) => put(server, tag, { config: { digest: digestOf("lost") } }),
      /^a part of it is missing$/,
    ],
    [
      "has a configuration that is none",
      async (server) => {
        await registryAt(server.url).keep("null")
        await put(server, tag, { config: { digest: digestOf("null") } })
      },
      /^the configuration sha256:[0-9a-f]{64} is none$/,
    ],
    [
      "has a configuration of more bytes than any has",
      async (server) => {
        const text = " ".repeat(4 * 1024 * 1024 + 1)
        await registryAt(server.url).keep(text)
        await put(server, tag, { config: { digest: digestOf(text) } })
      },
      /^it answered more than 4194304 bytes$/,
    ],
    [
      "has a configuration with a foreign name",
      (server) => put(server, tag, { config: { digest: "../../other/blobs/1\n::error::" } }),
      /^frontend-[0-9a-f]{32} is no image$/,
    ],
    [
      "has signatures that are not there",
      async (server) => {
        const layer = { mediaType: "application/vnd.dev.cosign.simplesigning.v1+json", digest: digestOf("lost") }
        await put(server, `${push(server).replace(":", "-")}.sig`, { layers: [layer] })
      },
      /^a part of it is missing$/,
    ],
  ])("that %s is told as broken, so that it is replaced", async (_, spoil, why) => {
    await using server = await registry()
    await spoil(server)

    expect(await cacheAt(server.url, ours.publicKey).find(recipe)).toEqual({
      digest: "",
      why: expect.stringMatching(why),
    })
  })

  it("of another run that came in between is taken once that run has signed it", async () => {
    await using server = await registry()
    const there = cacheAt(server.url, ours.publicKey)
    const key = signingKey(ours.privateKey)
    await there.sign(push(server), key)
    const theirs = push(server, recipe, tag, 2)
    const clock = fastClock()
    const signing = { ...clock, sleep: () => there.sign(theirs, key) }

    expect(await there.findPushed(recipe, signing)).toEqual({ digest: theirs, why: "" })
  })

  it("that stays untrusted after a push is told after ten seconds", async () => {
    await using server = await registry()
    push(server)
    const clock = fastClock()

    const found = await cacheAt(server.url, ours.publicKey).findPushed(recipe, clock)

    expect(found).toEqual({ digest: "", why: "it is not signed" })
    expect(clock.slept).toBe(10_000)
  })

  it("is signed once by a key", async () => {
    await using server = await registry()
    const [there, digest] = [cacheAt(server.url), push(server)]
    await there.sign(digest, signingKey(ours.privateKey))
    const writes = server.writes().length

    await there.sign(digest, signingKey(ours.privateKey))

    expect(server.writes()).toHaveLength(writes)
  })
})

it("a cache that does not answer is given up in time", async () => {
  await using server = await registry()
  server.fail({ on: /./, times: 9, kind: "status", status: 503 })
  const clock = fastClock()
  const slow = new Registry(
    { host: "ghcr.io", kind: "cache", url: server.url, repository: "acme/backend", user: "", token: "" },
    clock,
  )

  const found = new PackageCache(slow, { repository, publicKey: "" }).by(clock.now().getTime() + 1500).find(recipe)

  await expect(found).rejects.toThrow(/^ghcr\.io rejected the cache\.\n {2}why: it answered 503/)
  expect(server.log.length).toBeLessThan(4)
})

it("a registry whose answer does not end is left at 4 MiB", async () => {
  await using server = await standIn(() => ({
    pipe: (_, response) => {
      const part = Buffer.alloc(1024 * 1024)
      const more = () => {
        while (response.write(part));
      }
      response.writeHead(200).on("drain", more)
      more()
    },
  }))

  await expect(cacheAt(server.url).find(recipe)).rejects.toThrow(/why: it answered more than 4194304 bytes\n/)
})

describe("old entries", () => {
  /** Twelve states of a lock file, of which the oldest is signed. */
  async function filled(server: RegistryStandIn) {
    const recipes = Array.from({ length: 12 }, (_, at) => ({ ...recipe, week: `2026-W${10 + at}` }))
    const digests = recipes.map((it, at) => push(server, it, tagOf(it, keyOf(it)), 1 + at))
    await cacheAt(server.url).sign(digests[0] ?? "", signingKey(ours.privateKey))
    server.push("latest", {})
    return recipes.map((it) => tagOf(it, keyOf(it)))
  }

  it("go with their signatures, over as many pages as the registry lists them on", async () => {
    await using server = await registry({ pageSize: 5 })
    const tags = await filled(server)

    const told = await pruned(cacheAt(server.url).remover())

    expect(told).toEqual([`deleted ${tags[1]}, ${tags[0]}`])
    expect(await registryAt(server.url).tags()).toEqual([...tags.slice(2), "latest"].toSorted())
  })

  it("are found beside one that is broken, which goes first", async () => {
    await using server = await registry()
    const tags = await filled(server)
    const broken = `frontend-${"f".repeat(32)}`
    await put(server, broken, { mediaType: ociIndex })

    expect(await pruned(cacheAt(server.url).remover())).toEqual([`deleted ${tags[1]}, ${tags[0]}, ${broken}`])
  })

  it("stay under a name that is none of the cache's, because a deletion takes all names", async () => {
    await using server = await registry()
    const tags = await filled(server)
    const kept = await registryAt(server.url).manifest(tags[0] ?? "")
    if (kept) await registryAt(server.url).tag(kept, "kept-by-somebody")

    expect(await pruned(cacheAt(server.url).remover())).toEqual([`deleted ${tags[1]}`])
    expect(server.tag("kept-by-somebody")).toBe(kept?.digest)
  })

  it("are left where the registry deletes nothing, which is told", async () => {
    await using server = await registry({ deletes: false })
    await filled(server)

    expect(await pruned(cacheAt(server.url).remover())).toEqual([
      "2 old entries are left: ghcr.io answered 405: The operation is unsupported.",
    ])
  })

  it("are not asked for one by one where there are few", async () => {
    await using server = await registry()
    push(server)
    server.log.length = 0

    expect(await pruned(cacheAt(server.url).remover())).toEqual([])
    expect(server.log).toHaveLength(1)
  })
})
