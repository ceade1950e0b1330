import { DeploymentError } from "../errors.js"

const counted = ["", "once", "twice", "three times", "four times", "five times"]

/** @param status HTTP status, 0 for no answer. @param code Slack's error code, or what happened to the connection. */
export const slackRefused = (status: number, code: string, tries: number) => {
  const what = status === 0 ? `it ${code}` : `it answered ${status}${code && `: ${code}`}`
  return new DeploymentError("Slack did not take the message.", {
    why: tries > 1 ? `${what} ${counted[tries] ?? `${tries} times`}` : what,
    next: slackAdvice(status),
  })
}

function slackAdvice(status: number): string {
  if (status === 0 || status >= 500 || status === 429)
    return "the operation itself is not affected; notify people yourself"
  if (status === 400) return "Slack rejects the format of the message: compare it with Slack's documentation"
  return "the webhook was removed, revoked, or its channel is archived: make a new one at Slack and store it under the same name"
}

export const notAWebhook = () =>
  new DeploymentError("Slack can't be notified.", {
    why: "--slack-webhook is not an https address",
    next: "give the address that Slack shows under Incoming Webhooks, as a secret",
  })

export const issuesDisabled = (repository: string) =>
  new DeploymentError(`Incidents can't be opened in ${repository}.`, {
    why: "its issues are disabled",
    next: "enable them in the repository's settings, or let notify.incidents of the environment be an empty list",
  })

/** The same failure, with the undelivered notifications in its message. The object stays the same: the engine shows a failure by its class. */
export function withUndelivered(failure: unknown, undelivered: string[]): unknown {
  if (undelivered.length === 0 || !(failure instanceof Error)) return failure
  failure.message = [failure.message, ...undelivered.map((line) => `  undelivered: ${line}`)].join("\n")
  return failure
}
