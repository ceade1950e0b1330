/**
 * Takes the hour of the build out of an image: the same files built again give the same digest.
 *
 * `node image.ts IMAGE.tar LAYOUT CREATED CACHE STEPS` reads the archive that the engine makes of a container and leaves an OCI image
 * layout, and beside it, as JSON, what made each layer. Node.js runs this file as it is, in a container of its own. https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md
 */
import { execFileSync } from "node:child_process"
import { createHash, type Hash, randomUUID } from "node:crypto"
import {
  copyFileSync,
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { Transform, type TransformCallback } from "node:stream"
import { pipeline } from "node:stream/promises"
import { createGunzip, createGzip } from "node:zlib"

const block = 512

/** A tar stream whose entries were all changed at the same moment, 1970-01-01; all else stays. https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html */
export class Timeless extends Transform {
  /** Bytes that belong to no whole block yet. */
  private rest = Buffer.alloc(0)
  /** Bytes of the present entry's content that are passed on as they are. */
  private content = 0
  /** The header of an entry of extended attributes, whose content is still to come. */
  private extended: Buffer | undefined

  override _transform(chunk: Buffer, _: string, done: TransformCallback): void {
    let data = this.rest.length > 0 ? Buffer.concat([this.rest, chunk]) : chunk
    while (data.length > 0) {
      if (this.content > 0) {
        const passed = data.subarray(0, this.content)
        this.content -= passed.length
        this.push(passed)
        data = data.subarray(passed.length)
        continue
      }
      const wanted = this.extended ? padded(sizeIn(this.extended)) : block
      if (data.length < wanted) break
      const whole = data.subarray(0, wanted)
      data = data.subarray(wanted)
      if (this.extended) this.attributes(this.extended, whole)
      else this.header(whole)
    }
    this.rest = Buffer.from(data)
    done()
  }

  override _flush(done: TransformCallback): void {
    const cutOff = this.rest.length > 0 || this.content > 0 || this.extended !== undefined
    done(cutOff ? new Error("the layer is cut off") : null)
  }

  private header(header: Buffer): void {
    if (header.every((byte) => byte === 0)) {
      this.push(header)
      return
    }
    const kind = String.fromCharCode(header[156] ?? 0)
    if (kind === "x" || kind === "g") {
      this.extended = Buffer.from(header)
      return
    }
    this.content = padded(sizeIn(header))
    this.push(signed(header, sizeIn(header)))
  }

  /** Times may be told here too, and more exactly. */
  private attributes(header: Buffer, content: Buffer): void {
    const kept = Buffer.concat(
      recordsIn(content.subarray(0, sizeIn(header))).filter(
        (record) => !/^\d+ (?:[acm]time|LIBARCHIVE\.creationtime)=/.test(record.toString()),
      ),
    )
    this.extended = undefined
    if (kept.length === 0) return
    this.push(signed(header, kept.length))
    this.push(Buffer.concat([kept, Buffer.alloc(padded(kept.length) - kept.length)]))
  }
}

const padded = (size: number) => Math.ceil(size / block) * block

/** Octal, or, over 8 GiB, a number with its highest bit set. */
function sizeIn(header: Buffer): number {
  const field = header.subarray(124, 136)
  if ((field[0] ?? 0) & 0x80) return Number(field.readBigUInt64BE(4))
  return Number.parseInt(
    field
      .toString("latin1")
      .replace(/[\0 ]+$/, "")
      .trim() || "0",
    8,
  )
}

function signed(header: Buffer, size: number): Buffer {
  const timeless = Buffer.from(header)
  timeless.write(`${"0".repeat(11)}\0`, 136, "latin1")
  if (size !== sizeIn(header)) timeless.write(`${size.toString(8).padStart(11, "0")}\0`, 124, "latin1")
  timeless.fill(" ", 148, 156)
  const sum = timeless.reduce((all, byte) => all + byte, 0)
  timeless.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1")
  return timeless
}

/** Each record begins with its own length: `30 mtime=1763985600.123456789\n`. */
function recordsIn(content: Buffer): Buffer[] {
  const records: Buffer[] = []
  for (let at = 0; at < content.length; ) {
    const length = Number.parseInt(content.subarray(at, at + 20).toString("latin1"), 10)
    if (!(length > 0)) break
    records.push(content.subarray(at, at + length))
    at += length
  }
  return records
}

interface Descriptor {
  mediaType: string
  digest: string
  size: number
}

interface Manifest {
  schemaVersion: number
  mediaType: string
  config: Descriptor
  layers: Descriptor[]
}

interface Config {
  created?: string
  history?: { created?: string; created_by?: string; empty_layer?: boolean }[]
  rootfs: { type: string; diff_ids: string[] }
}

/** A layer whose times are gone, with the digest of what is in it. */
interface Layer extends Descriptor {
  diffId: string
}

/**
 * A configuration that tells when the commit was made, and the layers as they are now. What made each is left out: the engine tells it
 * in other words after a restart, and the digest would be another one.
 */
export function datedConfig(config: Config, created: string, layers: { diffId: string }[]): Config {
  return {
    ...config,
    created,
    history: layers.map(() => ({ created })),
    rootfs: { ...config.rootfs, diff_ids: layers.map(({ diffId }) => diffId) },
  }
}

/** What the engine says of each layer that it found again after a restart. Tried with Dagger 0.21.8. */
const forgotten = "rehydrated persisted snapshot"

/** What made each layer, in the engine's words; "" where it has forgotten, or never knew. */
export function stepsOf({ history = [] }: Config, layers: number): string[] {
  const steps = history.filter((step) => !step.empty_layer).map((step) => step.created_by ?? "")
  // A history of another length belongs to another image.
  return Array.from({ length: layers }, (_, at) =>
    steps.length === layers && steps[at] !== forgotten ? (steps[at] ?? "") : "",
  )
}

/** Keeps what made a layer beside the layers, which live as long as the engine's own, and gives what was kept before. */
function remembered(step: string, layer: Descriptor, cache: string): string {
  const path = join(cache, `${layer.digest.replace(":", "-")}.step`)
  if (step === "") return existsSync(path) ? readFileSync(path, "utf8") : ""
  mkdirSync(cache, { recursive: true })
  const unfinished = join(cache, randomUUID())
  writeFileSync(unfinished, step)
  renameSync(unfinished, path)
  return step
}

/** Whether a layer came with the base image: it has the base's own digest, which others share. */
const isOfBase = (step: string, { digest }: Descriptor) => step === `import image layer ${digest}`

/** An image layout's image, and what made each of its layers; "" where that is not known. */
export interface Rewritten {
  digest: string
  steps: string[]
}

/** Writes an OCI image layout of the archive's one image to `layout`; layers that were done before come from `cache`. */
export async function reproducible(
  archive: string,
  layout: string,
  created: string,
  cache: string,
): Promise<Rewritten> {
  const from = mkdtempSync(`${layout}-archive-`)
  execFileSync("tar", ["-xf", archive, "-C", from])
  const blob = (digest: string) => join(from, "blobs", digest.replace(":", "/"))
  const json = (path: string) => JSON.parse(readFileSync(path, "utf8"))
  const target = (digest: string) => join(layout, "blobs", digest.replace(":", "/"))
  mkdirSync(join(layout, "blobs/sha256"), { recursive: true })
  const write = (value: unknown, mediaType: string): Descriptor => {
    const text = JSON.stringify(value)
    const digest = `sha256:${createHash("sha256").update(text).digest("hex")}`
    writeFileSync(target(digest), text)
    return { mediaType, digest, size: Buffer.byteLength(text) }
  }

  let described: Descriptor = json(join(from, "index.json")).manifests[0]
  // An index inside the index lists the platforms; the engine archives one.
  while (json(blob(described.digest)).manifests) described = json(blob(described.digest)).manifests[0]
  const manifest: Manifest = json(blob(described.digest))
  const config: Config = json(blob(manifest.config.digest))

  const told = stepsOf(config, manifest.layers.length)
  const steps = manifest.layers.map((layer, at) => remembered(told[at] ?? "", layer, cache))
  const layers = await Promise.all(
    manifest.layers.map(async (layer, at): Promise<Layer> => {
      if (isOfBase(steps[at] ?? "", layer) || !/[+.]gzip$/.test(layer.mediaType)) {
        renameSync(blob(layer.digest), target(layer.digest))
        return { ...layer, diffId: config.rootfs.diff_ids[at] ?? "" }
      }
      const done = await timeless(layer, blob(layer.digest), cache)
      copyFileSync(join(cache, done.digest.replace(":", "-")), target(done.digest))
      return done
    }),
  )
  const { digest, size } = write(datedConfig(config, created, layers), manifest.config.mediaType)
  const own = write(
    {
      schemaVersion: 2,
      mediaType: manifest.mediaType,
      config: { mediaType: manifest.config.mediaType, digest, size },
      layers: layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
    },
    manifest.mediaType,
  )
  writeFileSync(join(layout, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }))
  writeFileSync(
    join(layout, "index.json"),
    JSON.stringify({ schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests: [own] }),
  )
  rmSync(from, { recursive: true })
  return { digest: own.digest, steps }
}

/** Compressing takes most of the time, and most layers are those of the build before. */
async function timeless(layer: Descriptor, path: string, cache: string): Promise<Layer> {
  mkdirSync(cache, { recursive: true })
  const known = join(cache, `${layer.digest.replace(":", "-")}.json`)
  if (existsSync(known)) {
    const done: Layer = JSON.parse(readFileSync(known, "utf8"))
    if (existsSync(join(cache, done.digest.replace(":", "-")))) return done
  }
  const unfinished = join(cache, randomUUID())
  const [content, compressed] = [createHash("sha256"), createHash("sha256")]
  let size = 0
  await pipeline(
    createReadStream(path),
    createGunzip(),
    new Timeless(),
    through(content),
    createGzip(),
    through(compressed, (length) => {
      size += length
    }),
    createWriteStream(unfinished),
  )
  const digest = `sha256:${compressed.digest("hex")}`
  const done = { mediaType: layer.mediaType, digest, size, diffId: `sha256:${content.digest("hex")}` }
  // The layer first: a run that ends in between leaves nothing that a later one would trust.
  renameSync(unfinished, join(cache, digest.replace(":", "-")))
  writeFileSync(`${unfinished}.json`, JSON.stringify(done))
  renameSync(`${unfinished}.json`, known)
  return done
}

const through = (hash: Hash, count = (_: number) => {}) =>
  new Transform({
    transform(chunk: Buffer, _, done) {
      hash.update(chunk)
      count(chunk.length)
      done(null, chunk)
    },
  })

if (import.meta.main) {
  const [archive = "", layout = "", created = "", cache = "", told = ""] = process.argv.slice(2)
  const { digest, steps } = await reproducible(archive, layout, created, cache)
  writeFileSync(told, JSON.stringify({ history: steps.map((step) => ({ created_by: step })) }))
  process.stdout.write(digest)
}
