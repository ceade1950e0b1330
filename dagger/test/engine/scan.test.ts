import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { standIn } from "../../stand-ins/server.js"
import { type Called, call, project, repository, settingsFile, words } from "./dagger.js"

// `.ci/engine/engine image trivy` makes the scanner and a small database of real advisories.
const port = process.env.DAGGER_ENGINE_REGISTRY_PORT ?? "5000"
const registry = `http://127.0.0.1:${port}`
const given = [
  `--scan-database=registry:${port}/aquasecurity/trivy-db:2`,
  `--scan-database-service=tcp://127.0.0.1:${port}`,
]
const tags = await fetch(`${registry}/v2/aquasecurity/trivy-db/tags/list`).then(({ status }) => status)

/** trivy.db of the archive that is the database's one layer. */
const contentOf = (layer: Buffer) => execFileSync("tar", ["-xzO", "trivy.db"], { input: layer, maxBuffer: 1e9 })

function archiveOf(content: Buffer): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "database-"))
  writeFileSync(join(folder, "trivy.db"), content)
  const [now, later] = [new Date(), new Date(Date.now() + 86_400_000)]
  const metadata = { Version: 2, UpdatedAt: now, NextUpdate: later, DownloadedAt: now }
  writeFileSync(join(folder, "metadata.json"), JSON.stringify(metadata))
  const archive = execFileSync("tar", ["-czC", folder, "trivy.db", "metadata.json"])
  rmSync(folder, { recursive: true })
  return archive
}

/** A registry with the kit's database, damaged; intact by its digest. */
async function databaseWith(damage: (layer: Buffer) => Buffer) {
  const name = "aquasecurity/trivy-db"
  const accept = "application/vnd.oci.image.manifest.v1+json"
  const manifest = (await (await fetch(`${registry}/v2/${name}/manifests/2`, { headers: { accept } })).json()) as {
    layers: { digest: string; size: number }[]
  }
  const [layer] = manifest.layers
  if (!layer) throw new Error("the kit's database has no layer")
  const blob = async (digest: string) =>
    Buffer.from(await (await fetch(`${registry}/v2/${name}/blobs/${digest}`)).arrayBuffer())
  const damaged = damage(await blob(layer.digest))
  layer.digest = `sha256:${createHash("sha256").update(damaged).digest("hex")}`
  layer.size = damaged.length
  const server = await standIn(
    async ({ path }) => {
      const reference = path.split("/").at(-1) ?? ""
      if (path.includes("/manifests/")) return { headers: { "content-type": accept }, body: JSON.stringify(manifest) }
      if (path.includes("/blobs/")) return { body: reference === layer.digest ? damaged : await blob(reference) }
      return {}
    },
    { address: "127.0.0.1" },
  )
  const served = new URL(server.url).port
  return {
    flags: [`--scan-database=registry:${served}/${name}:2`, `--scan-database-service=tcp://127.0.0.1:${served}`],
    [Symbol.asyncDispose]: () => server.close(),
  }
}

describe.skipIf(tags !== 200)("a scan", () => {
  it("passes the product's own image", async () => {
    const own = await call(words("backend scan", given))
    expect(own, own.error).toMatchObject({ code: 0 })
    expect(own.stdout).toContain("Nothing stops the image.")
  })

  it("stops an image whose base has a vulnerable package, and keeps its reports", async () => {
    using service = project({ backend: "backend/tests" })
    const base = ["FROM python:3.13-slim AS base", "RUN pip install --no-deps python-multipart==0.0.6"]
    const lines = [...base, "FROM base", 'RUN echo "the service itself" >/service']
    service.write("backend/Dockerfile", `${lines.join("\n")}\n`)

    const found = await service.call(words("backend scan", given))
    expect(found.code).not.toBe(0)
    expect(found.error).toMatch(
      /The image is vulnerable\.[\s\S]*HIGH +CVE-2024-53981 +python-multipart +0\.0\.6 +0\.0\.18/,
    )

    const reports = join(service.path, "reports")
    await service.call(words("backend scan-reports", [...given, `--output=${reports}`]))
    const read = (name: string) => JSON.parse(readFileSync(join(reports, name), "utf8"))
    expect(read("scan.json").verdict).toBe("vulnerable")
    expect(read("trivy.sarif").version).toBe("2.1.0")
    expect(read("sbom.cdx.json").bomFormat).toBe("CycloneDX")
    expect(read("sbom.spdx.json").spdxVersion).toMatch(/^SPDX-/)
  })

  it.each([
    ["cut off in its archive", (layer: Buffer) => layer.subarray(0, layer.length / 2)],
    ["cut off itself", (layer: Buffer) => archiveOf(contentOf(layer).subarray(0, 6000))],
    ["empty", () => archiveOf(Buffer.alloc(0))],
  ])("is an outage, and no verdict on the image, when the database is %s", async (_, damage) => {
    await using database = await databaseWith(damage)

    const { code, error } = await call(words("backend scan", database.flags))

    expect(code).toBe(1)
    expect(error).toContain("The image could not be scanned: whether it is vulnerable is unknown.")
    expect(error).toMatch(/\n {2}why: \S/)
  })

  it("distinguishes the three verdicts in its report, which it always writes", async () => {
    await using database = await databaseWith(() => archiveOf(Buffer.alloc(0)))
    using vulnerable = project({ backend: "backend/tests" })
    vulnerable.write("backend/Dockerfile", "FROM python:3.13-slim\nRUN pip install --no-deps python-multipart==0.0.6\n")
    const verdict = async (name: string, flags: string[], from: (args: string[]) => Promise<Called> = call) => {
      const reports = join(vulnerable.path, name)
      const { code, error } = await from(words("backend scan-reports", [...flags, `--output=${reports}`]))
      expect(code, error).toBe(0)
      return JSON.parse(readFileSync(join(reports, "scan.json"), "utf8")).verdict
    }

    expect(await verdict("clean", given)).toBe("clean")
    expect(await verdict("vulnerable", given, vulnerable.call)).toBe("vulnerable")
    expect(await verdict("outage", database.flags)).toBe("scanner-unavailable")
  })

  it("passes what the live image has too where the settings say so, and nothing when that one can't be scanned", async () => {
    const folder = mkdtempSync(join(tmpdir(), "live-"))
    const git = (...args: string[]) =>
      execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", ...args], { cwd: folder })
    execFileSync("git", ["clone", "--quiet", repository, folder])
    const lines = ["FROM python:3.13-slim", "RUN pip install --no-deps python-multipart==0.0.6"]
    writeFileSync(join(folder, "backend/Dockerfile"), `${lines.join("\n")}\n`)
    using settings = settingsFile((all) => ({
      ...all,
      image: { ...(all.image as object), repository: `registry:${port}/test-${crypto.randomUUID()}/live` },
      scan: { onlyNew: true },
    }))
    git("commit", "--quiet", "--all", "--message", "a vulnerable package")
    const service = `--registry-service=tcp://127.0.0.1:${port}`
    const scan = (...more: string[]) =>
      call(words("backend scan", [`--settings=${settings.path}`, ...given, service, ...more]), { cwd: folder })

    const first = await scan()
    expect(first.error).toMatch(
      /CVE-2024-53981[\s\S]*no image is live for linux\/amd64 that this one could be compared with/,
    )

    const live = await call(
      words("backend publish", [`--settings=${settings.path}`, service, "--unscanned=to be the live one"]),
      { cwd: folder },
    )
    expect(live, live.error).toMatchObject({ code: 0 })
    const name = live.stdout.trim().split("\n").at(-1) ?? ""
    const known = "Nothing stops the image.\nin the live image as well: CVE-2024-24762, CVE-2024-53981"
    expect((await scan(`--live-image=${name}`)).stdout).toContain(known)
    expect((await scan()).stdout).toContain(known)

    const lost = await scan(`--live-image=${name.replace(/[0-9a-f]{64}$/, "0".repeat(64))}`)
    expect(lost.code).toBe(1)
    expect(lost.error).toContain("The image could not be scanned: whether it is vulnerable is unknown.")
    rmSync(folder, { recursive: true })
  })
})
