import { NoticeKind } from "../../src/exposed-types.js"
import { redacted, sanitized, webAddress } from "../text/untrusted.js"
import { duration } from "../text/wording.js"
import type { Notice } from "./notice.js"

/** What an incoming webhook takes. https://docs.slack.dev/reference/block-kit/blocks */
export interface SlackMessage {
  /** For notifications, and for clients that show no blocks. */
  text: string
  blocks: Block[]
  attachments: { color: string; blocks: Block[] }[]
  unfurl_links: false
}

type Text = { type: "plain_text"; text: string; emoji: boolean } | { type: "mrkdwn"; text: string; verbatim: true }
type Block = { type: "header"; text: Text } | { type: "section"; text?: Text; fields?: Text[] }

/** The links of a message, and the people it mentions. */
export interface SlackContext {
  /** Page of the source code. */
  source: string
  troubleshooting: string
  /** Slack IDs of people (U…, W…) and groups (S…). */
  page: string[]
}

const [green, yellow, red, grey] = ["#2eb67d", "#ecb22e", "#e01e5a", "#8d8d8d"]
const looks: Record<NoticeKind, { mark: string; color: string; calls: boolean }> = {
  [NoticeKind.Started]: { mark: "⚪", color: grey, calls: false },
  [NoticeKind.Success]: { mark: "🟢", color: green, calls: false },
  [NoticeKind.Promotion]: { mark: "🟢", color: green, calls: false },
  [NoticeKind.Rollback]: { mark: "🟡", color: yellow, calls: false },
  [NoticeKind.RolledBack]: { mark: "🟡", color: yellow, calls: true },
  [NoticeKind.Failure]: { mark: "🔴", color: red, calls: true },
  [NoticeKind.Stopped]: { mark: "🟡", color: yellow, calls: false },
  [NoticeKind.Unchanged]: { mark: "⚪", color: grey, calls: false },
}

/** The message of a notice. @param calls `false` leaves out the mentions, such as for checks, which fail every day. */
export function slackMessage(notice: Notice, context: SlackContext, calls = true): SlackMessage {
  const look = looks[notice.kind]
  const called = look.calls && calls ? ["<!channel>", ...context.page.map(mention)] : []
  const headline = `${look.mark} ${notice.subject}: ${notice.event}`
  const header: Block = {
    type: "header",
    text: { type: "plain_text", text: slackText(headline.replace(/\s+/g, " "), 150), emoji: true },
  }
  const facts = body(notice, context)
  return {
    text: [
      ...called.slice(0, mostInText),
      called.length > mostInText ? `and ${called.length - mostInText} more:` : "",
      slackText(headline, 500),
    ]
      .filter(Boolean)
      .join(" "),
    blocks: [header, ...inSections(called, [header, ...facts])],
    attachments: [{ color: look.color, blocks: facts }],
    unfurl_links: false,
  }
}

function body(notice: Notice, { source, troubleshooting }: SlackContext): Block[] {
  const troubled = looks[notice.kind].calls || notice.kind === NoticeKind.Stopped
  const { commit, milliseconds } = notice
  const facts = [
    ["Component", slackText(notice.component, 100)],
    ["Environment", slackText(notice.environment, 100)],
    ["Version", slackText(notice.version, 100)],
    ["Commit", commit && (link(`${source}/commit/${commit}`, commit.slice(0, 7)) || slackText(commit, 100))],
    ["Author", slackText(notice.author, 100)],
    ["Started by", slackText(notice.actor, 100)],
    ["Took", milliseconds > 0 ? duration(milliseconds) : ""],
    ["Live now", slackText(notice.live, 200)],
    ["Migration", slackText(notice.migration, 300)],
  ].filter(([, text]) => text)
  const links = [
    link(notice.run, "Run"),
    link(notice.url, "Site"),
    troubled ? link(troubleshooting, "Troubleshooting") : "",
  ].filter(Boolean)
  const excerpt = notice.log.join("\n")
  return [
    ...(facts.length > 0
      ? [{ type: "section" as const, fields: facts.map(([name, text]) => mrkdwn(`*${name}*\n${text}`)) }]
      : []),
    ...(notice.message ? [section(code(notice.message, 400))] : []),
    ...(notice.failed ? [section(`*Failed*\n${slackText(notice.failed, 600)}`)] : []),
    ...(notice.reason ? [section(`*Why*\n${code(notice.reason, 1500)}`)] : []),
    ...(excerpt ? [section(`*Log*\n${code(excerpt, 2500)}`)] : []),
    ...(notice.next ? [section(`*Next*\n${slackText(notice.next, 600)}`)] : []),
    ...(notice.command ? [section(`*${troubled ? "Type" : "Undo"}*\n${code(notice.command, 600)}`)] : []),
    ...(links.length > 0 ? [section(links.join(" · "))] : []),
  ]
}

/** The text of a message is shown where its blocks are not, and is best below 4,000 characters. */
const mostInText = 80
/**
 * A section takes 3,000 characters, and all blocks of a message some 12,000 with their JSON, as others saw it:
 * https://docs.slack.dev/reference/block-kit/blocks
 */
const [mostInSection, mostInBlocks] = [2900, 11_500]
const sizeOf = (blocks: Block[]) => blocks.reduce((sum, block) => sum + JSON.stringify(block).length, 0)

/** Mentions in as many sections as they need; those for which there is no room beside the other blocks are counted. */
function inSections(mentions: string[], others: Block[]): Block[] {
  const lines: string[][] = []
  let room = mostInBlocks - sizeOf(others) - sizeOf([section("and 1000 more")])
  for (const [at, one] of mentions.entries()) {
    const last = lines.at(-1)
    const fits = last !== undefined && [...last, one].join(" ").length <= mostInSection
    room -= fits ? one.length + 1 : sizeOf([section(one)])
    if (room < 0) return [...lines, [`and ${mentions.length - at} more`]].map((line) => section(line.join(" ")))
    if (fits) last.push(one)
    else lines.push([one])
  }
  return lines.map((line) => section(line.join(" ")))
}

const section = (text: string): Block => ({ type: "section", text: mrkdwn(text) })
/** Verbatim: Slack does not turn channels, names or addresses in it into links. */
const mrkdwn = (text: string): Text => ({ type: "mrkdwn", text, verbatim: true })

const mention = (id: string) => (id.startsWith("S") ? `<!subteam^${id}>` : `<@${id}>`)

/** Untrusted text as a code block that it cannot close. */
const code = (text: string, limit: number) =>
  `\`\`\`\n${slackText(sanitized(text).replaceAll("```", "'''"), limit)}\n\`\`\``

function link(address: string, label: string): string {
  const href = webAddress(address).replaceAll("|", "%7C")
  return href && href.length <= 2000 ? `<${slackText(href, 2500)}|${label}>` : ""
}

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" }

/**
 * Untrusted text for Slack, which only interprets & < >: once escaped, `<!channel>` mentions nobody. Redacted, and at most `limit`
 * characters long after escaping; never cuts a character or an escape in two.
 */
export function slackText(text: string, limit: number): string {
  let written = ""
  for (const one of redacted(sanitized(text)).trim().toWellFormed()) {
    const next = entities[one] ?? one
    if (written.length + next.length > limit - 1) return `${written}…`
    written += next
  }
  return written
}
