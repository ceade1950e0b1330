import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { describe, expect, it } from "vitest"
import { keyLabel } from "../../lib/cache/entry.js"
import { pruned } from "../../lib/cache/pruning.js"
import { wallClock } from "../../lib/clock.js"
import { signingKey } from "../../lib/image/image-signature.js"
import { digestOf, Registry } from "../../lib/providers/registry/image-registry.js"
import { PackageCache } from "../../lib/providers/registry/package-cache.js"
import { gitHub } from "../../stand-ins/github.js"
import { keyPair } from "../support/key-pair.js"
import { hostAddress, type Project, project, words } from "./dagger.js"
import { registryFlags, tokens } from "./providers.js"

const port = process.env.DAGGER_ENGINE_REGISTRY_PORT ?? "5000"
const fromAnyBranch = "--from-any-branch=this test is about the registry"
const [ours, others] = [keyPair(), keyPair()]

/** A project with one package, and a cache that no other test uses. A site without tests lints in a second. */
function shop({ publicKey = "", gitHub: address = "" } = {}) {
  const name = `test-${crypto.randomUUID()}/cache`
  const repository = `registry:${port}/${name}`
  const it = project(
    {},
    {
      environments: { staging: { branch: "main", frontend: { site: "acme-shop" } } },
      frontend: { untested: "it is one page", ...(publicKey && { publicKey }) },
      cache: { repository },
      ...(address && { providers: { gitHub: address } }),
    },
  )
  it.write(
    "frontend/package.json",
    JSON.stringify({
      ...{ name: "shop", version: "0.0.0", private: true },
      scripts: { lint: "node lint.mjs" },
      dependencies: { prices: "file:prices" },
    }),
  )
  it.write(
    "frontend/package-lock.json",
    JSON.stringify({
      ...{ name: "shop", version: "0.0.0", lockfileVersion: 3, requires: true },
      packages: {
        "": { name: "shop", version: "0.0.0", dependencies: { prices: "file:prices" } },
        "node_modules/prices": { resolved: "prices", link: true },
        // Makes it a package of this test alone.
        prices: { version: "1.0.0", license: name },
      },
    }),
  )
  it.write("frontend/prices/package.json", JSON.stringify({ name: "prices", version: "1.0.0", main: "index.js" }))
  it.write("frontend/prices/index.js", "module.exports = { bread: 3 }\n")
  it.write("frontend/lint.mjs", 'import prices from "prices"\nif (prices.bread !== 3) process.exit(1)\n')
  const head = it.commit("a shop")
  const registry = new Registry(
    {
      ...{ host: "registry", kind: "cache", url: `http://127.0.0.1:${port}`, repository: name },
      ...{ user: "", token: "" },
    },
    wallClock,
  )
  return Object.assign(it, { repository, registry, head })
}

const called = async (it: Pick<Project, "call">, name: string, ...flags: string[]) => {
  const done = await it.call(words(name, [...registryFlags, ...flags]), {
    ...tokens,
    SIGNING_KEY: ours.privateKey,
  })
  expect(done.code, done.error).toBe(0)
  return done.stdout
}

const pushedAs = (told: string) => /pushed \S+:(frontend-[0-9a-f]{32})(?=\n|;|$)/.exec(told)?.[1] ?? ""

it("is filled from the default branch alone, once, and spares a later run the install", async () => {
  await using history = await gitHub({ repository: "acme/test", token: tokens.GITHUB_TOKEN, address: hostAddress() })
  using it = shop({ gitHub: history.url })
  history.commit("a shop", [], "main", it.head)

  expect(await called(it, "ci")).toMatch(/^packages of the frontend: installed; the cache has no entry$/m)

  const unasked = await it.call(words("warm-cache", registryFlags))
  expect(unasked.code).not.toBe(0)
  expect(unasked.error).toContain("why: only commits of the default branch fill it, and there is no --github-token")
  const gitHubFlag = "--github-token=env://GITHUB_TOKEN"
  const filled = await called(it, "warm-cache", gitHubFlag)
  const entry = `${it.repository}:${pushedAs(filled)}`
  expect(filled).toBe(`main has ${it.head.slice(0, 7)}\npackages of the frontend: pushed ${entry}\n`)
  expect(await called(it, "warm-cache", gitHubFlag)).toMatch(
    new RegExp(`^packages of the frontend: ${entry} has them$`, "m"),
  )

  const spared = await called(it, "ci")
  expect(spared).toMatch(new RegExp(`^packages of the frontend: from the cache ${entry}$`, "m"))
  expect(spared).toMatch(/^passed {2}frontend lint +[\d.]+ s {2}packages from the registry$/m)

  history.commit("another", [it.head], "proposal", it.commit("another"))
  const refused = await it.call(words("warm-cache", [...registryFlags, gitHubFlag]), tokens)
  expect(refused.error).toContain("why: main does not have the commit")
})

it("is for the files above a component too that its configuration names, and has them", async () => {
  using it = shop()
  it.write("shared/prices.json", '{ "bread": 3 }')
  it.write("frontend/prices.config.mjs", 'export const prices = "../shared/prices.json"\n')
  it.write(
    "frontend/lint.mjs",
    `import { readFileSync } from "node:fs"
import { prices } from "./prices.config.mjs"
console.log(JSON.parse(readFileSync(prices, "utf8")).bread)
`,
  )
  it.commit("prices above the site")
  const entry = `${it.repository}:${pushedAs(await called(it, "warm-cache", fromAnyBranch))}`

  const same = await called(it, "ci")
  expect(same).toMatch(/^passed {2}frontend lint /m)
  expect(same).toMatch(new RegExp(`^packages of the frontend: from the cache ${entry}$`, "m"))

  it.write("shared/prices.json", '{ "bread": 4 }')
  const changed = await called(it, "ci")
  expect(changed).toMatch(/^passed {2}frontend lint /m)
  expect(changed).toMatch(/^packages of the frontend: installed; the cache has no entry$/m)
})

/** Ways in which an entry is not what its tag says, and what is told of it. */
const broken: [string, (it: ReturnType<typeof shop>, tag: string) => Promise<void>, RegExp][] = [
  [
    "with a label of another install",
    async ({ registry }, tag) => {
      const manifest = await imageOf(registry, tag)
      const config = JSON.parse(await registry.blob(manifest.config.digest)) as {
        config: { Labels: Record<string, string> }
      }
      config.config.Labels[keyLabel] = "0".repeat(64)
      const text = JSON.stringify(config)
      await registry.keep(text)
      await retag(registry, tag, {
        ...manifest,
        config: { ...manifest.config, digest: digestOf(text), size: Buffer.byteLength(text) },
      })
    },
    /is not used: its label names another key$/m,
  ],
  ["with a layer that is cut off", ({ registry }, tag) => cutOff(registry, tag), /can't be pulled: [^\n]+$/m],
  [
    "with right labels and another lock file in it",
    ({ registry }, tag) => overlaid(registry, tag, "site/package-lock.json", "{}"),
    /can't be pulled: its \/site\/package-lock\.json is another one than its label says$/m,
  ],
  [
    "that is a list of images",
    ({ registry }, tag) => {
      const mediaType = "application/vnd.oci.image.index.v1+json"
      const text = JSON.stringify({ schemaVersion: 2, mediaType, manifests: [] })
      return registry.tag({ digest: digestOf(text), mediaType, text }, tag)
    },
    /is not used: frontend-[0-9a-f]{32} is no image$/m,
  ],
]

async function cutOff(registry: Registry, tag: string): Promise<void> {
  const manifest = await imageOf(registry, tag)
  const layers = await Promise.all(
    manifest.layers.map(async (layer, at) => {
      if (at < manifest.layers.length - 1) return layer
      const whole = await registry.bytes(layer.digest)
      const half = Uint8Array.from(whole.subarray(0, whole.length / 2))
      await registry.keep(half)
      return { ...layer, digest: digestOf(half), size: half.length }
    }),
  )
  await retag(registry, tag, { ...manifest, layers })
}

/** Puts one more file into an entry, under the same labels. */
async function overlaid(registry: Registry, tag: string, path: string, text: string): Promise<void> {
  const manifest = await imageOf(registry, tag)
  const config = JSON.parse(await registry.blob(manifest.config.digest)) as { rootfs: { diff_ids: string[] } }
  const layer = layerWith(path, text)
  config.rootfs.diff_ids.push(digestOf(layer))
  const changed = JSON.stringify(config)
  await registry.keep(layer)
  await registry.keep(changed)
  const mediaType = "application/vnd.oci.image.layer.v1.tar"
  await retag(registry, tag, {
    ...manifest,
    config: { ...manifest.config, digest: digestOf(changed), size: Buffer.byteLength(changed) },
    layers: [...manifest.layers, { mediaType, digest: digestOf(layer), size: layer.length }],
  })
}

/** A layer with one file in it. */
function layerWith(path: string, text: string): Uint8Array<ArrayBuffer> {
  const folder = mkdtempSync(join(tmpdir(), "layer-"))
  try {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
    return Uint8Array.from(execFileSync("tar", ["--create", "--directory", folder, path]))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

interface ImageManifest {
  mediaType: string
  config: { digest: string; size: number }
  layers: { mediaType: string; digest: string; size: number }[]
}

async function imageOf(registry: Registry, tag: string): Promise<ImageManifest> {
  const manifest = await registry.manifest(tag)
  return JSON.parse(manifest?.text ?? "{}") as ImageManifest
}

async function retag(registry: Registry, tag: string, image: ImageManifest): Promise<void> {
  const text = JSON.stringify(image)
  await registry.tag({ digest: digestOf(text), mediaType: image.mediaType, text }, tag)
}

describe("an entry", () => {
  it.each(broken)("%s leaves ci right, only slower, and is replaced", async (_, spoil, told) => {
    using it = shop()
    const tag = pushedAs(await called(it, "warm-cache", fromAnyBranch))
    await spoil(it, tag)

    const checked = await called(it, "ci")
    expect(checked).toMatch(/^passed {2}frontend lint /m)
    expect(checked).toMatch(new RegExp(`^packages of the frontend: installed; ${it.repository}:${tag} `, "m"))
    expect(checked).toMatch(told)

    const healed = await called(it, "warm-cache", fromAnyBranch)
    expect(healed).toMatch(new RegExp(`pushed ${it.repository}:${tag}; what was there is not used: `))
    expect(await called(it, "ci")).toMatch(/^packages of the frontend: from the cache /m)
  })

  it("that another key signed leaves ci right, only slower; the settings' key makes it taken", async () => {
    using it = shop({ publicKey: ours.publicKey })
    const unsigned = await it.call(words("warm-cache", [...registryFlags, fromAnyBranch]))
    expect(unsigned.error).toContain("The cache must be signed.")
    const signing = "--signing-key=env://SIGNING_KEY"
    const tag = pushedAs(await called(it, "warm-cache", signing, fromAnyBranch))
    expect(await called(it, "ci")).toMatch(/^packages of the frontend: from the cache /m)

    // The same image under another name for its configuration, signed by somebody else.
    const image = await imageOf(it.registry, tag)
    await retag(it.registry, tag, { ...image, annotations: { by: "others" } } as ImageManifest)
    const foreign = new PackageCache(it.registry, { repository: it.repository, publicKey: "" })
    const digest = (await it.registry.manifest(tag))?.digest ?? ""
    await foreign.sign(digest, signingKey(others.privateKey))

    const checked = await called(it, "ci")
    expect(checked).toMatch(/^passed {2}frontend lint /m)
    expect(checked).toMatch(/is not used: it is not signed by the key of the settings \(publicKey\)$/m)
  })
})

/** A service, and a cache that no other test uses. */
function service(files: (repository: string) => Record<string, string>) {
  const name = `test-${crypto.randomUUID()}/cache`
  const repository = `registry:${port}/${name}`
  const it = project(
    {},
    {
      image: { repository: `${repository}-image` },
      environments: { staging: { branch: "main", backend: { space: "acme/prices" } } },
      backend: { untested: "it is one function" },
      cache: { repository },
    },
  )
  for (const [path, text] of Object.entries(files(repository))) it.write(`backend/${path}`, text)
  it.commit("a service")
  const there = { host: "registry", kind: "cache" as const, url: `http://127.0.0.1:${port}`, repository: name }
  return Object.assign(it, { registry: new Registry({ ...there, user: "", token: "" }, wallClock) })
}

const serviceTags = (told: string) =>
  [...told.matchAll(/pushed \S+:(backend-[0-9a-f]{32})$/gm)].map(([, tag = ""]) => tag)

it("a service without a lock file has packages and linters from the cache, and installs its packages where a layer is cut off", async () => {
  using it = service((repository) => ({
    // A comment that makes it a file of this test alone.
    "requirements.txt": `# ${repository}\nsix==1.17.0\n`,
    "prices.py": "import six\n\nbread = six.text_type(3)\n",
  }))
  const [tag = ""] = serviceTags(await called(it, "warm-cache", fromAnyBranch))
  await cutOff(it.registry, tag)

  const checked = await called(it, "ci")
  expect(checked).toMatch(/^passed {2}backend lint /m)
  expect(checked).toMatch(/^packages of the backend: installed; \S+ can't be pulled: [^\n]+$/m)

  expect(await called(it, "warm-cache", fromAnyBranch)).toContain(`${tag}; what was there is not used: `)
  const spared = await called(it, "ci")
  expect(spared).toMatch(new RegExp(`^packages of the backend: from the cache \\S+:${tag}$`, "m"))
  expect(spared).toMatch(/^packages of the backend's linters: from the cache \S+:linters-[0-9a-f]{32}$/m)
})

it("the list of a service's licences takes its packages from the cache too, and what is installed beside the sources is told", async () => {
  using it = service((repository) => ({
    "pyproject.toml": `# ${repository}
[project]
name = "prices"
version = "0.0.0"
requires-python = "==3.13.*"
dependencies = []
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
`,
    "uv.lock": `version = 1
revision = 3
requires-python = "==3.13.*"

[[package]]
name = "prices"
version = "0.0.0"
source = { editable = "." }
`,
    "prices.py": "bread = 3\n",
  }))
  const [tag = ""] = serviceTags(await called(it, "warm-cache", fromAnyBranch))
  const proof = "Metadata-Version: 2.1\nName: proof\nVersion: 1.0\nLicense: Proof\n"
  await overlaid(it.registry, tag, "opt/venv/lib/python3.13/site-packages/proof-1.0.dist-info/METADATA", proof)

  const list = await called(it, "ci-reports file --path=licences.md contents")
  const summary = await called(it, "ci-reports file --path=summary.md contents")

  expect(list).toContain("proof")
  expect(summary).toMatch(/packages of the backend: from the cache \S+; what needs the sources is installed each time/)
})

it("a registry that is not there leaves ci right, and the summary says what failed", async () => {
  using it = shop()
  const silent = await it.call(["--registry-service=tcp://127.0.0.1:9", "ci"])

  expect(silent.code, silent.error).toBe(0)
  expect(silent.stdout).toMatch(/^packages of the frontend: installed; the cache can't be read: [^\n]+$/m)
})

it("old entries are deleted in a registry that lets them be", async () => {
  using it = shop()
  const tag = pushedAs(await called(it, "warm-cache", fromAnyBranch))
  const manifest = await imageOf(it.registry, tag)
  const config = JSON.parse(await it.registry.blob(manifest.config.digest)) as {
    config: { Labels: Record<string, string> }
  }
  for (let at = 0; at < 11; at++) {
    config.config.Labels["org.opencontainers.image.created"] = new Date(Date.UTC(2026, 0, 1 + at)).toISOString()
    const text = JSON.stringify(config)
    await it.registry.keep(text)
    await retag(it.registry, `frontend-${at.toString(16).padStart(32, "0")}`, {
      ...manifest,
      config: { ...manifest.config, digest: digestOf(text), size: Buffer.byteLength(text) },
    })
  }

  const told = await pruned(new PackageCache(it.registry, { repository: it.repository, publicKey: "" }).remover())

  expect(told).toEqual([`deleted frontend-${"1".padStart(32, "0")}, frontend-${"0".repeat(32)}`])
  expect(await it.registry.tags()).toHaveLength(10)
  expect(await it.registry.tags()).toContain(tag)
})
