import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { beforeAll, expect, it } from "vitest"
import { wallClock } from "../../lib/clock.js"
import { imageIndex, indexType } from "../../lib/image/image-index.js"
import { digestOf, type Manifest, Registry } from "../../lib/providers/registry/image-registry.js"
import { type Project, project } from "./dagger.js"

const port = process.env.DAGGER_ENGINE_REGISTRY_PORT ?? "5000"
const access = [
  `--registry-service=tcp://127.0.0.1:${port}`,
  `--scan-database=registry:${port}/aquasecurity/trivy-db:2`,
  `--scan-database-service=tcp://127.0.0.1:${port}`,
]
const space = `test-${crypto.randomUUID()}`
const base = `${space}/base`
const there = (repository: string) =>
  new Registry({ host: "registry", url: `http://127.0.0.1:${port}`, repository, user: "", token: "" }, wallClock)

/** A program of a machine that there is not, so that nothing emulates it. */
const foreign = Buffer.alloc(64)
foreign.write("\x7fELF\x02\x01\x01", "latin1")
foreign.writeUInt16LE(2, 16)
foreign.writeUInt16LE(0xbaad, 18)

/** An archive of one file. */
function archive(name: string, content: Buffer): Buffer {
  const header = Buffer.alloc(512)
  header.write(name)
  header.write("0000755\0", 100)
  header.write("0000000\0", 108)
  header.write("0000000\0", 116)
  header.write(`${content.length.toString(8).padStart(11, "0")}\0`, 124)
  header.write("00000000000\0", 136)
  header.write("        0", 148)
  header.write("ustar\x0000", 257)
  const sum = header.reduce((all, byte) => all + byte, 0)
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148)
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512), Buffer.alloc(1024)])
}

/** Pushes an image of one file that holds the name of its platform. */
async function pushed(platform: string): Promise<{ platform: string; manifest: Manifest }> {
  const [os = "", architecture = ""] = platform.split("/")
  const repository = there(base)
  const tar = archive("platform", platform === "linux/amd64" ? Buffer.from(platform) : foreign)
  const layer = gzipSync(tar)
  const config = Buffer.from(
    JSON.stringify({ os, architecture, config: {}, rootfs: { type: "layers", diff_ids: [digestOf(tar)] } }),
  )
  const blobs = [config, layer].map((content) => {
    const path = join(tmpdir(), crypto.randomUUID())
    writeFileSync(path, content)
    return { digest: digestOf(content), size: content.length, file: async () => path }
  })
  const mediaType = "application/vnd.oci.image.manifest.v1+json"
  const described = blobs.map(({ digest, size }, at) => ({
    mediaType: `application/vnd.oci.image.${at === 0 ? "config.v1+json" : "layer.v1.tar+gzip"}`,
    digest,
    size,
  }))
  const text = JSON.stringify({ schemaVersion: 2, mediaType, config: described[0], layers: described.slice(1) })
  const manifest = { digest: digestOf(text), mediaType, text }
  await repository.push(manifest, blobs, architecture)
  return { platform, manifest }
}

beforeAll(async () => {
  const text = imageIndex([await pushed("linux/amd64"), await pushed("linux/arm64")])
  await there(base).tag({ digest: digestOf(text), mediaType: indexType, text }, "1")
})

/** Versions of a package, by the architecture that they are for. */
type Versions = Record<"amd64" | "arm64", string>
const [vulnerable, fixed] = ["0.14.0", "0.16.0"]

/** A service that needs no program of its platform to be built. */
function service(platforms: string[], { start = "", versions = { amd64: fixed, arm64: fixed }, onlyNew = false } = {}) {
  const made = project(
    { backend: "backend" },
    {
      image: { repository: `registry:${port}/${space}/backend` },
      backend: { platforms },
      scan: { onlyNew },
      environments: { staging: { branch: "staging" } },
    },
  )
  made.write("backend/Dockerfile", `FROM ${base}:1\nARG TARGETARCH\nCOPY page.txt /\nCOPY $TARGETARCH /lib/\n${start}`)
  // That of the service names the service's own files.
  made.remove("backend/.dockerignore")
  made.write("backend/page.txt", "the same everywhere")
  commitWith(made, versions)
  return made
}

/** Commits these versions in place of those that are there. */
function commitWith(made: Project, versions: Versions) {
  for (const [architecture, version] of Object.entries(versions))
    made.write(
      `backend/${architecture}/h11.dist-info/METADATA`,
      `Metadata-Version: 2.1\nName: h11\nVersion: ${version}\n`,
    )
  made.commit("its packages")
}

interface Descriptor {
  digest: string
  mediaType: string
  platform?: object
}

/** What the image of a project says of itself, read from its files. */
async function layoutOf(made: Project) {
  const layout = join(made.path, "../layout-of-the-platforms")
  const { code, error } = await made.call(["backend", "image-layout", `--output=${layout}`])
  expect(code, error).toBe(0)
  const blob = ({ digest }: Descriptor) =>
    JSON.parse(readFileSync(join(layout, "blobs", digest.replace(":", "/")), "utf8")) as {
      manifests?: Descriptor[]
      config: Descriptor & { Labels: Record<string, string> }
      layers: Descriptor[]
      os: string
      architecture: string
    }
  const [root] = (JSON.parse(readFileSync(join(layout, "index.json"), "utf8")) as { manifests: [Descriptor] }).manifests
  const top = blob(root)
  const images = (top.manifests ?? [root]).map(blob).map(({ config, layers }) => ({ ...blob(config), layers }))
  rmSync(layout, { recursive: true })
  return { mediaType: root.mediaType, listed: top.manifests?.map(({ platform }) => platform), images }
}

it("builds for linux/amd64, of a base that is there for several platforms", async () => {
  using made = service(["linux/amd64"])

  const { mediaType, images } = await layoutOf(made)

  expect(mediaType).toBe("application/vnd.oci.image.manifest.v1+json")
  expect(images).toMatchObject([{ os: "linux", architecture: "amd64" }])
})

it("builds for arm64 where the settings ask for it", async () => {
  using made = service(["linux/arm64"])

  const { images } = await layoutOf(made)

  expect(images).toMatchObject([{ os: "linux", architecture: "arm64" }])
})

it("publishes an index for several platforms, each with its own base, checked and scanned", async () => {
  using made = service(["linux/amd64", "linux/arm64"])

  const { mediaType, listed, images } = await layoutOf(made)
  expect(mediaType).toBe(indexType)
  expect(listed).toEqual([
    { os: "linux", architecture: "amd64" },
    { os: "linux", architecture: "arm64" },
  ])
  expect(images).toMatchObject([{ architecture: "amd64" }, { architecture: "arm64" }])
  const [amd64, arm64] = images
  expect(arm64?.layers[0]?.digest).not.toBe(amd64?.layers[0]?.digest)
  expect(arm64?.layers[1]?.digest).toBe(amd64?.layers[1]?.digest)

  const publish = () => made.call([...access, "backend", "publish"])
  const first = await publish()
  expect(first.code, first.error).toBe(0)
  expect(first.stdout).toMatch(/^linux\/amd64: .* MB compressed in 3 layers, within the budget of 200 MB$/m)
  expect(first.stdout).toMatch(/^linux\/arm64: .* MB compressed in 3 layers, within the budget of 200 MB$/m)
  expect(first.stdout).toMatch(/^linux\/amd64: Nothing stops the image\.\nlinux\/arm64: Nothing stops the image\.$/m)
  expect(first.stdout).toContain("\nattached sbom.cdx.json of linux/arm64\n")
  const image = await there(`${space}/backend`).image(made.git("rev-parse", "HEAD"))
  expect(image?.platforms.map(({ platform }) => platform)).toEqual(["linux/amd64", "linux/arm64"])
  expect(first.stdout.trim().split("\n").at(-1)).toBe(`registry:${port}/${space}/backend@${image?.digest}`)
  for (const { digest } of image?.platforms ?? [])
    expect(await there(`${space}/backend`).attachment(digest, "application/vnd.cyclonedx+json")).toContain("h11")
  expect(await there(`${space}/backend`).attachment(image?.digest ?? "", "application/vnd.in-toto+json")).toContain(
    '"platforms": "linux/amd64,linux/arm64"',
  )

  const again = await publish()
  expect(again.code, again.error).toBe(0)
  expect(again.stdout).toContain("pushed nothing")
  expect(again.stdout).toContain("\nfound sbom.cdx.json of linux/arm64\n")

  made.edit("delivery.json", (text) => text.replace('"linux/amd64","linux/arm64"', '"linux/amd64"'))
  const other = await publish()
  expect(other.code).toBe(1)
  expect(other.error).toContain(
    "it is for linux/amd64, linux/arm64, and backend.platforms says linux/amd64; the image of a",
  )
})

it("stops an image that is vulnerable for one of its platforms only", async () => {
  using made = service(["linux/amd64", "linux/arm64"], { versions: { amd64: fixed, arm64: vulnerable } })

  const { code, error } = await made.call([...access, "backend", "scan"])

  expect(code).toBe(1)
  expect(error).toMatch(
    /linux\/amd64: Nothing stops the image\.\nlinux\/arm64: 1 vulnerability stops the image:\n.*CVE-2025-43859/,
  )
})

it("excuses in one platform only what the live image has for the same one", async () => {
  using made = service(["linux/amd64"], { versions: { amd64: vulnerable, arm64: fixed }, onlyNew: true })
  const publish = () => made.call([...access, "backend", "publish", "--unscanned=the one to compare with"])
  const scan = () => made.call([...access, "backend", "scan"])
  const single = await publish()
  expect(single.code, single.error).toBe(0)

  // What is live has no arm64.
  made.edit("delivery.json", (text) => text.replace('["linux/amd64"]', '["linux/amd64","linux/arm64"]'))
  commitWith(made, { amd64: vulnerable, arm64: vulnerable })
  const added = await scan()
  expect(added.code).toBe(1)
  expect(added.error).toMatch(
    /linux\/amd64: Nothing stops the image\.\nin the live image as well: CVE-2025-43859\nlinux\/arm64: 1 vulnerability stops the image:\n.*CVE-2025-43859.*\nno image is live for linux\/arm64/,
  )

  // What is live has it for amd64 alone.
  commitWith(made, { amd64: vulnerable, arm64: fixed })
  const index = await publish()
  expect(index.code, index.error).toBe(0)
  commitWith(made, { amd64: fixed, arm64: vulnerable })
  const moved = await scan()
  expect(moved.code).toBe(1)
  expect(moved.error).toMatch(
    /linux\/amd64: Nothing stops the image\.\nlinux\/arm64: 1 vulnerability stops the image:\n.*CVE-2025-43859/,
  )
})

it("says that a build needs a machine of the platform, or one that emulates it", async () => {
  using made = service(["linux/amd64", "linux/arm64"], { start: 'RUN ["/platform"]\n' })

  const { code, error } = await made.call(["backend", "image", "--platform=linux/arm64", "sync"])

  expect(code).toBe(1)
  expect(error).toContain("The backend's image could not be built for linux/arm64.\n  why: the build starts a program")
})
