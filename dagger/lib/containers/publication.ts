import { createPublicKey, type KeyObject } from "node:crypto"
import type { Directory, Secret } from "@dagger.io/dagger"
import type { SlowStep } from "../cache/slow-step.js"
import { wallClock } from "../clock.js"
import { imageVulnerable, overBudget, scannerUnavailable } from "../image/errors.js"
import { type ImageSize, imageSizeText } from "../image/image-budget.js"
import { signingKey as signingKeyFrom, verifyingKey } from "../image/image-signature.js"
import type { Kind } from "../image/kind.js"
import { provenance } from "../image/provenance.js"
import { signingKeyForeign, signingKeyMissing } from "../image/signature-errors.js"
import { type Scan, ScanVerdict, scanText } from "../image/vulnerability-gate.js"
import type { Attachment } from "../providers/registry/image-registry.js"
import type { Published } from "../providers/registry/publication.js"
import { backendOf, imageOf } from "../settings/settings.js"
import type { Settings } from "../settings/settings-types.js"
import { sanitized, shortened } from "../text/untrusted.js"
import { buildImages } from "./builds.js"
import { type ImageLayout, imageSize } from "./image-layout.js"
import { published, type RegistryAccess, verified } from "./registry.js"
import { plaintext } from "./secrets.js"
import type { Commit } from "./sources.js"
import { type DatabaseAccess, type LiveImage, scan } from "./trivy.js"

/** What was found of the image of a platform. */
export interface PlatformScan {
  platform: string
  scan: Scan
}

/** The text of clean scans. A finding and a failed scanner throw different errors. */
export function cleanOrThrow(scans: PlatformScan[]): string {
  const text = byPlatform(scans.map(({ platform, scan }) => [platform, scanText(scan)])).join("\n")
  if (scans.some(({ scan }) => scan.verdict === ScanVerdict.Vulnerable)) throw imageVulnerable(text)
  const failed = scans.filter(({ scan }) => scan.verdict === ScanVerdict.ScannerUnavailable)
  if (failed.length > 0) {
    const reasons = failed.map(({ platform, scan }): [string, string] => [platform, scan.reason])
    throw scannerUnavailable(byPlatform(reasons, scans.length > 1).join("; "))
  }
  return text
}

/** What each platform's image weighs, against the budget of each. */
export const sizesOf = (platforms: ImageLayout["platforms"], budgetMegabytes: number) =>
  Promise.all(platforms.map(async (it) => ({ platform: it.platform, size: await imageSize(it, budgetMegabytes) })))

/** The texts of the sizes. @throws PipelineError when one is over the budget. */
export function sizesOrThrow(sizes: { platform: string; size: ImageSize }[]): string[] {
  const texts = byPlatform(sizes.map(({ platform, size }) => [platform, imageSizeText(size)]))
  if (sizes.some(({ size }) => !size.passed)) throw overBudget(texts.join("\n"))
  return texts
}

/** Texts, each with its platform before it where there are several. */
const byPlatform = (texts: [platform: string, text: string][], several = texts.length > 1): string[] =>
  texts.map(([platform, text]) => (several ? `${platform}: ${text}` : text))

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
export async function keyOf(
  signingKey: Secret | undefined,
  publicKey: string,
  kind: Kind,
): Promise<KeyObject | undefined> {
  const pem = signingKey && (await plaintext(signingKey, "signing-key"))
  if (!pem) {
    if (publicKey) throw signingKeyMissing(kind)
    return undefined
  }
  const key = signingKeyFrom(pem)
  if (publicKey && !createPublicKey(key).equals(verifyingKey(publicKey))) throw signingKeyForeign(kind)
  return key
}

/** Builds the image of a commit, checks it, and pushes it unless the registry has it. */
export async function publishImage(
  settings: Settings,
  { commit, created, sources }: Commit,
  access: RegistryAccess,
  publication: Publication,
): Promise<Published & { steps: SlowStep[] }> {
  const [{ repository, publicKey }, { imageBudgetMegabytes, platforms }] = [imageOf(settings), backendOf(settings)]
  const { source } = settings.project
  const key = await keyOf(publication.signingKey, publicKey, "image")
  const startedAt = wallClock.now()
  const judged: string[] = []
  const steps: SlowStep[] = []
  const gate = async ({ platforms: built }: ImageLayout) => {
    judged.push(...sizesOrThrow(await sizesOf(built, imageBudgetMegabytes)).map((text) => text.split("\n", 1)[0] ?? ""))
    if (publication.unscanned.trim()) {
      judged.push(`NOT SCANNED: ${shortened(sanitized(publication.unscanned), 200)}`)
      return []
    }
    const scans = await Promise.all(
      built.map(async ({ platform, files }) => ({
        platform,
        ...(await scan(files, settings.scan, publication.scanDatabase, wallClock, platform, publication.live)),
      })),
    )
    steps.push(...scans.flatMap((it) => it.steps))
    judged.push(cleanOrThrow(scans))
    const all = scans.map(async ({ platform, files }) =>
      (await documents(files)).map((document) => ({ ...document, platform })),
    )
    return (await Promise.all(all)).flat()
  }
  const origin = (digest: string) =>
    provenance({
      kind: "image",
      repository,
      digest,
      commit,
      source,
      builder: publication.builder || source,
      run: publication.run,
      parameters: { platforms: platforms.join(",") },
      startedAt,
      finishedAt: wallClock.now(),
    })
  const build = () => buildImages(sources, commit, settings, created)
  const { image, lines } = await published(
    { commit, created },
    { kind: "image", repository, source, access, clock: wallClock, platforms, build, gate, key, provenance: origin },
  )
  // Returns what the registry has now, whoever pushed it.
  await verified({ kind: "image", ...image, publicKey, source, commit, builder: "" }, access, wallClock)
  return { image, lines: [...judged, ...lines], steps }
}
