import type { Clock } from "../clock.js"
import type { Errand, ErrandEnding } from "../errand.js"
import { ErrandKind } from "../errand.js"
import { type Authorship, momentOf, noticeOf } from "../notice.js"
import { type SlackContext, slackMessage } from "../slack-message.js"
import type { Channel } from "../teller.js"
import type { SlackWebhook } from "./slack.js"

/** Slack as one that hears of errands. */
export class SlackChannel implements Channel {
  readonly name = "Slack"

  constructor(
    private readonly webhook: SlackWebhook,
    private readonly context: SlackContext,
    /** `started`, and the verdicts that are told. */
    private readonly wanted: string[],
    private readonly authorship: (commit: string, until: number) => Promise<Authorship>,
    private readonly clock: Clock,
  ) {}

  begun = (errand: Errand, until: number) => this.say(errand, undefined, until)
  ended = (errand: Errand, ending: ErrandEnding, until: number) => this.say(errand, ending, until)

  private async say(errand: Errand, ending: ErrandEnding | undefined, until: number): Promise<void> {
    if (!this.wanted.includes(momentOf(ending))) return
    const commit = ending?.commit || errand.commit
    // Who wrote it is worth a third of the time at most, and no failure.
    const now = this.clock.now().getTime()
    const soon = now + (until - now) / 3
    const about = await this.authorship(commit, soon).catch(() => ({ author: "", message: "" }))
    const calls = errand.kind !== ErrandKind.Checks
    await this.webhook.send(slackMessage(noticeOf(errand, ending, about), this.context, calls), until)
  }
}
