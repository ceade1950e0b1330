import { wallClock } from "../clock.js"
import { probeEnded } from "../deployment/errors.js"
import { backendChecks, frontendChecks } from "../deployment/health-checks.js"
import { HealthState, probeUntil } from "../deployment/health-probe.js"
import { isCommit } from "../deployment/release.js"
import { get } from "../providers/endpoint.js"
import { backendOf, environmentOf } from "../settings/settings.js"
import { printed } from "../text/wording.js"
import { notACommit } from "./errors.js"
import { type Project, settingsOf } from "./project.js"

/** What is probed, and for which version. */
export interface ProbeCall {
  environment: string
  /** "" for any. */
  commit: string
  /** A site of its own instead of the environment's components; "" for those. */
  url: string
}

/** Asks until everything is healthy, or its time is up; one line each. @throws PipelineError with the same lines. */
export async function probe(project: Project, { environment, commit, url }: ProbeCall): Promise<string> {
  if (commit && !isCommit(commit)) throw notACommit(commit)
  const settings = await settingsOf(project)
  const { frontend, backend, probe: policy } = environmentOf(settings, environment)
  const service = backend && { name: "backend", url: backend.url }
  const asked = url
    ? [{ name: url, url, all: frontendChecks({ title: "", links: true }, commit).slice(commit ? 0 : 1) }]
    : [
        ...(frontend ? [{ name: "frontend", url: frontend.url, all: frontendChecks(frontend, commit) }] : []),
        ...(service ? [{ ...service, all: backendChecks(backendOf(settings), backend, commit) }] : []),
      ]
  const isAsked = !backend || backendOf(settings).commitFrom === "answer"
  const unasked = isAsked ? "" : '; its commit was not asked: backend.commitFrom is "host"'
  const results = await Promise.all(
    asked.map(async ({ all, ...one }) => ({
      ...one,
      health: await probeUntil(one.url, all, policy, { get, clock: wallClock }),
    })),
  )
  const lines = results.map(
    ({ name, url, health }) =>
      `${name} at ${url} is ${health.state}${health.reason && `: ${health.reason}`}${name === "backend" && commit ? unasked : ""}`,
  )
  if (results.some(({ health }) => health.state !== HealthState.Healthy)) throw probeEnded(lines.join("\n"))
  return printed(lines.join("\n"))
}
