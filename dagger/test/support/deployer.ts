import { deploy } from "../../lib/deployment/deployment.js"
import { deployProduct } from "../../lib/deployment/product-release.js"
import type { ImageArtifact, SiteArtifact } from "../../lib/deployment/release.js"
import { rollback } from "../../lib/deployment/rollback.js"
import type { Target } from "../../lib/deployment/target.js"
import type { Tracer } from "../../lib/deployment/tracer.js"
import type { SwitchBy } from "../../lib/providers/netlify/netlify.js"
import { Component } from "../../src/exposed-types.js"
import { commit, image, imageRelease, site, siteRelease, sourceRelease } from "./app.js"
import { fastClock } from "./fast-clock.js"
import { placesAt, placesIn } from "./places.js"
import { backend, frontend } from "./targets.js"

/**
 * One deployment, or one rollback, in a separate process; `killAt` is the step at which it kills itself, by its name or by its
 * number from 1, "" for none.
 */
export interface Operation {
  /** Reason of a rollback to the last good release; "" for a deployment of `letter`. */
  rollBack: string
  component: Component
  /** Address of the provider's stand-in. */
  provider: string
  /** Address of the frontend's stand-in for a release of both components; "" for one component. */
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

const operation = JSON.parse(process.argv[2] ?? "{}") as Operation

let passed = 0
const point = (name: string) => {
  process.stdout.write(`${name}\n`)
  if (name === operation.killAt || String(++passed) === operation.killAt) process.kill(process.pid, "SIGKILL")
}
const tracer: Tracer = {
  async step(step, act) {
    point(`before: ${step}`)
    const result = await act()
    point(`after: ${step}`)
    return result
  },
}
const clock = fastClock(new Date().toISOString())
const common = { clock, tracer }
const kept = operation.github ? placesAt(operation.github, clock) : placesIn(operation.folder, clock)
const target =
  operation.component === Component.Backend
    ? { ...backend({ url: operation.provider }, { ...common, source: operation.source }), ...kept }
    : { ...frontend({ url: operation.provider }, { ...common, switchBy: operation.switchBy }), ...kept }
const { verdict } = await act()
process.stdout.write(`verdict: ${verdict}\n`)

function act(): Promise<{ verdict: string }> {
  if (operation.other) {
    const { letter } = operation
    const product = {
      backend: target as Target<ImageArtifact>,
      frontend: { ...frontend({ url: operation.other }, common), ...kept },
    }
    return deployProduct({ commit: commit(letter), version: letter, image: image(letter), site: site(letter) }, product)
  }
  if (operation.rollBack) return rollback(target as Target<never>, { to: "", reason: operation.rollBack })
  const release = operation.source ? sourceRelease : imageRelease
  if (operation.component === Component.Backend)
    return deploy(release(operation.letter), target as Target<ImageArtifact>)
  return deploy(siteRelease(operation.letter, { body: `<b>${operation.letter}</b>` }), target as Target<SiteArtifact>)
}
