import { Verdict } from "../src/exposed-types.js"
import { excerpt as linesOf } from "./text/excerpt.js"
import { redacted, sanitized, shortened } from "./text/untrusted.js"

/** A failure in three parts: what, why, next. Only `message` leaves the module, so it holds all three. */
export class PipelineError extends Error {
  constructor(
    readonly what: string,
    readonly parts: { why: string; next: string },
  ) {
    super(`${what}\n  why: ${parts.why}\n  next: ${parts.next}`)
    this.name = "PipelineError"
  }
}

/** A failure with the verdict that it gives the deployment. */
export class DeploymentError extends PipelineError {
  constructor(
    what: string,
    parts: { why: string; next: string },
    readonly verdict: Verdict = Verdict.Failed,
  ) {
    super(what, parts)
  }
}

/** A report that already holds what, why and next. */
export class ReportedError extends PipelineError {
  constructor(report: string) {
    super("", { why: "", next: "" })
    this.message = report
  }
}

/** The three parts of any failure, for the report: of what happened its first line. */
export function explained(failure: unknown): { what: string; why: string; next: string; verdict: Verdict } {
  if (failure instanceof PipelineError && !(failure instanceof ReportedError)) {
    const [what = ""] = failure.what.split("\n", 1)
    return { what, ...failure.parts, verdict: failure instanceof DeploymentError ? failure.verdict : Verdict.Failed }
  }
  const [what = "", ...rest] = (failure instanceof Error ? failure.message : String(failure)).split("\n")
  const part = (name: string) => rest.find((line) => line.startsWith(`  ${name}: `))?.slice(name.length + 4)
  return { what, why: part("why") ?? what, next: part("next") ?? "run the same command again", verdict: Verdict.Failed }
}

/** Whether a command failed because the disk is full, by the messages of Linux, Node.js, Python and BuildKit. */
export const isDiskFull = (output: string) =>
  /no space left on device|\bENOSPC\b|disk quota exceeded|\bEDQUOT\b/i.test(output)

/** Whether a command failed for want of an answer, in the codes of Node.js and the words of pip. A FileNotFoundError is no ENOTFOUND. */
export const isNetworkSilent = (said: string) =>
  /\b(?:ETIMEDOUT|ECONNRESET|ECONNREFUSED|ENOTFOUND|EAI_AGAIN)\b|\b(?:Connect|Read)Timeout(?:Error)?\b|\bconnection (?:reset by peer|refused)\b|temporary failure in name resolution/i.test(
    said,
  )

const freeSpace =
  "free space with `dagger core engine local-cache prune`, or give the engine a larger disk, then run the same command again"

/** Why and next of a command that failed, by its output. @param advice without "then run it again". */
export function commandFailure(command: string, output: string, advice: string): { why: string; next: string } {
  const why = output.trim() === "" ? `${command} printed nothing` : `${command} printed:${excerpt(output)}`
  if (isDiskFull(output)) return { why, next: freeSpace }
  if (isNetworkSilent(output)) return { why, next: "the network did not answer: run the same command again" }
  return { why, next: `${advice}, then run the same command again` }
}

/** The lines of a command's output that name the cause, and the last ones, each on its own line below the text before it. */
export const excerpt = (output: string) =>
  linesOf(output)
    .map((line) => `\n    ${line}`)
    .join("")

/** Text of others in quotes, as a message may hold it. */
export const quoted = (text: string, most: number) => JSON.stringify(shortened(redacted(sanitized(text)), most))

/** A name that others gave, in quotes. */
export const shown = (text: string) => quoted(text, 80)
