import type { Clock } from "../clock.js"
import type { Live } from "../deployment/host.js"
import { type ImageArtifact, imageNamed, isPinned } from "../deployment/release.js"
import { comparisonOff, notADigest } from "../image/errors.js"
import { imageOf } from "../settings/settings.js"
import type { Settings } from "../settings/settings-types.js"
import { pull, type RegistryAccess, registryOf } from "./registry.js"
import type { LiveImage } from "./trivy.js"

/**
 * The image that a caller names, or else `latest` of the registry.
 * Throws at once for a name without a digest, and when the comparison is off.
 */
export function namedOrLatest(settings: Settings, name: string, access: RegistryAccess, clock: Clock): LiveImage {
  if (name) {
    if (!settings.scan.onlyNew) throw comparisonOff()
    if (!isPinned(name)) throw notADigest(name)
    return (platform) => ofPlatform(imageNamed(name), access, platform, clock)
  }
  return async (platform) => {
    const { repository } = imageOf(settings)
    const latest = await (await registryOf(repository, access, clock)).manifest("latest")
    return latest && ofPlatform({ repository, digest: latest.digest }, access, platform, clock)
  }
}

/** The image that a host says is live. */
export const liveAt =
  (live: () => Promise<Live | undefined>, access: RegistryAccess, clock: Clock): LiveImage =>
  async (platform) => {
    const { id = "" } = (await live()) ?? {}
    // An image of another origin excuses nothing.
    return isPinned(id) ? ofPlatform(imageNamed(id), access, platform, clock) : undefined
  }

/** An image for one platform; `undefined` when it has none for it: what one platform has excuses nothing in another. */
async function ofPlatform(image: ImageArtifact, access: RegistryAccess, platform: string, clock: Clock) {
  const found = await (await registryOf(image.repository, access, clock)).image(image.digest)
  // One that the registry lost is pulled all the same: that fails, and the scan says so.
  if (!found) return pull(image, access, platform)
  const own = found.platforms.find((it) => it.platform === platform)
  return own && pull({ ...image, digest: own.digest }, access, platform)
}
