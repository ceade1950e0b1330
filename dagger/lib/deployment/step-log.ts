import { type CacheUse, cacheUse, type SlowStep } from "../cache/slow-step.js"
import type { Clock } from "../clock.js"
import { redacted, sanitized } from "../text/untrusted.js"
import type { Step, Tracer } from "./tracer.js"

/** One step of a deployment, its result, and how long it took. */
export type DeploymentStep = {
  name: string
  /** Whole milliseconds. */
  milliseconds: number
  /** The result in a few words; the failure when it failed. */
  detail: string
}

/** Records the time and the result of each step, for the report. */
export class StepLog {
  readonly steps: DeploymentStep[] = []
  /** What went well and still needs a person's eye, one sentence each. */
  readonly warnings: string[] = []
  /** The slow steps of checks, builds and scans, each with whether it ran or came from a cache. */
  readonly slow: SlowStep[] = []
  readonly started: Date

  constructor(
    private readonly clock: Clock,
    private readonly tracer: Tracer,
  ) {
    this.started = clock.now()
  }

  async step<Result>(step: Step, act: () => Promise<Result>, detail: (result: Result) => string): Promise<Result> {
    const began = this.clock.now().getTime()
    const note = (text: string) =>
      this.steps.push({
        name: step,
        milliseconds: this.clock.now().getTime() - began,
        detail: redacted(sanitized(text)),
      })
    try {
      const result = await this.tracer.step(step, act)
      note(detail(result))
      return result
    } catch (failure) {
      note(`failed: ${failure instanceof Error ? failure.message.split("\n")[0] : String(failure)}`)
      throw failure
    }
  }

  warn(text: string): void {
    const line = redacted(sanitized(text)).replace(/\s*\n\s*/g, " ")
    if (!this.warnings.includes(line)) this.warnings.push(line)
  }

  /** How much of a component's slow steps came from a cache. */
  cacheUse(component: string): CacheUse {
    return cacheUse(this.slow.filter((step) => step.component === component))
  }

  /** Whole milliseconds since the start. */
  elapsed = () => this.clock.now().getTime() - this.started.getTime()
}
