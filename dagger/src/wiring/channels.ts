import type { Clock } from "../clock.js"
import { explained } from "../errors.js"
import type { Channel } from "../notifications/notifier.js"
import { type Operation, OperationKind } from "../notifications/operation.js"
import { IncidentChannel } from "../providers/github/issues.js"
import { GitHubStatuses } from "../providers/github/statuses.js"
import { SlackWebhook } from "../providers/slack/slack.js"
import { SlackChannel } from "../providers/slack/slack-channel.js"
import { environmentOf } from "../settings/settings.js"
import type { Settings } from "../settings/settings-types.js"
import { Verdict } from "../verdict.js"
import { gitHubOf } from "./targets.js"

/** What there is to tell with: `undefined` when the call was not given it, "" when it came empty. */
export interface Credentials {
  slackWebhook: string | undefined
  gitHubToken: string | undefined
}

/** Checks belong to no environment: a failure is told, and nobody is called for it. */
const ofChecks = { slack: [Verdict.Failed as string], incidents: [], statuses: true }

/**
 * Who hears of an operation, as the settings of its environment say.
 * @returns also what is not told from the outset, and why, a line each.
 */
export function channelsOf(
  settings: Settings,
  operation: Operation,
  { slackWebhook, gitHubToken }: Credentials,
  clock: Clock,
): { channels: Channel[]; undelivered: string[] } {
  const isCheck = operation.kind === OperationKind.Checks
  const { notify: wanted, page } = isCheck
    ? { notify: ofChecks, page: [] }
    : environmentOf(settings, operation.environment)
  const { troubleshooting } = settings.links
  const [channels, undelivered]: [Channel[], string[]] = [[], []]
  const gitHub = gitHubToken ? gitHubOf(settings, gitHubToken, clock) : undefined

  if (slackWebhook === "") undelivered.push("Slack was not told: --slack-webhook is empty")
  if (slackWebhook && wanted.slack.length > 0) {
    const context = { source: settings.project.source, troubleshooting, page }
    const authorship = async (commit: string, until: number) =>
      gitHub && commit ? gitHub.by(until).authorship(commit) : { author: "", message: "" }
    try {
      channels.push(new SlackChannel(new SlackWebhook(slackWebhook, clock), context, wanted.slack, authorship, clock))
    } catch (failure) {
      undelivered.push(`Slack was not told: ${explained(failure).why}`)
    }
  }
  if (isCheck && gitHubToken === "") undelivered.push("Commit statuses were not told: --github-token is empty")
  if (isCheck && gitHub && !operation.commit) undelivered.push("Commit statuses were not told: --commit is not given")
  if (gitHub && wanted.statuses) channels.push(new GitHubStatuses(gitHub))
  if (gitHub && wanted.incidents.length > 0)
    channels.push(new IncidentChannel(gitHub, wanted.incidents, troubleshooting))
  return { channels, undelivered }
}
