import type { RunImage } from "../../stand-ins/hugging-face.js"
import type { Clock } from "../clock.js"
import { dependencyOf, isDependencyUp, readBody } from "../deployment/health-answer.js"
import { addressOf } from "../deployment/health-probe.js"
import { type ImageArtifact, pinned } from "../deployment/release.js"
import { get } from "../providers/endpoint.js"
import type { HealthSettings } from "../settings/settings-types.js"

/** Whole seconds that the service gets to answer. */
const patience = 30

/**
 * Dependencies that the service says are not there: accounts elsewhere, which no rehearsal has. It is started once, before anything is
 * deployed, and asked. None where it does not answer: then its deployment says why.
 */
export async function absentNeeds(
  needs: string[],
  image: ImageArtifact,
  env: Record<string, string>,
  { run, health, clock }: { run: RunImage; health: HealthSettings; clock: Clock },
): Promise<{ name: string; state: string }[]> {
  if (needs.length === 0) return []
  const running = await run({ reference: pinned(image), digest: image.digest, env, files: new Map() }).catch(
    () => undefined,
  )
  if (!running) return []
  try {
    for (let second = 0; second < patience; second++) {
      const answer = await get(addressOf(running.url, health.path))
      const body = answer.kind === "answered" ? readBody(answer.body) : undefined
      if (body !== undefined)
        return needs
          .map((name) => ({ name, state: dependencyOf(body, health, name) ?? "" }))
          .filter(({ state }) => state !== "" && !isDependencyUp(state))
      await clock.sleep(1000)
    }
    return []
  } finally {
    await running.stop()
  }
}
