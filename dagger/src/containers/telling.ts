import type { Secret } from "@dagger.io/dagger"
import { channelsOf } from "../channels.js"
import { wallClock } from "../clock.js"
import type { Deployment } from "../deployment.js"
import { tell } from "../deployment-errors.js"
import { type Errand, type ErrandEnding, endingOf } from "../errand.js"
import type { Logbook } from "../logbook.js"
import type { Notice } from "../notice.js"
import type { ProductDeployment } from "../product-release.js"
import { SlackWebhook } from "../providers/slack.js"
import { keepSecret } from "../secret-values.js"
import { environmentOf, type Settings } from "../settings.js"
import { slackMessage } from "../slack-message.js"
import { type ErrandMeans, Teller, telling } from "../teller.js"
import { masked, plain } from "../untrusted.js"
import { Verdict } from "../verdict.js"
import { traced } from "./span.js"

/** What a call may tell with; what is not given is not used and costs nothing. */
export interface Ways {
  slackWebhook: Secret | undefined
  githubToken: Secret | undefined
}

/** The value of a secret without which nobody is told; "" when it is empty or not set, for that stops nothing. */
const given = async (secret: Secret | undefined) => secret && keepSecret(await secret.plaintext().catch(() => ""))

async function tellerOf(settings: Settings, errand: Errand, { slackWebhook, githubToken }: Ways): Promise<Teller> {
  const voices = { slackWebhook: await given(slackWebhook), gitHubToken: await given(githubToken) }
  const { channels, silent } = channelsOf(settings, errand, voices, wallClock)
  return new Teller(channels, errand, wallClock, traced, silent)
}

/** Deploys, or whatever `act` does, and tells people of it. */
export async function told<Result extends Deployment | ProductDeployment>(
  settings: Settings,
  errand: Errand,
  ways: Ways,
  act: (means: ErrandMeans) => Promise<Result>,
): Promise<Result> {
  const { secrets } = environmentOf(settings, errand.environment)
  const whole = { ...errand, secrets }
  const { result, untold } = await telling(await tellerOf(settings, whole, ways), whole, wallClock, act, endingOf)
  return untold.length > 0 ? { ...result, untold } : result
}

/** Runs the checks and tells people of it; without anything to tell with it only runs them. */
export async function toldChecks(
  settings: Settings,
  errand: Errand,
  ways: Ways,
  act: () => Promise<string>,
): Promise<string> {
  if (!ways.githubToken && !ways.slackWebhook) return act()
  const passed = (_: string, log: Logbook): ErrandEnding => ({
    verdict: Verdict.Success,
    commit: errand.commit,
    deployments: [],
    milliseconds: log.elapsed(),
    ...{ step: "", failed: "", reason: "", next: "", log: [], undo: "" },
  })
  const { result, untold } = await telling(await tellerOf(settings, errand, ways), errand, wallClock, act, passed)
  return [result, ...untold.map((line) => `untold  ${line}`)].join("\n")
}

/** Sends a message of the caller's own; says whether it was sent. */
export async function notified(settings: Settings, notice: Notice, slackWebhook: Secret): Promise<string> {
  const address = await given(slackWebhook)
  if (!address) return "Slack was not told: --slack-webhook is empty"
  const page = notice.environment ? environmentOf(settings, notice.environment).page : []
  const message = slackMessage(notice, { source: settings.image.source, ...settings.links, page })
  await new SlackWebhook(address, wallClock).send(message, wallClock.now().getTime() + 30_000)
  return `Slack was told: ${masked(plain(`${notice.subject}: ${notice.event}`))}`
}

/** The same, but Slack's outage stops nothing: says why it was not told. */
export const notifiedIfPossible = (settings: Settings, notice: Notice, slackWebhook: Secret): Promise<string> =>
  notified(settings, notice, slackWebhook).catch((failure) => `Slack was not told: ${masked(plain(tell(failure).why))}`)
