import type { Directory, GitRef, Service } from "@dagger.io/dagger"
import { wallClock } from "../clock.js"
import { imageVulnerable, overBudget, scannerSilent } from "../errors.js"
import { imageSizeText } from "../image-budget.js"
import { provenance } from "../provenance.js"
import type { Attachment } from "../providers/image-registry.js"
import type { Settings } from "../settings.js"
import { plain, shortened } from "../untrusted.js"
import { type Scan, ScanVerdict, scanText } from "../vulnerability-gate.js"
import { buildImage, commitOf } from "./builds.js"
import { commitDate } from "./git.js"
import { type ImageLayout, imageSize } from "./image-layout.js"
import { type Published, published, type RegistryAccess } from "./registry.js"
import { type LiveImage, scan } from "./trivy.js"
/** The text of a clean scan; a finding and an outage end the call in different words. */
export function cleanOrThrow(found: Scan): string {
  if (found.verdict === ScanVerdict.Vulnerable) throw imageVulnerable(scanText(found))
  if (found.verdict === ScanVerdict.ScannerUnavailable) throw scannerSilent(found.reason)
  return scanText(found)
}

/** What is kept beside an image, by the media types that tools look for. */
const documents = (files: Directory): Promise<Attachment[]> =>
  Promise.all(
    Object.entries({
      "sbom.cdx.json": "application/vnd.cyclonedx+json",
      "sbom.spdx.json": "application/spdx+json",
      "trivy.sarif": "application/sarif+json",
    }).map(async ([name, artifactType]) => ({ name, artifactType, content: await files.file(name).contents() })),
  )

/** How an image is judged and signed for on its way to the registry. */
export interface Publication {
  /** Why it goes there without a scan; "" scans it. */
  unscanned: string
  scanDatabase: { repository: string; service: Service | undefined }
  live: LiveImage
  builder: string
  run: string
}

/** Builds the image of a commit, judges it, and pushes it unless it is there already. */
export async function publishImage(
  settings: Settings,
  head: GitRef,
  access: RegistryAccess,
  publication: Publication,
): Promise<Published> {
  const [commit, created] = await Promise.all([commitOf(head, ""), commitDate(head)])
  const { repository, source } = settings.image
  const startedAt = wallClock.now()
  const judged: string[] = []
  const gate = async (built: ImageLayout) => {
    const size = await imageSize(built, settings.backend.imageBudgetMegabytes)
    if (!size.passed) throw overBudget(imageSizeText(size))
    judged.push(imageSizeText(size).split("\n", 1)[0] ?? "")
    if (publication.unscanned.trim()) {
      judged.push(`NOT SCANNED: ${shortened(plain(publication.unscanned), 200)}`)
      return []
    }
    const { scan: found, files } = await scan(
      built.files,
      settings.scan,
      publication.scanDatabase,
      wallClock,
      publication.live,
    )
    judged.push(cleanOrThrow(found))
    return documents(files)
  }
  const origin = (digest: string) =>
    provenance({
      repository,
      digest,
      commit,
      source,
      builder: publication.builder || source,
      run: publication.run,
      parameters: {},
      startedAt,
      finishedAt: wallClock.now(),
    })
  const build = () => buildImage(head.tree().directory(settings.backend.source), commit, settings, created)
  const { image, lines } = await published(
    { commit, created },
    { repository, source, access, clock: wallClock, build, gate, provenance: origin },
  )
  return { image, lines: [...judged, ...lines] }
}
