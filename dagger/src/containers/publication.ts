import { createPublicKey, type KeyObject } from "node:crypto"
import type { Directory, Secret } from "@dagger.io/dagger"
import { wallClock } from "../clock.js"
import { imageVulnerable, overBudget, scannerUnavailable, signingKeyForeign, signingKeyMissing } from "../errors.js"
import { imageSizeText } from "../image/image-budget.js"
import { signingKey as signingKeyFrom, verifyingKey } from "../image/image-signature.js"
import { provenance } from "../image/provenance.js"
import { type Scan, ScanVerdict, scanText } from "../image/vulnerability-gate.js"
import type { Attachment } from "../providers/registry/image-registry.js"
import type { Published } from "../providers/registry/publication.js"
import { backendOf, imageOf } from "../settings/settings.js"
import type { Settings } from "../settings/settings-types.js"
import { sanitized, shortened } from "../text/untrusted.js"
import { buildImage } from "./builds.js"
import { type ImageLayout, imageSize } from "./image-layout.js"
import { published, type RegistryAccess, verified } from "./registry.js"
import { plaintext } from "./secrets.js"
import type { Commit } from "./sources.js"
import { type DatabaseAccess, type LiveImage, scan } from "./trivy.js"
/** The text of a clean scan. A finding and a failed scanner throw different errors. */
export function cleanOrThrow(found: Scan): string {
  if (found.verdict === ScanVerdict.Vulnerable) throw imageVulnerable(scanText(found))
  if (found.verdict === ScanVerdict.ScannerUnavailable) throw scannerUnavailable(found.reason)
  return scanText(found)
}

/** The documents attached to an image, by the media types that tools look for. */
const documents = (files: Directory): Promise<Attachment[]> =>
  Promise.all(
    Object.entries({
      "sbom.cdx.json": "application/vnd.cyclonedx+json",
      "sbom.spdx.json": "application/spdx+json",
      "trivy.sarif": "application/sarif+json",
    }).map(async ([name, artifactType]) => ({ name, artifactType, content: await files.file(name).contents() })),
  )

/** How an image is checked and signed before it is pushed. */
export interface Publication {
  /** The reason to skip the scan; "" scans it. */
  unscanned: string
  scanDatabase: DatabaseAccess
  live: LiveImage
  /** Signs the image; needed where the settings have a public key. */
  signingKey?: Secret | undefined
  builder: string
  run: string
}

/** The signing key. Throws before anything is pushed when nobody could verify its signatures. */
async function keyOf(signingKey: Secret | undefined, publicKey: string): Promise<KeyObject | undefined> {
  const pem = signingKey && (await plaintext(signingKey, "signing-key"))
  if (!pem) {
    if (publicKey) throw signingKeyMissing()
    return undefined
  }
  const key = signingKeyFrom(pem)
  if (publicKey && !createPublicKey(key).equals(verifyingKey(publicKey))) throw signingKeyForeign()
  return key
}

/** Builds the image of a commit, checks it, and pushes it unless the registry has it. */
export async function publishImage(
  settings: Settings,
  { commit, created, sources }: Commit,
  access: RegistryAccess,
  publication: Publication,
): Promise<Published> {
  const [{ repository, publicKey }, { imageBudgetMegabytes }] = [imageOf(settings), backendOf(settings)]
  const { source } = settings.project
  const key = await keyOf(publication.signingKey, publicKey)
  const startedAt = wallClock.now()
  const judged: string[] = []
  const gate = async (built: ImageLayout) => {
    const size = await imageSize(built, imageBudgetMegabytes)
    if (!size.passed) throw overBudget(imageSizeText(size))
    judged.push(imageSizeText(size).split("\n", 1)[0] ?? "")
    if (publication.unscanned.trim()) {
      judged.push(`NOT SCANNED: ${shortened(sanitized(publication.unscanned), 200)}`)
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
  const build = () => buildImage(sources, commit, settings, created)
  const { image, lines } = await published(
    { commit, created },
    { repository, source, access, clock: wallClock, build, gate, key, provenance: origin },
  )
  // Returns what the registry has now, whoever pushed it.
  await verified({ ...image, publicKey, source, commit, builder: "" }, access, wallClock)
  return { image, lines: [...judged, ...lines] }
}
