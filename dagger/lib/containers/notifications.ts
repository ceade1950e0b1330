import type { Secret } from "@dagger.io/dagger"
import { Verdict } from "../../src/exposed-types.js"
import { wallClock } from "../clock.js"
import type { Deployment } from "../deployment/outcome.js"
import type { ProductDeployment } from "../deployment/product-release.js"
import type { StepLog } from "../deployment/step-log.js"
import { explained } from "../errors.js"
import type { Notice } from "../notifications/notice.js"
import { Notifier, notifying, type OperationContext } from "../notifications/notifier.js"
import { type Operation, type OperationResult, resultOf } from "../notifications/operation.js"
import { slackMessage } from "../notifications/slack-message.js"
import { SlackWebhook } from "../providers/slack/slack.js"
import { environmentOf } from "../settings/settings.js"
import type { Settings } from "../settings/settings-types.js"
import { keepSecret } from "../text/secret-values.js"
import { redacted, sanitized } from "../text/untrusted.js"
import { channelsOf } from "../wiring/channels.js"
import { type Project, registryUserOf } from "./project.js"
import { traced } from "./span.js"

/** The secrets that notifications need; without one its channel is left out. */
export interface Credentials {
  slackWebhook?: Secret | undefined
  githubToken?: Secret | undefined
}

/** The value of a secret for notifications; "" when it is empty or not set: a deployment goes on without notifications. */
const secretValue = async (secret: Secret | undefined) => secret && keepSecret(await secret.plaintext().catch(() => ""))

async function notifierOf(
  settings: Settings,
  operation: Operation,
  { slackWebhook, githubToken }: Credentials,
): Promise<Notifier> {
  const credentials = { slackWebhook: await secretValue(slackWebhook), gitHubToken: await secretValue(githubToken) }
  const { channels, undelivered } = channelsOf(settings, operation, credentials, wallClock)
  return new Notifier(channels, operation, wallClock, traced, undelivered)
}

/** Runs `act`, such as a deployment, and sends its notifications. */
export async function notified<Result extends Deployment | ProductDeployment>(
  settings: Settings,
  operation: Operation,
  given: Credentials & Pick<Project, "registryUser" | "registryToken">,
  act: (context: OperationContext) => Promise<Result>,
): Promise<Result> {
  const { secrets } = environmentOf(settings, operation.environment)
  const whole = { ...operation, secrets, registry: registryUserOf(given, settings), call: settings.call }
  const { result, undelivered } = await notifying(
    await notifierOf(settings, whole, given),
    whole,
    wallClock,
    act,
    resultOf,
  )
  return undelivered.length > 0 ? { ...result, undelivered } : result
}

/** Runs the checks and sends their notifications; without credentials it only runs them. */
export async function notifiedChecks(
  settings: Settings,
  operation: Operation,
  given: Credentials,
  act: () => Promise<string>,
): Promise<string> {
  if (!given.githubToken && !given.slackWebhook) return act()
  const whole = { ...operation, call: settings.call }
  const passed = (_: string, log: StepLog): OperationResult => ({
    verdict: Verdict.Success,
    commit: operation.commit,
    deployments: [],
    milliseconds: log.elapsed(),
    ...{ step: "", failed: "", reason: "", next: "", log: [], undo: "" },
  })
  const { result, undelivered } = await notifying(
    await notifierOf(settings, whole, given),
    whole,
    wallClock,
    act,
    passed,
  )
  return [result, ...undelivered.map((line) => `undelivered  ${line}\n`)].join("")
}

/** Sends a custom notification. Returns whether Slack got it. */
export async function sent(settings: Settings, notice: Notice, slackWebhook: Secret): Promise<string> {
  const address = await secretValue(slackWebhook)
  if (!address) return "Slack was not notified: --slack-webhook is empty"
  const page = notice.environment ? environmentOf(settings, notice.environment).page : []
  const message = slackMessage(notice, { source: settings.project.source, ...settings.links, page })
  await new SlackWebhook(address, wallClock).send(message, wallClock.now().getTime() + 30_000)
  return `Slack was notified: ${redacted(sanitized(`${notice.subject}: ${notice.event}`))}`
}

/** The same, but without failing when Slack does: returns why it was not notified. */
export const sentIfPossible = (settings: Settings, notice: Notice, slackWebhook: Secret): Promise<string> =>
  sent(settings, notice, slackWebhook).catch(
    (failure) => `Slack was not notified: ${redacted(sanitized(explained(failure).why))}`,
  )
