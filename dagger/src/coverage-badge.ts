import type { Coverage } from "./coverage-gate.js"
import { escaped } from "./untrusted.js"

/**
 * A badge of the line coverage: red below the limit, amber up to 10 points over it, green from there.
 * @param label such as `frontend coverage`
 * @returns SVG 20 pixels high, without fonts or scripts from elsewhere; white on each colour reads at 4.5:1 or more.
 */
export function coverageBadge(label: string, { percent, limit }: Pick<Coverage, "percent" | "limit">): string {
  const value = `${percent.toFixed(1)} %`
  const colour = percent < limit ? "#c0322b" : percent < Math.min(100, limit + 10) ? "#8f5f00" : "#1a7f4b"
  const [left, right] = [widthOf(label), widthOf(value)]
  const text = (words: string, middle: number, width: number) =>
    `<text x="${middle}" y="14" textLength="${width - 10}">${escaped(words)}</text>`
  const title = escaped(`${label}: ${value}, the limit is ${limit} %`)
  // Without IDs, so that several badges fit into one page.
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${left + right}" height="20" role="img" aria-label="${title}">
<title>${title}</title>
<rect width="${left + right}" height="20" rx="3" fill="${colour}"/>
<path d="M${left} 0v20H3a3 3 0 0 1-3-3V3a3 3 0 0 1 3-3z" fill="#444c56"/>
<g fill="#fff" font-family="Verdana, DejaVu Sans, sans-serif" font-size="11" text-anchor="middle">${text(label, left / 2, left)}${text(value, left + right / 2, right)}</g>
</svg>
`
}

/** Wide enough for the text at 11 px; `textLength` then makes every font fill it exactly. */
const widthOf = (text: string) => Math.round([...text].length * 6.6) + 10
