import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Readable } from "node:stream"
import { buffer } from "node:stream/consumers"
import { gunzipSync, gzipSync } from "node:zlib"
import { afterAll, beforeEach, describe, expect, it } from "vitest"
import { reproducible, stepsOf, Timeless } from "../../reproducible/image.js"

const root = mkdtempSync(join(tmpdir(), "reproducible-"))
afterAll(() => rmSync(root, { recursive: true }))
let folder = ""
beforeEach(() => {
  folder = mkdtempSync(join(root, "test-"))
})

const long = "a-name-that-no-header-has-room-for/".repeat(9)

/** A layer of some files, made at `time`. */
function layer(time: Date, { format = "pax", content = "hello" } = {}): Buffer {
  const files = mkdtempSync(join(root, "files-"))
  mkdirSync(join(files, long), { recursive: true })
  for (const name of ["a", "b", `${long}c`]) {
    writeFileSync(join(files, name), content)
    utimesSync(join(files, name), time, time)
  }
  const order = ["--sort=name", `--mtime=${time.toISOString()}`, `--format=${format}`, "--owner=0", "--group=0"]
  return execFileSync("tar", ["-c", ...order, "-C", files, "."], { maxBuffer: 64_000_000 })
}

const listed = (tar: Buffer) =>
  execFileSync("tar", ["-tv", "--full-time", "--utc"], { input: tar, encoding: "utf8" }).trim().split("\n")

const timeless = async (tar: Buffer, chunk: number) => {
  const chunks = Array.from({ length: Math.ceil(tar.length / chunk) }, (_, at) =>
    tar.subarray(at * chunk, (at + 1) * chunk),
  )
  return buffer(Readable.from(chunks).pipe(new Timeless()))
}

const [early, late] = [new Date("2026-01-01T10:00:00.250Z"), new Date("2026-11-24T12:34:56.789Z")]

describe.each(["pax", "gnu"])("a layer in the format %s", (format) => {
  it("is the same whenever it was made, in whatever pieces it comes", async () => {
    const [one, other] = [layer(early, { format }), layer(late, { format })]
    expect(one.equals(other)).toBe(false)

    const expected = await timeless(one, one.length)

    for (const size of [1000, 512, 333, 65_536]) expect((await timeless(other, size)).equals(expected)).toBe(true)
  })

  it("keeps its files, names and contents; only the times are gone", async () => {
    const made = layer(late, { format, content: "x".repeat(1500) })

    const files = listed(await timeless(made, 4096))

    const withoutTime = (line: string) => line.replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?/, "")
    expect(files.map(withoutTime)).toEqual(listed(made).map(withoutTime))
    expect(files.every((line) => line.includes("1970-01-01 00:00:00"))).toBe(true)
    expect(files.length).toBeGreaterThan(5)
  })
})

it("rejects a truncated layer", async () => {
  const whole = layer(early)

  await expect(timeless(whole.subarray(0, 700), 512)).rejects.toThrow("the layer is cut off")
  await expect(timeless(whole.subarray(0, 3 * 512 + 100), 512)).rejects.toThrow("the layer is cut off")
})

const digestOf = (content: Buffer | string) => `sha256:${createHash("sha256").update(content).digest("hex")}`
const base = gzipSync(layer(new Date("2025-05-05T05:05:05Z")))

/** What the engine makes of a container that was built at `time`. */
function archive(
  time: Date,
  content = "hello",
  steps = [`import image layer ${digestOf(base)}`, "RUN make"],
  own = layer(time, { content }),
): string {
  const from = mkdtempSync(join(root, "archive-"))
  mkdirSync(join(from, "blobs/sha256"), { recursive: true })
  const blob = (content: Buffer | string, mediaType: string) => {
    writeFileSync(join(from, "blobs", digestOf(content).replace(":", "/")), content)
    return { mediaType, digest: digestOf(content), size: Buffer.byteLength(content) }
  }
  const gzip = "application/vnd.oci.image.layer.v1.tar+gzip"
  const layers = [blob(base, gzip), blob(gzipSync(own), gzip)]
  const config = {
    config: { Labels: { revision: "abc" } },
    created: time.toISOString(),
    history: steps.map((step) => ({ created: time.toISOString(), created_by: step })),
    rootfs: { type: "layers", diff_ids: [digestOf(gunzipSync(base)), digestOf(own)] },
  }
  const mediaType = "application/vnd.oci.image.manifest.v1+json"
  const manifest = {
    schemaVersion: 2,
    mediaType,
    config: blob(JSON.stringify(config), "application/vnd.oci.image.config.v1+json"),
    layers,
  }
  writeFileSync(join(from, "index.json"), JSON.stringify({ manifests: [blob(JSON.stringify(manifest), mediaType)] }))
  const path = `${from}.tar`
  execFileSync("tar", ["-cf", path, "-C", from, "."])
  return path
}

const read = (layout: string, digest: string) => readFileSync(join(layout, "blobs", digest.replace(":", "/")))
const rewritten = async (
  archive: string,
  name: string,
  cache = `cache of ${name}`,
  created = "2026-01-01T00:00:00Z",
) => {
  const layout = join(folder, name)
  const { digest, steps } = await reproducible(archive, layout, created, join(folder, cache))
  const manifest = JSON.parse(read(layout, digest).toString())
  return { layout, digest, steps, manifest, config: JSON.parse(read(layout, manifest.config.digest).toString()) }
}

describe("an image", () => {
  it("has one digest whenever it was built, and another for another commit or other files", async () => {
    const { digest } = await rewritten(archive(early), "one")

    expect((await rewritten(archive(late), "two")).digest).toBe(digest)
    expect((await rewritten(archive(early), "three", "cache", "2026-01-02T00:00:00Z")).digest).not.toBe(digest)
    expect((await rewritten(archive(early, "bye"), "four")).digest).not.toBe(digest)
  })

  it("has the commit's date, keeps the base's layer byte for byte, and every blob matches its digest", async () => {
    const { layout, digest, manifest, config } = await rewritten(archive(late), "one")

    expect(config.created).toBe("2026-01-01T00:00:00Z")
    expect(config.history.map((step: { created: string }) => step.created)).toEqual(Array(2).fill(config.created))
    expect(config.config).toEqual({ Labels: { revision: "abc" } })
    expect(manifest.layers[0]).toMatchObject({ digest: digestOf(base), size: base.length })
    const blobs = readdirSync(join(layout, "blobs/sha256"))
    expect(blobs.toSorted()).toEqual(blobs.map((name) => digestOf(read(layout, `sha256:${name}`)).slice(7)).toSorted())
    expect(blobs).toHaveLength(4)
    const contents = manifest.layers.map((one: { digest: string }) => digestOf(gunzipSync(read(layout, one.digest))))
    expect(config.rootfs.diff_ids).toEqual(contents)
    expect(JSON.parse(readFileSync(join(layout, "index.json"), "utf8")).manifests[0].digest).toBe(digest)
  })

  it("is the same from layers that were done before", async () => {
    const same = archive(early)
    const { digest } = await rewritten(same, "one", "cache")
    const known = readdirSync(join(folder, "cache")).toSorted()

    expect((await rewritten(same, "two", "cache")).digest).toBe(digest)
    expect(readdirSync(join(folder, "cache")).toSorted()).toEqual(known)

    // A cache may be cleared at any moment.
    for (const name of known.filter((one) => !one.endsWith(".json"))) rmSync(join(folder, "cache", name))
    expect((await rewritten(same, "three", "cache")).digest).toBe(digest)
  })

  it("has the same digest when the engine was restarted and has forgotten what made the layers", async () => {
    const [own, forgotten] = [layer(early), Array(2).fill("rehydrated persisted snapshot")]
    const { digest, steps } = await rewritten(archive(early, "hello", undefined, own), "one", "cache")
    expect(steps).toEqual([`import image layer ${digestOf(base)}`, "RUN make"])

    const again = await rewritten(archive(late, "hello", forgotten, own), "two", "cache")

    expect(again).toMatchObject({ digest, steps })
    expect(again.manifest.layers[0]).toMatchObject({ digest: digestOf(base), size: base.length })
  })

  it("rewrites all layers where the base's are unknown", async () => {
    const { steps, manifest } = await rewritten(archive(early, "hello", ["rehydrated persisted snapshot"]), "one")

    expect(steps).toEqual(["", ""])
    expect(manifest.layers[0].digest).not.toBe(digestOf(base))
  })

  it("ignores a step without a layer", () => {
    const history = [{ created_by: "RUN a" }, { created_by: "ENV A=b", empty_layer: true }, { created_by: "RUN c" }]
    expect(stepsOf({ history, rootfs: { type: "layers", diff_ids: [] } }, 2)).toEqual(["RUN a", "RUN c"])
  })
})
