/** A way a run can fail, told in three parts; only `message` leaves the module, so it holds all of them. */
export class PipelineError extends Error {
  constructor(what: string, parts: { why: string; next: string }) {
    super(`${what}\n  why: ${parts.why}\n  next: ${parts.next}`)
    this.name = "PipelineError"
  }
}
