import type { Component } from "../../src/exposed-types.js"
import type { GitHubStandIn } from "../../stand-ins/github.js"
import type { HuggingFaceStandIn } from "../../stand-ins/hugging-face.js"
import type { NetlifyStandIn } from "../../stand-ins/netlify.js"
import type { Clock } from "../clock.js"
import { frontendChecks } from "../deployment/health-checks.js"
import { HealthState, probeUntil } from "../deployment/health-probe.js"
import type { SiteArtifact } from "../deployment/release.js"
import { closed, preview } from "../preview/preview.js"
import { get } from "../providers/endpoint.js"
import { GitHubPullRequests } from "../providers/github/pull-requests.js"
import { NetlifyPreviews } from "../providers/netlify/previews.js"
import { environmentOf, frontendOf, siteOf } from "../settings/settings.js"
import type { Settings } from "../settings/settings-types.js"
import type { Status } from "../status/status.js"
import { statusText } from "../status/status-report.js"
import { survey } from "../status/survey.js"
import { gitHubOf } from "../wiring/targets.js"
import { type LookTokens, watchedOf } from "../wiring/watched.js"

/** The stand-ins that a look is checked against. */
export interface Looked {
  settings: Settings
  tokens: LookTokens
  sites: NetlifyStandIn
  history: GitHubStandIn
  clock: Clock
}

/** The settings with the addresses at which visitors find the stand-ins. */
export function atStandIns(settings: Settings, sites: NetlifyStandIn, spaces: HuggingFaceStandIn): Settings {
  const environments = Object.entries(settings.environments).map(([name, { frontend, backend, ...rest }]) => [
    name,
    {
      ...rest,
      ...(frontend && { frontend: { ...frontend, url: sites.siteUrl(frontend.site) } }),
      ...(backend && { backend: { ...backend, url: spaces.spaceUrl(backend.space) } }),
    },
  ])
  return { ...settings, environments: Object.fromEntries(environments) }
}

/** A version of the site, the environment whose site it is a draft of, and the one into whose branch it would be merged. */
export interface PreviewedSite {
  commit: string
  artifact: SiteArtifact
  beside: string
  into: string
}

/**
 * Shows a pull request's site as a draft beside an environment's, a second time, and removes it when the pull request closes.
 * @returns what was proven. Throws when something of it is wrong, also when what that environment publishes moved.
 */
export async function previewScenario(
  { settings, tokens, sites, history, clock }: Looked,
  { commit, artifact, beside, into }: PreviewedSite,
): Promise<string> {
  const staging = environmentOf(settings, beside)
  const page = siteOf(staging)
  const published = sites.published(page.site)
  history.commit("a change", [commit], "change")
  const pull = history.openPullRequest("change", environmentOf(settings, into).branch)
  const host = new NetlifyPreviews(
    {
      ...{ site: page.site, token: tokens.netlify, environment: staging.name, apiUrl: staging.apiUrl },
      ...{
        api: settings.providers.netlify,
        seconds: settings.budgets.frontend,
        configFile: frontendOf(settings).configFile,
      },
    },
    clock,
  )
  const pulls = new GitHubPullRequests(gitHubOf(settings, tokens.gitHub, clock))
  const untouched = { known: false as const, why: "no pull request changed it" }
  const request = {
    ...{ pull, commit, environment: staging.name, site: page.site, run: "" },
    build: () => Promise.resolve({ artifact, checks: [], image: untouched, schema: untouched }),
    probe: (url: string) => probeUntil(url, frontendChecks(page, commit), staging.probe, { get, clock }),
  }
  await preview(host, pulls, request)
  await preview(host, pulls, { ...request, run: "https://example.com/second-run" })
  const drafts = sites.deploys(page.site).filter(({ title }) => title.startsWith("preview of "))
  history.closePullRequest(pull)
  const end = await closed(host, pulls, request)
  const comments = history.comments(pull).length
  if (drafts.length !== 1 || comments !== 1)
    throw new Error(`two runs of a preview left ${drafts.length} drafts and ${comments} comments, expected one of each`)
  if (sites.published(page.site) !== published) throw new Error(`a preview changed what ${beside} publishes`)
  return `a draft answered with its commit, its one comment was edited; ${end}`
}

/** What a look must find in an environment. */
export interface Expected {
  environment: string
  /** Commits that its components serve. */
  live: Partial<Record<Component, string>>
  quarantined: { component: Component; commits: string[] }
}

/**
 * Looks at all environments as `dagger call status` does.
 * @returns the status as text. Throws when it says something else, or does not know something.
 */
export async function statusScenario({ settings, tokens, clock }: Looked, expected: Expected): Promise<string> {
  const status = await survey(watchedOf(settings, tokens, clock))
  const live = Object.entries(expected.live) as [Component, string][]
  const wrong = [...status.unknown, ...live.flatMap(([name, commit]) => mistakesOf(status, name, commit, expected))]
  if (wrong.length > 0) throw new Error(`the status is wrong: ${wrong.join("; ")}`)
  return statusText(status)
}

function mistakesOf(
  { environments }: Status,
  name: Component,
  commit: string,
  { environment, quarantined }: Expected,
): string[] {
  const found = environments
    .find((one) => one.environment === environment)
    ?.components.find(({ component }) => component === name)
  if (!found) return [`it has no ${name} of ${environment}`]
  const kept = found.quarantined?.map((one) => one.commit) ?? []
  return [
    ...(found.commit === commit ? [] : [`the ${name} serves ${found.commit || "nothing"}, expected ${commit}`]),
    ...(found.health === HealthState.Healthy ? [] : [`the ${name} is ${found.health}: ${found.reason}`]),
    ...(name === quarantined.component ? quarantined.commits.filter((one) => !kept.includes(one)) : []).map(
      (one) => `${one} is not quarantined`,
    ),
  ]
}
