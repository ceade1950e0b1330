import type { Clock } from "../clock.js"
import { StepLog } from "../deployment/step-log.js"
import { Step, type Tracer } from "../deployment/tracer.js"
import { explained } from "../errors.js"
import { oneLine } from "../text/wording.js"
import { withUndelivered } from "./errors.js"
import { brokenOff, type Operation, type OperationResult } from "./operation.js"

/** Where notifications go: a chat, commit statuses, incidents. Throws when the provider does not take one, and says why. */
export interface Channel {
  /** Such as `Slack`; the subject of "Slack was not notified". */
  readonly name: string
  /** The call starts. `until` is the deadline, in milliseconds since 1970. */
  called?(operation: Operation, until: number): Promise<void>
  /** Something is about to change for visitors. */
  begun?(operation: Operation, until: number): Promise<void>
  ended(operation: Operation, result: OperationResult, until: number): Promise<void>
}

/** At most 30 s together: the start has two notifications, which run while the deployment does. */
const startSeconds = 5
const endSeconds = 20

/** The steps that begin to change something. */
const beginnings = new Set([Step.Place, Step.Restore])

/**
 * Notifies all channels of one operation, in parallel. Never throws, and nothing waits for it before the end: the outage of a channel
 * adds a line to the report and changes nothing else.
 */
export class Notifier {
  private readonly pending = new Map<Channel, Promise<void>>()
  private readonly undelivered = new Map<string, string>()
  private hasBegun = false

  /** @param unreachable channels that can't be notified from the start, and why; a line each. */
  constructor(
    private readonly channels: Channel[],
    private readonly operation: Operation,
    private readonly clock: Clock,
    private readonly outer: Tracer,
    private readonly unreachable: string[] = [],
  ) {}

  /** Traces the steps of the deployment, to notice when it begins to change something. */
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

  /** @returns channels that were not notified, and why; a line each. */
  async ended(result: OperationResult): Promise<string[]> {
    this.each(endSeconds, "", (channel, until) => channel.ended(this.operation, result, until))
    await Promise.all(this.pending.values())
    return [...this.unreachable, ...this.undelivered.values()]
  }

  /** Each channel gets one notification after the other; the time of each starts when the one before it is done. */
  private each(
    seconds: number,
    what: string,
    act: (channel: Channel, until: number) => Promise<void> | undefined,
  ): void {
    for (const channel of this.channels) {
      const before = this.pending.get(channel) ?? Promise.resolve()
      const notify = async () => {
        await before
        try {
          const until = this.clock.now().getTime() + seconds * 1000
          const delivery = act(channel, until)
          if (delivery) await this.outer.step(Step.Notify, () => delivery)
        } catch (failure) {
          const why = oneLine(explained(failure).why, 300)
          // When an outage lasts, the line about the end replaces the one about the start.
          this.undelivered.set(
            channel.name,
            `${channel.name} ${verb(channel)} not notified${what && ` of ${what}`}: ${why}`,
          )
        }
      }
      this.pending.set(channel, notify())
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
 * Runs an operation and notifies the channels of its start and its result. Changes nothing about the result.
 * @returns the result, and the channels that were not notified, a line each. The message of a failure holds these lines too.
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
