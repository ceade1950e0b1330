import { mkdtemp } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { huggingFace } from "../../stand-ins/hugging-face.js"
import { netlify } from "../../stand-ins/netlify.js"
import { type Behaviour, commit, image, runner, site } from "./app.js"
import { fastClock } from "./fast-clock.js"
import { placesIn } from "./places.js"
import { backend, frontend } from "./targets.js"

/** Both components of an environment in which nothing is live yet. */
export async function product(special: Record<string, Behaviour> = {}, scratch = tmpdir()) {
  const clock = fastClock(new Date().toISOString())
  const [hub, api] = [
    await huggingFace({ spaces: ["owner/book"], run: runner(special) }),
    await netlify({ sites: ["book"] }),
  ]
  const folder = await mkdtemp(join(scratch, "product-"))
  const kept = placesIn(folder, clock)
  const components = {
    backend: { ...backend(hub, { clock }), ...kept },
    frontend: { ...frontend(api, { clock }), ...kept },
  }
  const live = async () =>
    [(await components.backend.host.live())?.commit[0], (await components.frontend.host.live())?.commit[0]].join("")
  return {
    components,
    hub,
    api,
    folder,
    /** Letters of the versions that backend and frontend serve. */
    live,
    [Symbol.asyncDispose]: async () => void (await Promise.all([hub.close(), api.close()])),
  }
}

/** A version of both components. */
export const both = (letter: string, extra = {}) => ({
  commit: commit(letter),
  version: letter,
  image: image(letter),
  site: site(letter, extra),
})
