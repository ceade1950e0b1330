import { type Asked, type StandIn, standIn, type Told } from "./server.js"

/** A message as it was sent. */
export interface SlackSeen {
  text: string
  blocks: Block[]
  attachments: { color?: string; blocks?: Block[] }[]
  [key: string]: unknown
}

interface Block {
  type: string
  text?: { type: string; text: string }
  fields?: { type: string; text: string }[]
}

export interface SlackStandIn extends StandIn {
  /** Address of the webhook, which is its credential. */
  webhook: string
  /** What the channel got, oldest first. */
  messages(): SlackSeen[]
  /** All text of a message, as its blocks show it. */
  shown(at: number): string
  /** From now on answers as Slack does, such as 404 `no_service` for a webhook that was removed. */
  refuse(status: number, code: string): void
}

/**
 * Behaves like Slack for one incoming webhook: plain-text answers, the limits of messages and blocks, one message a second when told so.
 * https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 */
export async function slack({
  address = "127.0.0.1",
  perSecond = 0,
  now = () => Date.now(),
} = {}): Promise<SlackStandIn> {
  const path = "/services/T00000000/B00000000/abcdefghijklmnopqrstuvwx"
  const messages: SlackSeen[] = []
  const arrivals: number[] = []
  let refusal: Told | undefined

  function answer(asked: Asked): Told {
    if (asked.method !== "POST") return { status: 404, body: "no_service" }
    if (asked.path !== path) return { status: 403, body: "invalid_token" }
    if (refusal) return refusal
    if (perSecond > 0) {
      const recent = arrivals.filter((at) => at > now() - 1000)
      if (recent.length >= perSecond) return { status: 429, headers: { "retry-after": "1" }, body: "rate_limited" }
      arrivals.push(now())
    }
    const [message, code] = read(asked.body.toString())
    if (!message) return { status: 400, body: code }
    messages.push(message)
    return { body: "ok" }
  }

  const server = await standIn(answer, { address })
  return Object.assign(server, {
    webhook: `${server.url}${path}`,
    messages: () => [...messages],
    shown: (at: number) => {
      const message = messages.at(at)
      const blocks = [message?.blocks ?? [], ...(message?.attachments ?? []).map(({ blocks = [] }) => blocks)].flat()
      return blocks
        .flatMap(({ text, fields = [] }) => [...(text ? [text.text] : []), ...fields.map(({ text }) => text)])
        .join("\n")
    },
    refuse: (status: number, code: string) => {
      refusal = { status, body: code }
    },
  })
}

/** The message, or Slack's word for what is wrong with it. */
function read(text: string): [SlackSeen | undefined, string] {
  let given: Partial<SlackSeen>
  try {
    given = JSON.parse(text) as Partial<SlackSeen>
  } catch {
    return [undefined, "invalid_payload"]
  }
  const { text: fallback, blocks = [], attachments = [] } = given
  if (!fallback && blocks.length === 0 && attachments.length === 0) return [undefined, "no_text"]
  if (attachments.length > 100) return [undefined, "too_many_attachments"]
  const all = [blocks, ...attachments.map((one) => one.blocks ?? [])]
  if (all.some((one) => one.length > 50)) return [undefined, "invalid_payload"]
  if ((fallback ?? "").length > 4000 || !all.flat().every(fits)) return [undefined, "invalid_payload"]
  if (/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(fallback ?? ""))
    return [undefined, "invalid_payload"]
  const total = all.flat().reduce((sum, block) => sum + JSON.stringify(block).length, 0)
  if (total > 12_000) return [undefined, "invalid_payload"]
  return [{ ...given, text: fallback ?? "", blocks, attachments }, ""]
}

/** https://docs.slack.dev/reference/block-kit/blocks */
function fits({ type, text, fields = [] }: Block): boolean {
  if (type === "header") return text?.type === "plain_text" && isBetween(text.text, 150)
  if (type !== "section" || (!text && fields.length === 0)) return false
  const kinds = [...(text ? [text] : []), ...fields].every((one) => ["mrkdwn", "plain_text"].includes(one.type))
  return (
    kinds &&
    (!text || isBetween(text.text, 3000)) &&
    fields.length <= 10 &&
    fields.every((one) => isBetween(one.text, 2000))
  )
}

const isBetween = (text: string, most: number) => text.length >= 1 && text.length <= most
