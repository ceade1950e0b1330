import { escaped } from "./untrusted.js"

/** Colours on which white reads at 4.5:1 or more. */
export enum BadgeColour {
  Good = "#1a7f4b",
  Near = "#8f5f00",
  Bad = "#c0322b",
  Unknown = "#5b636d",
}

/**
 * A label and its value as SVG, 20 pixels high, without fonts or scripts from elsewhere.
 * @param title for screen readers and as a tooltip
 */
export function badge(label: string, value: string, colour: BadgeColour, title: string): string {
  const [left, right] = [widthOf(label), widthOf(value)]
  const text = (words: string, middle: number, width: number) =>
    `<text x="${middle}" y="14" textLength="${width - 10}">${escaped(words)}</text>`
  // Without IDs, so that several badges fit into one page.
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${left + right}" height="20" role="img" aria-label="${escaped(title)}">
<title>${escaped(title)}</title>
<rect width="${left + right}" height="20" rx="3" fill="${colour}"/>
<path d="M${left} 0v20H3a3 3 0 0 1-3-3V3a3 3 0 0 1 3-3z" fill="#444c56"/>
<g fill="#fff" font-family="Verdana, DejaVu Sans, sans-serif" font-size="11" text-anchor="middle">${text(label, left / 2, left)}${text(value, left + right / 2, right)}</g>
</svg>
`
}

/** Wide enough for the text at 11 px; `textLength` then makes every font fit it exactly. */
const widthOf = (text: string) => Math.round([...text].length * 6.6) + 10
