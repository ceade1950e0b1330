import type { Clock } from "./clock.js"
import { tell } from "./deployment-errors.js"
import { brokenOff, type Errand, type ErrandEnding } from "./errand.js"
import { withUntold } from "./errors.js"
import { type Journal, Step } from "./journal.js"
import { Logbook } from "./logbook.js"
import { masked, plain, shortened } from "./untrusted.js"

/** One way by which people hear of an errand: a chat, the statuses of commits, incidents. What it throws says why it could not. */
export interface Channel {
  /** Such as `Slack`, the beginning of "Slack was not told". */
  readonly name: string
  /** When the call starts. `until`, in milliseconds since 1970, is when it must be done. */
  called?(errand: Errand, until: number): Promise<void>
  /** When something is about to change for visitors. */
  begun?(errand: Errand, until: number): Promise<void>
  ended(errand: Errand, ending: ErrandEnding, until: number): Promise<void>
}

/** Together 30 s, for the start is told in two parts at most; these pass while the deployment does. */
const startSeconds = 5
const endSeconds = 20

/** The steps before which something begins to change. */
const beginnings = new Set([Step.Place, Step.Restore])

/**
 * Tells people of one errand, by all channels at once. Never throws, and is never waited for before the end: an outage of a channel
 * changes nothing but a line that says so.
 */
export class Teller {
  private readonly told = new Map<Channel, Promise<void>>()
  private readonly untold = new Map<string, string>()
  private hasBegun = false

  /** @param silent what is not told from the outset, and why; a line each. */
  constructor(
    private readonly channels: Channel[],
    private readonly errand: Errand,
    private readonly clock: Clock,
    private readonly outer: Journal,
    private readonly silent: string[] = [],
  ) {}

  /** Hears from the deployment's steps when it begins to change something. */
  readonly journal: Journal = {
    step: (step, act) => {
      if (beginnings.has(step)) this.begun()
      return this.outer.step(step, act)
    },
  }

  called(): void {
    this.each(startSeconds, "the start", (channel, until) => channel.called?.(this.errand, until))
  }

  private begun(): void {
    if (this.hasBegun) return
    this.hasBegun = true
    this.each(startSeconds, "the start", (channel, until) => channel.begun?.(this.errand, until))
  }

  /** @returns what was not told, and why, a line each. */
  async ended(ending: ErrandEnding): Promise<string[]> {
    this.each(endSeconds, "", (channel, until) => channel.ended(this.errand, ending, until))
    await Promise.all(this.told.values())
    return [...this.silent, ...this.untold.values()]
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
          if (telling) await this.outer.step(Step.Tell, () => telling)
        } catch (failure) {
          const why = shortened(
            masked(plain(tell(failure).why))
              .replace(/\s+/g, " ")
              .trim(),
            300,
          )
          // Of an outage that lasts, the end says enough.
          this.untold.set(channel.name, `${channel.name} ${verb(channel)} not told${what && ` of ${what}`}: ${why}`)
        }
      }
      this.told.set(channel, tellIt())
    }
  }
}

const verb = ({ name }: Channel) => (name.endsWith("s") ? "were" : "was")

/** What an errand works with. */
export interface ErrandMeans {
  log: Logbook
  journal: Journal
}

/**
 * Does an errand and tells people of it, however it ends. The end itself is what it would have been.
 * @returns what came out, and what was not told of it, a line each. A failure says so in its message.
 */
export async function telling<Result>(
  teller: Teller,
  errand: Errand,
  clock: Clock,
  act: (means: ErrandMeans) => Promise<Result>,
  endingOf: (result: Result, log: Logbook) => ErrandEnding,
): Promise<{ result: Result; untold: string[] }> {
  const log = new Logbook(clock, teller.journal)
  teller.called()
  let result: Result
  try {
    result = await act({ log, journal: teller.journal })
  } catch (failure) {
    throw withUntold(failure, await teller.ended(brokenOff(failure, errand, log)))
  }
  return { result, untold: await teller.ended(endingOf(result, log)) }
}
