import type { Component, IncidentAction, NoticeKind, StatusContext, StatusState } from "../../src/exposed-types.js"
import { wallClock } from "../clock.js"
import { statusOf } from "../notifications/commit-status.js"
import { settled } from "../notifications/incident.js"
import { ownNotice } from "../notifications/notice.js"
import { GitHubIssues } from "../providers/github/issues.js"
import { GitHubStatuses } from "../providers/github/statuses.js"
import { environmentOf } from "../settings/settings.js"
import type { Settings } from "../settings/settings-types.js"
import { printed } from "../text/wording.js"
import { gitHubOf } from "../wiring/targets.js"
import { missingSecret } from "./errors.js"
import { sent } from "./notifications.js"
import { type Project, settingsOf } from "./project.js"
import { plaintext } from "./secrets.js"
import { commitOf } from "./sources.js"

/** Milliseconds since 1970 at which GitHub must have answered. */
const deadline = () => wallClock.now().getTime() + 30_000

const gitHub = async ({ githubToken }: Project, settings: Settings) =>
  gitHubOf(settings, await plaintext(githubToken, "github-token"), wallClock)

/** What a message of the caller's own says. */
export interface MessageCall {
  kind: NoticeKind
  text: string
  environment: string
  component: Component | undefined
  commit: string
  version: string
  author: string
  reason: string
  next: string
  seconds: number
  url: string
}

/** Sends Slack a message of the caller's own; says whether it was sent. */
export async function notify(project: Project, call: MessageCall): Promise<string> {
  const { kind, text, component = "", environment, seconds, ...facts } = call
  const settings = await settingsOf(project)
  const { actor, run, slackWebhook } = project
  if (!slackWebhook) throw missingSecret("slack-webhook", "SLACK_WEBHOOK_URL")
  const said = { ...facts, actor, run, milliseconds: seconds * 1000 }
  const notice = ownNotice(kind, text, component, environment, settings.project.title, said)
  return printed(await sent(settings, notice, slackWebhook))
}

/** A status of a commit. */
export interface StatusCall {
  context: StatusContext
  state: StatusState
  commit: string
  description: string
}

/** Gives a commit a status. */
export async function commitStatus(project: Project, { context, state, ...call }: StatusCall): Promise<string> {
  const settings = await settingsOf(project)
  const github = await gitHub(project, settings)
  const commit = await commitOf(project.workspace, call.commit)
  const status = statusOf(commit, context, state, call.description, project.run)
  await new GitHubStatuses(github).give([status], deadline())
  return `${status.commit.slice(0, 7)} has the status ${context}: ${state}\n`
}

/** An incident of the caller's own. */
export interface IncidentCall {
  action: IncidentAction
  component: Component
  environment: string
  cause: string
  reason: string
}

/** Opens, adds to or closes an incident. */
export async function incident(project: Project, { action, ...call }: IncidentCall): Promise<string> {
  const settings = await settingsOf(project)
  environmentOf(settings, call.environment)
  const tracker = new GitHubIssues((await gitHub(project, settings)).by(deadline()))
  return printed(await settled(tracker, action, { ...call, run: project.run, ...settings.links }))
}
