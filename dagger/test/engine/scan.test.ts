import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { call, repository, settingsFile } from "./dagger.js"

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

  it("lets pass what the live image has too where the settings say so, and nothing when that one can't be scanned", async () => {
    const folder = mkdtempSync(join(tmpdir(), "live-"))
    const git = (...args: string[]) =>
      execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.org", ...args], { cwd: folder })
    execFileSync("git", ["clone", "--quiet", repository, folder])
    const lines = ["FROM python:3.13-slim", "RUN pip install --no-deps python-multipart==0.0.6"]
    writeFileSync(join(folder, "backend/Dockerfile"), `${lines.join("\n")}\n`)
    using settings = settingsFile((all) => ({
      ...all,
      image: { ...(all.image as object), repository: `registry:${port}/test-${process.pid}/live` },
      scan: { onlyNew: true },
    }))
    git("commit", "--quiet", "--all", "--message", "a vulnerable package")
    const service = `--registry-service=tcp://127.0.0.1:${port}`
    const scan = (...more: string[]) =>
      call([`--settings=${settings.path}`, "scan", ...given, service, ...more], { cwd: folder })

    const first = await scan()
    expect(first.error).toMatch(/CVE-2024-53981[\s\S]*no image is live that this one could be compared with/)

    const live = await call([`--settings=${settings.path}`, "publish", service, "--unscanned=to be the live one"], {
      cwd: folder,
    })
    expect(live, live.error).toMatchObject({ code: 0 })
    const name = live.stdout.trim().split("\n").at(-1) ?? ""
    const known = "Nothing stops the image.\nin the live image as well: CVE-2024-24762, CVE-2024-53981"
    expect((await scan(`--live-image=${name}`)).stdout).toContain(known)
    expect((await scan()).stdout).toContain(known)

    const lost = await scan(`--live-image=${name.replace(/[0-9a-f]{64}$/, "0".repeat(64))}`)
    expect(lost.code).toBe(1)
    expect(lost.error).toContain("The image could not be scanned: this says nothing about whether it is vulnerable.")
    rmSync(folder, { recursive: true })
  })
})
