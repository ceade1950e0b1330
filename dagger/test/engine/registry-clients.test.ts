import { execFile } from "node:child_process"
import { generateKeyPairSync } from "node:crypto"
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { wallClock } from "../../lib/clock.js"
import { provenance } from "../../lib/image/provenance.js"
import { digestOf, Registry } from "../../lib/providers/registry/image-registry.js"
import { publishedAt } from "../../lib/providers/registry/publication.js"
import { SiteArchive } from "../../lib/providers/registry/site-archive.js"
import { commit, site } from "../support/app.js"

const execute = promisify(execFile)
let folder = ""

// A folder that has the clients already may be named, for a person who calls this again and again.
const { CLIENTS: given = "" } = process.env

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "registry-clients-"))
  if (given) return
  // Minutes for the first time; afterwards Go has the parts.
  const install = (name: string) => execute("go", ["install", name], { env: { ...process.env, GOBIN: bin() } })
  await install("oras.land/oras/cmd/oras@v1.3.6")
  await install("github.com/sigstore/cosign/v3/cmd/cosign@v3.1.3")
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const bin = () => join(given || folder, "bin")
const oras = (...args: string[]) => execute(join(bin(), "oras"), args)
const cosign = (verb: string, key: string, ...args: string[]) =>
  execute(join(bin(), "cosign"), [verb, `--key=${key}`, "--insecure-ignore-tlog", "--allow-http-registry", ...args], {
    env: { ...process.env, HOME: folder },
  })
/** The formats of cosign 3 and of cosign 2. */
const formats = ["--new-bundle-format=true", "--new-bundle-format=false"]

// The engine's registry, as this machine reaches it.
const host = `127.0.0.1:${process.env.DAGGER_ENGINE_REGISTRY_PORT ?? "5000"}`
const source = "https://github.com/acme/book"
const candidate = { commit: commit("a"), created: "2026-11-24T10:00:00Z" }
const startedAt = new Date(candidate.created)

function keys() {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
  const [pem, path] = [String(publicKey.export({ format: "pem", type: "spki" })), join(folder, crypto.randomUUID())]
  writeFileSync(path, pem)
  return { key: privateKey, pem, path }
}

function place(kind: "image" | "site") {
  const name = `test-${crypto.randomUUID()}/${kind}`
  const there = new Registry({ host, url: `http://${host}`, repository: name, user: "", token: "", kind }, wallClock)
  return { there, repository: `${host}/${name}` }
}

/** By its own key alone, in both formats. @param said what the signature names. */
async function isVerified(name: string, ours: ReturnType<typeof keys>, said: string) {
  for (const format of formats) {
    expect((await cosign("verify", ours.path, format, name)).stdout).toContain(said)
    const { stdout } = await cosign("verify-attestation", ours.path, "--type=slsaprovenance1", format, name)
    expect(stdout).toContain("payload")
    await expect(cosign("verify", keys().path, format, name)).rejects.toThrow(/invalid signature|could not verify/)
  }
  // Without a word about formats, as people type it.
  expect((await cosign("verify", ours.path, name)).stdout).toContain("sha256:")
}

describe("a kept site", () => {
  async function kept() {
    const [{ there, repository }, ours] = [place("site"), keys()]
    const files = new Map<string, Uint8Array>([
      ...site("a"),
      ["_redirects", Buffer.from("/old /new 301\n")],
      ["grüße/über uns.html", Buffer.from("<title>Über uns</title>")],
    ])
    const archive = new SiteArchive(there, { repository, source, publicKey: ours.pem, hasToken: false }, wallClock)
    await archive.publish(candidate, files, { key: ours.key, builder: "", run: "", startedAt })
    return { name: `${repository}:${commit("a")}`, files, ours }
  }

  it("is pulled by oras as a folder with the very files, and discovered with its provenance", async () => {
    const { name, files } = await kept()
    const pulled = join(folder, "pulled")

    await oras("pull", "--plain-http", `--output=${pulled}`, name)
    const { stdout } = await oras("discover", "--plain-http", "--format=json", name)

    const paths = readdirSync(join(pulled, "site"), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(join(pulled, "site").length + 1))
    expect(paths.sort()).toEqual([...files.keys()].sort())
    for (const path of paths)
      expect(readFileSync(join(pulled, "site", path))).toEqual(Buffer.from(files.get(path) ?? ""))
    const types = (JSON.parse(stdout) as { referrers: { artifactType: string }[] }).referrers.map(
      (it) => it.artifactType,
    )
    expect(types.sort()).toEqual([
      "application/vnd.dev.sigstore.bundle.v0.3+json",
      "application/vnd.dev.sigstore.bundle.v0.3+json",
      "application/vnd.in-toto+json",
    ])
  })

  it("is verified by cosign with its key and not with another, and so is its provenance", async () => {
    const { name, ours } = await kept()

    await isVerified(name, ours, "docker-manifest-digest")
  })
})

it("an image is verified by cosign with its key and not with another, and so is its provenance", async () => {
  const [{ there, repository }, ours] = [place("image"), keys()]
  const config = JSON.stringify({
    ...{ architecture: "amd64", os: "linux", rootfs: { type: "layers", diff_ids: [] } },
    config: { Labels: { "org.opencontainers.image.revision": commit("a") } },
  })
  const path = join(folder, "config.json")
  writeFileSync(path, config)
  const mediaType = "application/vnd.oci.image.manifest.v1+json"
  const described = { digest: digestOf(config), size: config.length }
  const text = JSON.stringify({
    ...{ schemaVersion: 2, mediaType, layers: [] },
    config: { mediaType: "application/vnd.oci.image.config.v1+json", ...described },
  })
  const manifest = { digest: digestOf(text), mediaType, text }
  await publishedAt(there, candidate, {
    ...{ kind: "image", repository, source, key: ours.key },
    prepare: async () => ({
      attachments: [],
      push: (tag) => there.push(manifest, [{ ...described, file: async () => path }], tag),
    }),
    provenance: (digest) =>
      provenance({
        ...{ kind: "image", repository, digest, commit: commit("a"), source, builder: source, run: "" },
        ...{ parameters: {}, startedAt, finishedAt: startedAt },
      }),
  })
  const name = `${repository}:${commit("a")}`

  await isVerified(name, ours, manifest.digest)
})
