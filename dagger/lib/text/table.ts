import { escaped } from "./untrusted.js"
import { code, oneLine } from "./wording.js"

/** A table of text, for a terminal, Markdown or a page. */
export interface Table {
  title: string
  heads: string[]
  rows: string[][]
  /** How many columns from the left hold text; the others hold numbers. */
  words: number
}

/** One line, redacted and sanitized. */
export const cell = (text: string) => oneLine(text, 500)

export function tableText({ heads, rows, words }: Table): string[] {
  const all = [heads, ...rows.map((row) => row.map(cell))]
  const widths = heads.map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0)))
  return all.map((row) =>
    row
      .map((text, at) => (at < words ? text.padEnd(widths[at] ?? 0) : text.padStart(widths[at] ?? 0)))
      .join("  ")
      .trimEnd(),
  )
}

export function tableMarkdown({ heads, rows, words }: Table): string[] {
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`
  return [
    line(heads),
    line(heads.map((_, at) => (at < words ? "---" : "---:"))),
    ...rows.map((row) => line(row.map(inMarkdown))),
  ]
}

/** Well-formed as XML too. */
export function tableHtml({ title, heads, rows, words }: Table): string {
  const kind = (at: number) => (at < words ? "" : ' class="number"')
  const head = heads.map((text, at) => `<th scope="col"${kind(at)}>${escaped(text)}</th>`).join("")
  const body = rows.map(
    (row) =>
      `<tr>${row.map((text, at) => (at === 0 ? `<th scope="row">${escaped(cell(text))}</th>` : `<td${kind(at)}>${inHtml(text)}</td>`)).join("")}</tr>`,
  )
  return `<div class="wide" role="region" aria-label="${escaped(title)}" tabindex="0"><table>
<caption>${escaped(title)}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${body.join("\n")}
</tbody></table></div>`
}

/** Only a complete web address becomes a link. */
function inHtml(text: string): string {
  const shown = cell(text)
  const isAddress = /^https?:\/\/[^\s<>"'`\\]+$/.test(shown) && URL.canParse(shown)
  return isAddress ? `<a href="${escaped(shown)}" rel="noreferrer">${escaped(shown)}</a>` : escaped(shown)
}

/** Text that Markdown does not interpret; anything else is shown as code. */
const inMarkdown = (text: string) => (/^[A-Za-z0-9 .,%():–-]*$/.test(cell(text)) ? cell(text) : code(cell(text)))
