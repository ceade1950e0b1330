import type { Clock } from "../../clock.js"
import { notAWebhook, slackRefused } from "../../notifications/errors.js"
import type { SlackMessage } from "../../notifications/slack-message.js"
import { isPrivate } from "../../settings/setting-kinds.js"
import { growing, NoReply, once, pauseAsked } from "../request.js"

const mostTries = 4
const mostPatience = 10_000

/** One incoming webhook. Its address is the credential: it appears nowhere. */
export class SlackWebhook {
  private readonly url: string

  constructor(
    address: string,
    private readonly clock: Clock,
  ) {
    const url = URL.parse(address)
    const isInside = url?.protocol === "http:" && isPrivate(url.hostname)
    if (url?.protocol !== "https:" && !isInside) throw notAWebhook()
    this.url = address
  }

  /** Whether Slack still takes messages here. A message without words is refused by its form alone, so nobody sees anything. */
  async look(): Promise<{ status: number; code: string }> {
    const call = { method: "POST", headers: { "content-type": "application/json" }, body: "{}", url: this.url } as const
    const { status, text } = await once(call, mostPatience).catch((failure: unknown) => {
      if (!(failure instanceof NoReply)) throw failure
      throw slackRefused(0, failure.message, 1)
    })
    return { status, code: codeIn(text) }
  }

  /**
   * Sends a message; tried four times at most, after 429, 5xx and broken connections.
   * @param until when it must be done, in milliseconds since 1970.
   */
  async send(message: SlackMessage, until: number): Promise<void> {
    const { IncomingWebhook } = await import("@slack/webhook")
    const left = () => until - this.clock.now().getTime()
    let tries = 0
    // The package itself never waits out a 429 and does not show how long to wait.
    const patient: typeof fetch = async (_, init) => {
      for (;;) {
        tries++
        try {
          const { status, headers, text } = await once(
            { method: "POST", url: this.url, headers: flat(init?.headers), body: String(init?.body) },
            Math.min(mostPatience, Math.max(1, left())),
          )
          const pause = pauseAsked(headers, this.clock.now()) ?? growing(tries)
          const isPassing = status === 429 || status >= 500
          if (!isPassing || tries === mostTries || pause >= left()) return new Response(text || null, { status })
          await this.clock.sleep(pause)
        } catch (failure) {
          if (!(failure instanceof NoReply) || tries === mostTries || growing(tries) >= left()) throw failure
          await this.clock.sleep(growing(tries))
        }
      }
    }
    try {
      await new IncomingWebhook(this.url, { fetch: patient }).send(message as unknown as object)
    } catch (failure) {
      // Only these parts of its errors are shown: the rest may hold the address.
      const {
        statusCode = 0,
        body = "",
        original,
      } = failure as Partial<{
        statusCode: number
        body: string
        original: Error
      }>
      const code = statusCode > 0 ? codeIn(body) : noReply(original)
      throw slackRefused(statusCode, code, tries)
    }
  }
}

/** Slack's own word; "" when something else answered. */
const codeIn = (text: string) => /^[a-z_]{1,60}$/.exec(text.trim())?.[0] ?? ""

const noReply = (original: Error | undefined) => (original instanceof NoReply ? original.message : "could not be asked")

const flat = (headers: RequestInit["headers"]): Record<string, string> =>
  Object.fromEntries(new Headers(headers).entries())
