import type { Clock } from "../clock.js"
import type { Live } from "../deployment/host.js"
import { imageNamed, isPinned } from "../deployment/release.js"
import { comparisonOff, notADigest } from "../errors.js"
import { backendOf, imageOf } from "../settings/settings.js"
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
    return async () => pull(imageNamed(name), access)
  }
  return async () => {
    const { repository } = imageOf(settings)
    const latest = await (await registryOf(repository, access, clock)).manifest("latest")
    return latest && pull({ repository, digest: latest.digest }, access, backendOf(settings).platforms[0])
  }
}

/** The image that a host says is live. */
export const liveAt =
  (live: () => Promise<Live | undefined>, access: RegistryAccess): LiveImage =>
  async () => {
    const { id = "" } = (await live()) ?? {}
    // An image of another origin excuses nothing.
    return isPinned(id) ? pull(imageNamed(id), access) : undefined
  }
