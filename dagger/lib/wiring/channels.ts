import { Verdict } from "../../src/exposed-types.js"
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
import { gitHubOf } from "./targets.js"

/** The secrets that the channels need: `undefined` when the call was not given one, "" when it is empty. */
export interface Credentials {
  slackWebhook: string | undefined
  gitHubToken: string | undefined
}

/** Checks belong to no environment: Slack gets a message of a failure, without mentions. */
const ofChecks = { slack: [Verdict.Failed as string], incidents: [], statuses: true }

/**
 * The channels of an operation, from the settings of its environment.
 * @returns also which can't be notified from the start, and why, a line each.
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

  if (slackWebhook === "") undelivered.push("Slack was not notified: --slack-webhook is empty")
  if (slackWebhook && wanted.slack.length > 0) {
    const context = { source: settings.project.source, troubleshooting, page }
    const authorship = async (commit: string, until: number) =>
      gitHub && commit ? gitHub.by(until).authorship(commit) : { author: "", message: "" }
    try {
      channels.push(new SlackChannel(new SlackWebhook(slackWebhook, clock), context, wanted.slack, authorship, clock))
    } catch (failure) {
      undelivered.push(`Slack was not notified: ${explained(failure).why}`)
    }
  }
  if (isCheck && gitHubToken === "") undelivered.push("Commit statuses were not notified: --github-token is empty")
  if (isCheck && gitHub && !operation.commit)
    undelivered.push("Commit statuses were not notified: --commit is not given")
  if (gitHub && wanted.statuses) channels.push(new GitHubStatuses(gitHub))
  if (gitHub && wanted.incidents.length > 0)
    channels.push(new IncidentChannel(gitHub, wanted.incidents, troubleshooting))
  return { channels, undelivered }
}
