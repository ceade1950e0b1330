import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { call } from "./dagger.js"

// `.ci/engine/engine image trivy` makes the scanner and a small database of real advisories.
const port = process.env.DAGGER_ENGINE_REGISTRY_PORT ?? "5000"
const registry = `http://127.0.0.1:${port}`
const given = [
  `--scan-database=registry:${port}/aquasecurity/trivy-db:2`,
  `--scan-database-service=tcp://127.0.0.1:${port}`,
]
const tags = await fetch(`${registry}/v2/aquasecurity/trivy-db/tags/list`).then(({ status }) => status)

describe.skipIf(tags !== 200)("a scan", () => {
  it("passes the product's own image", async () => {
    const own = await call(["scan", ...given])
    expect(own, own.error).toMatchObject({ code: 0 })
    expect(own.stdout).toContain("Nothing stops the image.")
  })

  it("stops an image with a package that is known to be vulnerable, and leaves its reports", async () => {
    const folder = mkdtempSync(join(tmpdir(), "vulnerable-"))
    const lines = ["FROM python:3.13-slim", "RUN pip install --no-deps python-multipart==0.0.6"]
    writeFileSync(join(folder, "Dockerfile"), `${lines.join("\n")}\n`)

    const found = await call(["scan", `--backend=${folder}`, ...given])
    expect(found.code).not.toBe(0)
    expect(found.error).toMatch(
      /The image is vulnerable\.[\s\S]*HIGH +CVE-2024-53981 +python-multipart +0\.0\.6 +0\.0\.18/,
    )

    const reports = join(folder, "reports")
    await call(["scan-reports", `--backend=${folder}`, ...given, `--output=${reports}`])
    const read = (name: string) => JSON.parse(readFileSync(join(reports, name), "utf8"))
    expect(read("scan.json").verdict).toBe("vulnerable")
    expect(read("trivy.sarif").version).toBe("2.1.0")
    expect(read("sbom.cdx.json").bomFormat).toBe("CycloneDX")
    expect(read("sbom.spdx.json").spdxVersion).toMatch(/^SPDX-/)
    rmSync(folder, { recursive: true })
  })
})
