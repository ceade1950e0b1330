import type { Clock } from "./clock.js"
import { tell } from "./deployment-errors.js"
import { type Errand, ErrandKind } from "./errand.js"
import { IncidentChannel } from "./providers/github-issues.js"
import { GitHubStatuses } from "./providers/github-statuses.js"
import { SlackWebhook } from "./providers/slack.js"
import { SlackChannel } from "./providers/slack-channel.js"
import { environmentOf, type Settings } from "./settings.js"
import { gitHubOf } from "./targets.js"
import type { Channel } from "./teller.js"
import { Verdict } from "./verdict.js"

/** What there is to tell with: `undefined` when the call was not given it, "" when it came empty. */
export interface Voices {
  slackWebhook: string | undefined
  gitHubToken: string | undefined
}

/** Checks belong to no environment: a failure is told, and nobody is called for it. */
const ofChecks = { slack: [Verdict.Failed as string], incidents: [], statuses: true }

/**
 * Who hears of an errand, as the settings of its environment say.
 * @returns also what is not told from the outset, and why, a line each.
 */
export function channelsOf(
  settings: Settings,
  errand: Errand,
  { slackWebhook, gitHubToken }: Voices,
  clock: Clock,
): { channels: Channel[]; silent: string[] } {
  const isCheck = errand.kind === ErrandKind.Checks
  const { tell: wanted, page } = isCheck ? { tell: ofChecks, page: [] } : environmentOf(settings, errand.environment)
  const { troubleshooting } = settings.links
  const [channels, silent]: [Channel[], string[]] = [[], []]
  const gitHub = gitHubToken ? gitHubOf(settings, gitHubToken, clock) : undefined

  if (slackWebhook === "") silent.push("Slack was not told: --slack-webhook is empty")
  if (slackWebhook && wanted.slack.length > 0) {
    const context = { source: settings.image.source, troubleshooting, page }
    const authorship = async (commit: string, until: number) =>
      gitHub && commit ? gitHub.by(until).authorship(commit) : { author: "", message: "" }
    try {
      channels.push(new SlackChannel(new SlackWebhook(slackWebhook, clock), context, wanted.slack, authorship, clock))
    } catch (failure) {
      silent.push(`Slack was not told: ${tell(failure).why}`)
    }
  }
  if (isCheck && gitHubToken === "") silent.push("Commit statuses were not told: --github-token is empty")
  if (isCheck && gitHub && !errand.commit) silent.push("Commit statuses were not told: --commit is not given")
  if (gitHub && wanted.statuses) channels.push(new GitHubStatuses(gitHub))
  if (gitHub && wanted.incidents.length > 0)
    channels.push(new IncidentChannel(gitHub, wanted.incidents, troubleshooting))
  return { channels, silent }
}
