import { Verdict } from "../../../src/exposed-types.js"
import type { Clock } from "../../clock.js"
import { type Authorship, momentOf, noticeOf } from "../../notifications/notice.js"
import type { Channel } from "../../notifications/notifier.js"
import { isSchemaConflict, type Operation, OperationKind, type OperationResult } from "../../notifications/operation.js"
import { type SlackContext, slackMessage } from "../../notifications/slack-message.js"
import type { SlackWebhook } from "./slack.js"

/** Slack as one that hears of operations. */
export class SlackChannel implements Channel {
  readonly name = "Slack"

  constructor(
    private readonly webhook: SlackWebhook,
    private readonly context: SlackContext,
    /** `started`, and the verdicts that people are notified of. */
    private readonly wanted: string[],
    private readonly authorship: (commit: string, until: number) => Promise<Authorship>,
    private readonly clock: Clock,
  ) {}

  begun = (operation: Operation, until: number) => this.say(operation, undefined, until)
  ended = (operation: Operation, ending: OperationResult, until: number) => this.say(operation, ending, until)

  private async say(operation: Operation, ending: OperationResult | undefined, until: number): Promise<void> {
    const moments: string[] = [momentOf(ending), ...(isSchemaConflict(ending) ? [Verdict.RollbackFailed] : [])]
    if (!moments.some((moment) => this.wanted.includes(moment))) return
    const commit = ending?.commit || operation.commit
    // Who wrote it is worth a third of the time at most, and no failure.
    const now = this.clock.now().getTime()
    const soon = now + (until - now) / 3
    const about = await this.authorship(commit, soon).catch(() => ({ author: "", message: "" }))
    const calls = operation.kind !== OperationKind.Checks
    await this.webhook.send(slackMessage(noticeOf(operation, ending, about), this.context, calls), until)
  }
}
