import type { Clock } from "../clock.js"
import { StepLog } from "../deployment/step-log.js"
import { Step, type Tracer } from "../deployment/tracer.js"
import { explained, withUndelivered } from "../errors.js"
import { redacted, sanitized, shortened } from "../text/untrusted.js"
import { brokenOff, type Operation, type OperationResult } from "./operation.js"

/** One way by which people hear of an operation: a chat, the statuses of commits, incidents. What it throws says why it could not. */
export interface Channel {
  /** Such as `Slack`, the beginning of "Slack was not told". */
  readonly name: string
  /** When the call starts. `until`, in milliseconds since 1970, is when it must be done. */
  called?(operation: Operation, until: number): Promise<void>
  /** When something is about to change for visitors. */
  begun?(operation: Operation, until: number): Promise<void>
  ended(operation: Operation, ending: OperationResult, until: number): Promise<void>
}

/** Together 30 s, for the start is told in two parts at most; these pass while the deployment does. */
const startSeconds = 5
const endSeconds = 20

/** The steps before which something begins to change. */
const beginnings = new Set([Step.Place, Step.Restore])

/**
 * Tells people of one operation, by all channels at once. Never throws, and is never waited for before the end: an outage of a channel
 * changes nothing but a line that says so.
 */
export class Notifier {
  private readonly told = new Map<Channel, Promise<void>>()
  private readonly undelivered = new Map<string, string>()
  private hasBegun = false

  /** @param unreachable what is not told from the outset, and why; a line each. */
  constructor(
    private readonly channels: Channel[],
    private readonly operation: Operation,
    private readonly clock: Clock,
    private readonly outer: Tracer,
    private readonly unreachable: string[] = [],
  ) {}

  /** Hears from the deployment's steps when it begins to change something. */
  readonly tracer: Tracer = {
    step: (step, act) => {
      if (beginnings.has(step)) this.begun()
      return this.outer.step(step, act)
    },
  }

  called(): void {
    this.each(startSeconds, "the start", (channel, until) => channel.called?.(this.operation, until))
  }

  private begun(): void {
    if (this.hasBegun) return
    this.hasBegun = true
    this.each(startSeconds, "the start", (channel, until) => channel.begun?.(this.operation, until))
  }

  /** @returns what was not told, and why, a line each. */
  async ended(ending: OperationResult): Promise<string[]> {
    this.each(endSeconds, "", (channel, until) => channel.ended(this.operation, ending, until))
    await Promise.all(this.told.values())
    return [...this.unreachable, ...this.undelivered.values()]
  }

  /** Each channel hears one thing after the other; the time for it runs from when it is its turn. */
  private each(
    seconds: number,
    what: string,
    act: (channel: Channel, until: number) => Promise<void> | undefined,
  ): void {
    for (const channel of this.channels) {
      const before = this.told.get(channel) ?? Promise.resolve()
      const tellIt = async () => {
        await before
        try {
          const until = this.clock.now().getTime() + seconds * 1000
          const telling = act(channel, until)
          if (telling) await this.outer.step(Step.Notify, () => telling)
        } catch (failure) {
          const why = shortened(
            redacted(sanitized(explained(failure).why))
              .replace(/\s+/g, " ")
              .trim(),
            300,
          )
          // Of an outage that lasts, the end says enough.
          this.undelivered.set(
            channel.name,
            `${channel.name} ${verb(channel)} not told${what && ` of ${what}`}: ${why}`,
          )
        }
      }
      this.told.set(channel, tellIt())
    }
  }
}

const verb = ({ name }: Channel) => (name.endsWith("s") ? "were" : "was")

/** What an operation works with. */
export interface OperationContext {
  log: StepLog
  tracer: Tracer
}

/**
 * Does an operation and tells people of it, however it ends. The end itself is what it would have been.
 * @returns what came out, and what was not told of it, a line each. A failure says so in its message.
 */
export async function notifying<Result>(
  notifier: Notifier,
  operation: Operation,
  clock: Clock,
  act: (context: OperationContext) => Promise<Result>,
  resultOf: (result: Result, log: StepLog) => OperationResult,
): Promise<{ result: Result; undelivered: string[] }> {
  const log = new StepLog(clock, notifier.tracer)
  notifier.called()
  let result: Result
  try {
    result = await act({ log, tracer: notifier.tracer })
  } catch (failure) {
    throw withUndelivered(failure, await notifier.ended(brokenOff(failure, operation, log)))
  }
  return { result, undelivered: await notifier.ended(resultOf(result, log)) }
}
