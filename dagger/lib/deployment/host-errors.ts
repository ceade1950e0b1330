import { Verdict } from "../../src/exposed-types.js"
import { DeploymentError } from "../errors.js"
import { redacted } from "../text/untrusted.js"

export const again = "run the same command again; it checks first and repeats nothing that is done"

export const hostUnreachable = (host: string, request: string, why: string) =>
  new DeploymentError(`${host} did not answer.`, { why: `${request} ${why}`, next: again })

/** A host's refusal, with its HTTP status. */
export class HostRefusal extends DeploymentError {
  constructor(
    what: string,
    parts: { why: string; next: string },
    readonly status: number,
  ) {
    super(what, parts)
  }
}

/** @param advice what to do, when the status alone does not say it. */
export const hostRefused = (host: string, request: string, status: number, answer: string, advice?: string) =>
  new HostRefusal(
    `${host} refused a request.`,
    {
      why: `${request} was answered ${status}${answer ? `: ${redacted(answer).slice(0, 300)}` : ""}`,
      next: advice ?? refusalAdvice(status),
    },
    status,
  )

function refusalAdvice(status: number): string {
  if (status === 401)
    return "the token is missing, wrong or expired: make a new one and store it where the call reads it"
  if (status === 402) return "the plan of the account does not allow this: Docker Spaces need a paid plan"
  if (status === 403) return "the token is valid but may not do this: give it write access to this site or Space"
  if (status === 404)
    return "check the name in the settings; a private one also answers 404 to a token that may not see it"
  if (status === 429) return "the rate limit is used up: wait some minutes and run the same command again"
  if (status >= 500) return again
  return "read the host's answer above; what is live did not change"
}

export const answerUnreadable = (host: string, request: string, why: string) =>
  new DeploymentError(`${host} answered something unexpected.`, {
    why: `${request}: ${why.replace(/\s*\n\s*/g, "; ")}`,
    next: "the service may have changed its interface: compare with its documentation, then fix the adapter",
  })

export const tooSlow = (what: string, state: string, seconds: number) =>
  new DeploymentError(`${what} was not ready in time.`, {
    why: `after ${seconds} s its state is still "${state}"`,
    next: again,
  })

/** @param archive where its artifact would be kept, which has none; "" for nowhere. */
export const vanished = (host: string, id: string, archive = "") =>
  new DeploymentError(
    `${id} cannot be restored.`,
    {
      why: `${host} no longer has it; old versions are deleted after some time${archive && `; ${archive} does not have it either`}`,
      next: "choose a newer release, or deploy that commit again",
    },
    Verdict.Refused,
  )
