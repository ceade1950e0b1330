import { type Deployment, deploy, Half, type Target } from "../../src/deployment.js"
import type { Journal } from "../../src/journal.js"
import type { SwitchBy } from "../../src/providers/netlify.js"
import type { ImageArtifact, SiteArtifact } from "../../src/release.js"
import { rollback } from "../../src/rollback.js"
import { imageRelease, siteRelease } from "./app.js"
import { fastClock } from "./fast-clock.js"
import { placesAt, placesIn } from "./places.js"
import { backend, frontend } from "./targets.js"

/** One deployment, or one rollback, in a process of its own; `killAt` is the journal point at which it kills itself, "" for none. */
export interface Errand {
  /** Reason of a rollback to the last good release; "" for a deployment of `letter`. */
  rollBack: string
  half: Half
  /** Address of the provider's stand-in. */
  provider: string
  letter: string
  folder: string
  /** Address of a GitHub stand-in that keeps lock and ledger; "" for the folder. */
  github: string
  killAt: string
  switchBy: SwitchBy
}

const errand = JSON.parse(process.argv[2] ?? "{}") as Errand

const point = (name: string) => {
  process.stdout.write(`${name}\n`)
  if (name === errand.killAt) process.kill(process.pid, "SIGKILL")
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
    ? { ...backend({ url: errand.provider }, common), ...kept }
    : { ...frontend({ url: errand.provider }, { ...common, switchBy: errand.switchBy }), ...kept }
const { verdict } = await act()
process.stdout.write(`verdict: ${verdict}\n`)

function act(): Promise<Deployment> {
  if (errand.rollBack) return rollback(target as Target<never>, { to: "", reason: errand.rollBack })
  if (errand.half === Half.Backend) return deploy(imageRelease(errand.letter), target as Target<ImageArtifact>)
  return deploy(siteRelease(errand.letter, { body: `<b>${errand.letter}</b>` }), target as Target<SiteArtifact>)
}
