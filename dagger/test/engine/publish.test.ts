import { execFileSync } from "node:child_process"
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { keyPair } from "../support/key-pair.js"
import { call, repository, settingsFile, words } from "./dagger.js"

// The engine's registry stands in for the product's, under a name that no other run uses.
const port = process.env.DAGGER_ENGINE_REGISTRY_PORT ?? "5000"
const service = `--registry-service=tcp://127.0.0.1:${port}`
const unscanned = "--unscanned=this test is about the registry"
const image = `registry:${port}/test-${crypto.randomUUID()}/backend`

let folder = ""
const git = (...args: string[]) =>
  execFileSync("git", ["-C", folder, "-c", "user.name=t", "-c", "user.email=t@example.org", ...args], {
    encoding: "utf8",
  }).trim()
const [ours, others] = [keyPair(), keyPair()]
const signing = (key: string) => ({ cwd: folder, env: { SIGNING_KEY: key } })
const publish = (...more: string[]) =>
  call(words("backend publish", [service, "--signing-key=env://SIGNING_KEY", ...more]), signing(ours.privateKey))

const signedBy = (publicKey: string) => (settings: Record<string, unknown>) => ({
  ...settings,
  image: { ...(settings.image as object), repository: image, publicKey },
})

/** A new commit, `seconds` after 2026-01-01. */
function commit(seconds: number): string {
  const date = new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString()
  process.env.GIT_COMMITTER_DATE = date
  git("commit", "--quiet", "--allow-empty", "--message", "a version", "--date", date)
  return git("rev-parse", "HEAD")
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "publish-"))
  execFileSync("git", ["clone", "--quiet", repository, folder])
  using settings = settingsFile(signedBy(ours.publicKey))
  copyFileSync(settings.path, join(folder, "delivery.json"))
  git("commit", "--quiet", "--all", "--message", "another registry")
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it("pushes a commit once, moves latest only forward, and verifies what it pushed", async () => {
  const newer = commit(2000)
  const first = await publish(unscanned)
  expect(first, first.error).toMatchObject({ code: 0 })
  expect(first.stdout).toContain(`pushed ${image}:${newer}`)
  expect(first.stdout).toContain("NOT SCANNED: this test is about the registry")
  expect(first.stdout).toContain("moved latest here")
  expect(first.stdout).toContain("\nsigned\nattached provenance.json, and signed it\n")

  // The very image of the files on disk.
  const layout = join(folder, "../layout-of-what-was-pushed")
  const files = await call(words("backend image-layout", [`--output=${layout}`]), { cwd: folder })
  expect(files, files.error).toMatchObject({ code: 0 })
  const index = JSON.parse(readFileSync(join(layout, "index.json"), "utf8")) as { manifests: { digest: string }[] }
  rmSync(layout, { recursive: true })
  expect(first.stdout.trim().split("@").at(-1)).toBe(index.manifests[0]?.digest)

  const again = await publish(unscanned)
  expect(again.stdout).toContain("pushed nothing")
  expect(again.stdout).toContain("found its signature")
  expect(again.stdout.trim().split("\n").at(-1)).toBe(first.stdout.trim().split("\n").at(-1))

  expect((await call(words("backend verify", [service]), { cwd: folder })).stdout.trim()).toMatch(
    /@sha256:[0-9a-f]{64}$/,
  )
  const foreign = await call(words("backend verify", [service, "--builder=https://example.org/other"]), { cwd: folder })
  expect(foreign.code).not.toBe(0)
  expect(foreign.error).toContain("of its provenance, the builder is")

  using elsewhere = settingsFile(signedBy(others.publicKey))
  const forged = await call(words("backend verify", [`--settings=${elsewhere.path}`, service]), { cwd: folder })
  expect(forged.code).not.toBe(0)
  expect(forged.error).toContain("none of its signatures is by the key of the settings (publicKey)")

  git("checkout", "--quiet", "HEAD^")
  commit(1000)
  const older = await publish(unscanned)
  expect(older.stdout).toContain(`left latest: it names a newer commit, ${newer.slice(0, 7)}`)
})

it("pushes nothing unsigned: neither without the key that the settings require, nor with another", async () => {
  const unsigned = await call(words("backend publish", [service, unscanned]), { cwd: folder })
  expect(unsigned.code).not.toBe(0)
  expect(unsigned.error).toContain("The image must be signed.")

  const foreign = await call(
    words("backend publish", [service, unscanned, "--signing-key=env://SIGNING_KEY"]),
    signing(others.privateKey),
  )
  expect(foreign.code).not.toBe(0)
  expect(foreign.error).toContain("--signing-key and the publicKey of the settings are not a key pair")
})

it("pushes nothing when the scanner is unavailable, with another error than for a finding", async () => {
  commit(3000)
  const silent = await publish(
    `--scan-database=registry:${port}/nothing/here:2`,
    `--scan-database-service=tcp://127.0.0.1:${port}`,
  )

  expect(silent.code).not.toBe(0)
  expect(silent.error).toContain("The image could not be scanned: whether it is vulnerable is unknown.")
  expect((await call(words("backend verify", [service]), { cwd: folder })).error).toContain(
    "there is no image of this commit",
  )
})
