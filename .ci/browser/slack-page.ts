import type { SlackMessage } from "../../dagger/lib/notifications/slack-message.js"
import { page } from "../../dagger/lib/text/page.js"
import { escaped } from "../../dagger/lib/text/untrusted.js"

type Block = SlackMessage["blocks"][number]
type Text = NonNullable<Block["text"]>

/** A message as a channel shows it, from what Slack got. https://docs.slack.dev/reference/block-kit/blocks */
export const slackPage = ({ blocks, attachments }: SlackMessage): string =>
  page(
    "A message in Slack",
    `<article>
<div class="avatar" aria-hidden="true">D</div>
<div>
<p class="from"><b>Delivery</b> <span class="app">APP</span></p>
${blocks.map(block).join("\n")}
${attachments.map(({ color, blocks }) => `<div class="attachment" style="border-color: ${escaped(color)}">\n${blocks.map(block).join("\n")}\n</div>`).join("\n")}
</div>
</article>`,
    style,
  )

function block(block: Block): string {
  if (block.type === "header") return `<h1>${shown(block.text)}</h1>`
  const fields = block.fields?.map((field) => `<div>${shown(field)}</div>`).join("") ?? ""
  return `<section>${block.text ? `<p>${shown(block.text)}</p>` : ""}${fields && `<div class="fields">${fields}</div>`}</section>`
}

/** https://docs.slack.dev/messaging/formatting-message-text */
function shown(text: Text): string {
  if (text.type === "plain_text") return escaped(text.text)
  const parts = text.text.split(/(```[\s\S]*?```|<[^>]+>)/)
  return parts.map(part).join("")
}

function part(text: string): string {
  const code = /^```\n?([\s\S]*?)\n?```$/.exec(text)?.[1]
  if (code !== undefined) return `<code>${escaped(plain(code))}</code>`
  const [, target = "", label = ""] = /^<([^|>]+)\|?([^>]*)>$/.exec(text) ?? []
  if (/^[!@]/.test(target)) return `<mark>@${escaped(target.replace(/^!(?:subteam\^)?|^@/, ""))}</mark>`
  if (target) return `<a href="${escaped(plain(target))}">${escaped(plain(label || target))}</a>`
  return escaped(plain(text))
    .replace(/\*([^*\n]+)\*/g, "<b>$1</b>")
    .replaceAll("\n", "<br/>")
}

/** The three characters that Slack wants escaped. */
const plain = (text: string) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&")

const style = `
body { max-width: 44rem; padding: 1rem }
article { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: .75rem; padding: 1rem; background: var(--card); border: 1px solid var(--line); border-radius: .5rem }
.avatar { width: 2.4rem; height: 2.4rem; border-radius: .4rem; background: #4a154b; color: #fff; font-weight: 700; display: grid; place-items: center }
.from, section p { margin: 0 } .app { font-size: .7rem; color: var(--quiet); border: 1px solid var(--line); border-radius: .2rem; padding: 0 .25rem }
h1 { font-size: 1.1rem; margin: .25rem 0 }
section { margin: .5rem 0 }
.attachment { border-left: .25rem solid; padding-left: .75rem; margin-top: .5rem }
.fields { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .5rem 1rem }
section code { display: block; margin-top: .25rem; padding: .4rem .5rem; white-space: pre-wrap; background: var(--page); border: 1px solid var(--line); border-radius: .25rem }
mark { background: none; color: var(--warn); font-weight: 600 } a { color: var(--calm) }
`
