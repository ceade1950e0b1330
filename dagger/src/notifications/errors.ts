import { DeploymentError } from "../errors.js"

const counted = ["", "once", "twice", "three times", "four times", "five times"]

/** @param status HTTP status, 0 for no answer. @param code Slack's own word for it, or what happened to the connection. */
export const slackRefused = (status: number, code: string, tries: number) => {
  const what = status === 0 ? `it ${code}` : `it answered ${status}${code && `: ${code}`}`
  return new DeploymentError("Slack did not take the message.", {
    why: tries > 1 ? `${what} ${counted[tries] ?? `${tries} times`}` : what,
    next: slackAdvice(status),
  })
}

function slackAdvice(status: number): string {
  if (status === 0 || status >= 500 || status === 429) return "nothing else changed because of it; tell people yourself"
  if (status === 400) return "the message has a form that Slack does not take: compare with its documentation"
  return "the webhook was removed, revoked, or its channel is archived: make a new one at Slack and store it under the same name"
}

export const notAWebhook = () =>
  new DeploymentError("Slack can't be told.", {
    why: "--slack-webhook is no https address",
    next: "give the address that Slack shows under Incoming Webhooks, as a secret",
  })

export const issuesDisabled = (repository: string) =>
  new DeploymentError(`${repository} keeps no incidents.`, {
    why: "its issues are disabled",
    next: "enable them in the repository's settings, or let notify.incidents of the environment be an empty list",
  })
