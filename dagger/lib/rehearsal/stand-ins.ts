import { Component } from "../../src/exposed-types.js"
import type { GitHubStandIn } from "../../stand-ins/github.js"
import type { SlackStandIn } from "../../stand-ins/slack.js"
import type { SiteArtifact } from "../deployment/release.js"
import { filesOf } from "../providers/files.js"
import type { EnvironmentSettings, Settings } from "../settings/settings-types.js"
import type { Scope } from "./scope.js"

/** Sites and Spaces of the environments, each once. */
export function placesOf(environments: EnvironmentSettings[]): { sites: string[]; spaces: string[] } {
  const once = (names: (string | undefined)[]) => [...new Set(names.filter((name): name is string => Boolean(name)))]
  return {
    sites: once(environments.map(({ frontend }) => frontend?.site)),
    spaces: once(environments.flatMap(({ backend }) => [backend?.space, backend?.candidateSpace])),
  }
}

/**
 * The settings with the addresses of the stand-ins, and short probes: stand-ins answer at once. A Space gets the image.
 * @param absent dependencies that nobody asks for.
 */
export function onStandIns(settings: Settings, providers: Settings["providers"], absent: string[]): Settings {
  const probe = { times: 3, seconds: 8, wakeUpSeconds: 30, firstPause: 200, slowestPause: 1000 }
  const environments = Object.entries(settings.environments).map(([name, { backend, ...one }]) => [
    name,
    {
      ...one,
      probe,
      ...(backend && { backend: { ...backend, needs: backend.needs.filter((it) => !absent.includes(it)) } }),
    },
  ])
  return {
    ...settings,
    ...(settings.backend && { backend: { ...settings.backend, delivery: "image" } }),
    providers,
    environments: Object.fromEntries(environments),
  }
}

/** The settings with nothing but what is rehearsed. */
export function within(settings: Settings, { first, second, components }: Scope): Settings {
  const environments = Object.entries(settings.environments)
    .filter(([name]) => name === first || name === second)
    .map(([name, { frontend, backend, ...rest }]) => [
      name,
      {
        ...rest,
        ...(frontend && components.includes(Component.Frontend) && { frontend }),
        ...(backend && components.includes(Component.Backend) && { backend }),
      },
    ])
  return { ...settings, environments: Object.fromEntries(environments) }
}

/** The notifications that were delivered, in a sentence. */
export function deliveries(channel: SlackStandIn, history: GitHubStandIn, commits: string[]): string {
  const issues = history.issues()
  const closed = issues.filter(({ state }) => state === "closed").length
  const statuses = commits.filter(Boolean).flatMap((commit) => history.commitStatuses(commit)).length
  return `Slack got ${channel.messages().length} messages, the commits ${statuses} statuses; ${issues.length} incidents were opened and ${closed} of them closed.`
}

/** A site's files by their digests, without the one that is the environment's own. */
export const ownFiles = (files: Record<string, string>) =>
  JSON.stringify(
    Object.entries(files)
      .filter(([path]) => !/^\/?config\.json$/.test(path))
      .sort(),
  )

/** The same pages with another commit in version.json. */
export async function siteWith(site: SiteArtifact, commit: string): Promise<SiteArtifact> {
  const files = await filesOf(site)
  const said = JSON.parse(Buffer.from(files.get("version.json") ?? "{}").toString()) as object
  return new Map(files).set("version.json", Buffer.from(JSON.stringify({ ...said, commit })))
}
