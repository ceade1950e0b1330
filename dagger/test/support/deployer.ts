import { deploy, Half, type Target } from "../../src/deployment.js"
import type { Journal } from "../../src/journal.js"
import { deployProduct } from "../../src/product-release.js"
import type { SwitchBy } from "../../src/providers/netlify.js"
import type { ImageArtifact, SiteArtifact } from "../../src/release.js"
import { rollback } from "../../src/rollback.js"
import { commit, image, imageRelease, site, siteRelease, sourceRelease } from "./app.js"
import { fastClock } from "./fast-clock.js"
import { placesAt, placesIn } from "./places.js"
import { backend, frontend } from "./targets.js"

/**
 * One deployment, or one rollback, in a process of its own; `killAt` is the journal point at which it kills itself, by its name or by
 * its number from 1, "" for none.
 */
export interface Errand {
  /** Reason of a rollback to the last good release; "" for a deployment of `letter`. */
  rollBack: string
  half: Half
  /** Address of the provider's stand-in. */
  provider: string
  /** That of the other half, the frontend's, for a release of both; "" for one half. */
  other: string
  letter: string
  folder: string
  /** Address of a GitHub stand-in that keeps lock and ledger; "" for the folder. */
  github: string
  killAt: string
  switchBy: SwitchBy
  /** Whether the Space builds the files. */
  source: boolean
}

const errand = JSON.parse(process.argv[2] ?? "{}") as Errand

let passed = 0
const point = (name: string) => {
  process.stdout.write(`${name}\n`)
  if (name === errand.killAt || String(++passed) === errand.killAt) process.kill(process.pid, "SIGKILL")
}
const journal: Journal = {
  async step(step, act) {
    point(`before: ${step}`)
    const result = await act()
    point(`after: ${step}`)
    return result
  },
}
const clock = fastClock(new Date().toISOString())
const common = { clock, journal }
const kept = errand.github ? placesAt(errand.github, clock) : placesIn(errand.folder, clock)
const target =
  errand.half === Half.Backend
    ? { ...backend({ url: errand.provider }, { ...common, source: errand.source }), ...kept }
    : { ...frontend({ url: errand.provider }, { ...common, switchBy: errand.switchBy }), ...kept }
const { verdict } = await act()
process.stdout.write(`verdict: ${verdict}\n`)

function act(): Promise<{ verdict: string }> {
  if (errand.other) {
    const { letter } = errand
    const product = {
      backend: target as Target<ImageArtifact>,
      frontend: { ...frontend({ url: errand.other }, common), ...kept },
    }
    return deployProduct({ commit: commit(letter), version: letter, image: image(letter), site: site(letter) }, product)
  }
  if (errand.rollBack) return rollback(target as Target<never>, { to: "", reason: errand.rollBack })
  const release = errand.source ? sourceRelease : imageRelease
  if (errand.half === Half.Backend) return deploy(release(errand.letter), target as Target<ImageArtifact>)
  return deploy(siteRelease(errand.letter, { body: `<b>${errand.letter}</b>` }), target as Target<SiteArtifact>)
}
