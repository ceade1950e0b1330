import { type Container, type Directory, dag, type File, type Service } from "@dagger.io/dagger"
import type { Origin, SlowStep } from "../cache/slow-step.js"
import type { Clock } from "../clock.js"
import { PipelineError } from "../errors.js"
import { sbomFailed } from "../image/errors.js"
import { downloadedAt, scannedAt } from "../image/scan-times.js"
import { type Scan, ScanVerdict, scannerUnavailable, vulnerabilityGate } from "../image/vulnerability-gate.js"
import type { ScanSettings } from "../settings/settings-types.js"
import { tail } from "../text/untrusted.js"
import { originNow, type Ran, ran } from "./exec.js"
import { span } from "./span.js"

/** The source of Trivy's database. */
export interface DatabaseAccess {
  /** registry/name:2; empty for that of the settings. */
  repository: string
  /** Serves the repository's host instead of the network, without TLS. */
  service?: Service | undefined
}

/** The image that visitors get now on a platform, read only when something stops the new one; `undefined` for none. */
export type LiveImage = (platform: string) => Promise<Container | undefined>

/** A verdict with its reports. */
export interface Scanned {
  scan: Scan
  /** trivy.json, trivy.sarif, sbom.cdx.json and sbom.spdx.json; empty when the scanner was unavailable. */
  files: Directory
  /** The slow steps; none of a scanner that was unavailable. */
  steps: SlowStep[]
}

const trivy = ({ trivyVersion }: ScanSettings): Container => dag.container().from(`aquasec/trivy:${trivyVersion}`)

const report = "/reports/trivy.json"

/** Scans everything with all severities; the gate filters. Offline. */
const look = [
  ...["trivy", "image", "--input", "/image", "--scanners", "vuln", "--list-all-pkgs", "--skip-db-update"],
  ...["--offline-scan", "--skip-version-check", "--quiet", "--format", "json", "--output"],
]

/**
 * Scans an image with Trivy and judges the findings, compared with the live image where the settings say so.
 * Does not throw when the scanner, its image or its database fails: that is a verdict too. Fetches the database once a day.
 */
export async function scan(
  image: Container | Directory,
  settings: ScanSettings,
  access: DatabaseAccess,
  clock: Clock,
  platform: string,
  live: LiveImage,
): Promise<Scanned> {
  try {
    const policy = {
      severities: settings.severities,
      unfixableToo: false,
      ignores: settings.ignores,
      now: clock.now(),
    }
    const ready = await span("fetch the database of vulnerabilities", () => withDatabase(settings, access, policy.now))
    if (!ready.container) return unavailable(ready.why)
    const { container, text, why } = await span("scan the image", () => diagnosed(image, ready.container))
    if (why) return unavailable(why)
    const steps = [stepOf("the scanner's database", ready.origin), stepOf("the scan", originNow(scannedAt(text)))]
    let scan = vulnerabilityGate(text, policy)
    // Without findings that stop the image, no comparison is needed.
    if (settings.onlyNew && scan.verdict === ScanVerdict.Vulnerable) {
      const before = await live(platform)
      if (before) {
        const known = await span("scan the live image", () => diagnosed(before, ready.container))
        if (known.why) return unavailable(`of the live image, ${known.why}`)
        steps.push(stepOf("the scan of the live image", originNow(scannedAt(known.text))))
        scan = vulnerabilityGate(text, policy, known.text)
      } else scan.remarks.push(`no image is live for ${platform} that this one could be compared with`)
    }
    if (scan.verdict === ScanVerdict.ScannerUnavailable) return unavailable(scan.reason)
    return {
      scan,
      files: materials(converted(container, "cyclonedx"), converted(container, "spdx-json"))
        .withFile("trivy.json", container.file(report))
        .withFile("trivy.sarif", converted(container, "sarif")),
      steps,
    }
  } catch (failure) {
    if (failure instanceof PipelineError) throw failure
    // The engine could not start it: its image or the network is missing.
    return unavailable(tail((failure as Error).message, 3).join(" "))
  }
}

/** The scanner's reports of an image; `why` is empty when it worked. */
async function diagnosed(
  image: Container | Directory,
  scanner: Container,
): Promise<{ container: Container; text: string; why: string }> {
  const found = await ran(facing(image, scanner), [...look, report])
  return found.code === 0
    ? { container: found.container, text: await found.container.file(report).contents(), why: "" }
    : { container: found.container, text: "", why: `the scan ended with exit code ${found.code}: ${lastOf(found)}` }
}

/** The SBOM of the image, as CycloneDX and SPDX. Needs no database. */
export async function sbom(image: Container, settings: ScanSettings): Promise<Directory> {
  const ready = facing(image, trivy(settings))
  const args = ["trivy", "image", "--input", "/image", "--offline-scan", "--skip-version-check", "--quiet"]
  const listed = async (format: string) => {
    const list = await ran(ready, [...args, "--format", format, "--output", report])
    if (list.code !== 0) throw sbomFailed(list.stderr)
    return list.container.file(report)
  }
  const [cyclonedx, spdx] = await Promise.all(["cyclonedx", "spdx-json"].map(listed))
  return materials(cyclonedx as File, spdx as File)
}

type Ready = { container: Container; origin: Origin; why: "" } | { container: undefined; why: string }

const stepOf = (name: string, origin: Origin): SlowStep => ({ component: "backend", name, origin })

async function withDatabase(settings: ScanSettings, access: DatabaseAccess, now: Date): Promise<Ready> {
  const repository = access.repository || settings.database
  const host = repository.split(/[:/]/, 1)[0] ?? ""
  const bare = trivy(settings).withEnvVariable("TRIVY_CACHE_DIR", "/trivy")
  const near = access.service ? bare.withServiceBinding(host, access.service) : bare
  const insecure = access.service ? ["--insecure"] : []
  // The date changes the step, so each day fetches a new database.
  const today = near.withEnvVariable("DATABASE_OF", now.toISOString().slice(0, 10))
  const args = ["trivy", "image", "--download-db-only", "--db-repository", repository, "--quiet", ...insecure]
  const fetched = await ran(today, args)
  if (fetched.code === 0) return fetchedIn(fetched.container)
  // A failure must not be cached for the day.
  const again = await ran(today.withEnvVariable("ATTEMPT", crypto.randomUUID()), args)
  if (again.code === 0) return fetchedIn(again.container)
  return { container: undefined, why: `its database could not be fetched from ${repository}: ${lastOf(again)}` }
}

/** Its image may have no shell: the time of both steps is what Trivy itself writes. */
const fetchedIn = async (container: Container): Promise<Ready> => {
  const metadata = await container
    .file("/trivy/db/metadata.json")
    .contents()
    .catch(() => "")
  return { container, origin: originNow(downloadedAt(metadata)), why: "" }
}

/** The image as a container, or as an OCI image layout. */
const facing = (image: Container | Directory, scanner: Container): Container =>
  ("asTarball" in image
    ? scanner.withFile("/image", image.asTarball())
    : scanner.withDirectory("/image", image)
  ).withDirectory("/reports", dag.directory())

const materials = (cyclonedx: File, spdx: File): Directory =>
  dag.directory().withFile("sbom.cdx.json", cyclonedx).withFile("sbom.spdx.json", spdx)

const converted = (container: Container, format: string): File =>
  container
    .withExec(["trivy", "convert", "--format", format, "--output", "/reports/converted", "--quiet", report])
    .file("/reports/converted")

const unavailable = (why: string): Scanned => ({ scan: scannerUnavailable(why), files: dag.directory(), steps: [] })

const lastOf = ({ stderr, stdout }: Pick<Ran, "stderr" | "stdout">) => tail(stderr || stdout, 3).join(" ")
