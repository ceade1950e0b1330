import { type Directory, dag, type Secret } from "@dagger.io/dagger"
import { wallClock } from "../clock.js"
import { imageNamed, isPinned } from "../deployment/release.js"
import { noImageLive } from "../image/errors.js"
import { scanText } from "../image/vulnerability-gate.js"
import { backendOf, environmentOf } from "../settings/settings.js"
import { printed } from "../text/wording.js"
import { backendTarget } from "../wiring/targets.js"
import { imageLayout } from "./image-layout.js"
import { namedOrLatest } from "./live-image.js"
import { contextOf, type Project, registryAccess, scanDatabaseOf, settingsOf } from "./project.js"
import { cleanOrThrow, type PlatformScan, sizesOf, sizesOrThrow } from "./publication.js"
import { pull, spacePlatform } from "./registry.js"
import { hubTokenOf } from "./secrets.js"
import { imagesOnDisk } from "./service.js"
import { type Scanned, sbom, scan } from "./trivy.js"

/** What the image weighs, against its budget. @throws PipelineError when it is over. */
export async function serviceSize(project: Project): Promise<string> {
  const { settings, images } = await imagesOnDisk(project)
  const { imageBudgetMegabytes } = backendOf(settings)
  const { platforms } = await imageLayout(images, "")
  return printed(sizesOrThrow(await sizesOf(platforms, imageBudgetMegabytes)).join("\n"))
}

/** Which image is scanned, and against which. */
export interface ScanCall {
  /** As `registry/name@sha256:…`; "" for the registry's `latest`. */
  liveImage: string
  /** Scans what this environment serves; "" for the image of the caller's disk. */
  environment: string
  huggingFaceToken: Secret | undefined
}

type Found = PlatformScan & Scanned

async function scanned(project: Project, { liveImage, environment, huggingFaceToken }: ScanCall): Promise<Found[]> {
  if (environment) return scannedLive(project, environment, huggingFaceToken)
  const { settings, images } = await imagesOnDisk(project)
  const live = namedOrLatest(settings, liveImage, registryAccess(project, settings), wallClock)
  const scans = images.map(async ({ platform, image }) => ({
    platform,
    ...(await scan(image, settings.scan, scanDatabaseOf(project), wallClock, platform, live)),
  }))
  return Promise.all(scans)
}

/** Scans the image that an environment's Space says it serves; nothing excuses what is found in it. */
async function scannedLive(project: Project, environment: string, token: Secret | undefined): Promise<Found[]> {
  const settings = await settingsOf(project)
  const target = backendTarget({
    ...contextOf(project, settings, environment),
    token: await hubTokenOf(token, settings, environmentOf(settings, environment)),
  })
  const { id = "" } = (await target.host.live()) ?? {}
  if (!isPinned(id)) throw noImageLive(environment)
  const image = pull(imageNamed(id), registryAccess(project, settings), spacePlatform)
  const policy = { ...settings.scan, onlyNew: false }
  const found = await scan(image, policy, scanDatabaseOf(project), wallClock, spacePlatform, async () => undefined)
  return [{ platform: "", ...found }]
}

/** The text of a clean scan. @throws PipelineError for a finding, and with other words for an outage. */
export const scannedClean = async (project: Project, call: ScanCall): Promise<string> =>
  printed(cleanOrThrow(await scanned(project, call)))

/** Every report of the scan, whatever it found. */
export async function scanReports(project: Project, call: ScanCall): Promise<Directory> {
  const scans = await scanned(project, call)
  return inFolders(
    scans.map(({ platform, scan: found, files }) => ({
      platform,
      files: files
        .withNewFile("scan.txt", `${scanText(found)}\n`)
        .withNewFile("scan.json", `${JSON.stringify(found, null, 2)}\n`),
    })),
  )
}

/** What the image is made of. */
export async function serviceSbom(project: Project): Promise<Directory> {
  const { settings, images } = await imagesOnDisk(project)
  const lists = images.map(async ({ platform, image }) => ({ platform, files: await sbom(image, settings.scan) }))
  return inFolders(await Promise.all(lists))
}

/** The files of the first platform, and those of each other one in a folder, such as linux-arm64. */
const inFolders = (all: { platform: string; files: Directory }[]): Directory =>
  all.reduce(
    (whole, { platform, files }, at) => whole.withDirectory(at === 0 ? "/" : platform.replaceAll("/", "-"), files),
    dag.directory(),
  )
