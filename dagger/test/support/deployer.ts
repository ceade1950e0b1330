import { deploy, Half } from "../../src/deployment.js"
import type { Journal } from "../../src/journal.js"
import { imageRelease, siteRelease } from "./app.js"
import { fastClock } from "./fast-clock.js"
import { placesIn } from "./places.js"
import { backend, frontend } from "./targets.js"

/** One deployment in a process of its own; `killAt` is the journal point at which it kills itself, "" for none. */
export interface Errand {
  half: Half
  /** Address of the provider's stand-in. */
  provider: string
  letter: string
  folder: string
  killAt: string
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
const kept = placesIn(errand.folder, clock)
const { verdict } =
  errand.half === Half.Backend
    ? await deploy(imageRelease(errand.letter), { ...backend({ url: errand.provider }, common), ...kept })
    : await deploy(siteRelease(errand.letter, { body: `<b>${errand.letter}</b>` }), {
        ...frontend({ url: errand.provider }, common),
        ...kept,
      })
process.stdout.write(`verdict: ${verdict}\n`)
