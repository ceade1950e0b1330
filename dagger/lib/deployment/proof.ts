import { HealthState, type ProbeResult } from "./health-probe.js"

export const provenByAnswer = (health: ProbeResult): ProbeResult =>
  health.state === HealthState.Healthy ? { ...health, proof: "its own answer" } : health

/**
 * A healthy answer that tells no commit, with what the host says of the version behind it.
 * @param wanted the host's ID of the version, `repository@sha256:…`.
 * @param running the same of what the host runs, as the pipeline itself wrote it; "" for nothing.
 */
export function provenByHost(health: ProbeResult, wanted: string, running: string): ProbeResult {
  if (health.state !== HealthState.Healthy) return health
  if (running === wanted && wanted !== "")
    return { ...health, proof: `the digest in the Space's running revision, ${digestOf(running)}` }
  return {
    ...health,
    state: HealthState.WrongVersion,
    reason: `the Space's running revision names ${digestOf(running) || "no image of this pipeline"}, expected ${digestOf(wanted) || "a pinned image"}`,
  }
}

const digestOf = (id: string) => id.split("@")[1] ?? ""
