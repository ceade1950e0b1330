// What the browser itself says of a page. Each function runs inside the page, so it holds all that it needs.

/** Text that a reader does not see whole: it lies beyond its page or its box, unless one can scroll there. On paper nothing scrolls. */
export function textCut(onPaper: boolean): string[] {
  const scrolls = (element: Element) => !onPaper && /auto|scroll/.test(getComputedStyle(element).overflowX)
  const cut: string[] = []
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.textContent?.trim() ?? ""
    const parent = node.parentElement
    if (!text || !parent || parent.closest("title, desc, style")) continue
    const range = document.createRange()
    range.selectNodeContents(node)
    let [left, right] = [0, document.documentElement.clientWidth]
    for (let box: Element | null = parent; box; box = box.parentElement) {
      if (scrolls(box)) [left, right] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
      // The card that it stands in; what an SVG shows may lie beside its own box.
      const isCard = getComputedStyle(box).borderRightStyle === "solid"
      if (isCard && Number.isFinite(right)) {
        const card = box.getBoundingClientRect()
        left = Math.max(left, card.left)
        right = Math.min(right, card.right)
      }
    }
    const rects = [...range.getClientRects()]
    if (rects.length === 0) cut.push(`not shown: ${text}`)
    else if (rects.some((rect) => rect.left < left - 1 || rect.right > right + 1)) cut.push(`beyond its box: ${text}`)
    if (text.endsWith("…") && getComputedStyle(parent).textOverflow === "ellipsis") cut.push(`shortened: ${text}`)
  }
  return cut
}

/** Words of common length that are broken into more than one line. */
export function wordsBroken(): string[] {
  const broken: string[] = []
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.parentElement?.closest("svg, style")) continue
    const text = node.textContent ?? ""
    for (const { 0: word, index } of text.matchAll(/(?<!\S)[A-Za-z]{2,14}(?=[.,;:]?(?!\S))/g)) {
      const range = document.createRange()
      range.setStart(node, index)
      range.setEnd(node, index + word.length)
      const lines = new Set([...range.getClientRects()].map(({ top }) => Math.round(top)))
      if (lines.size > 1) broken.push(word)
    }
  }
  return broken
}

/** Pieces of text that overlap others. */
export function textOverlapping(): string[] {
  const pieces: { text: string; rect: DOMRect }[] = []
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.textContent?.trim()
    const parent = node.parentElement
    // Clipped away: it is for those who listen.
    const isHeard = parent?.closest("thead") && getComputedStyle(parent.closest("thead") as Element).clipPath !== "none"
    if (!text || isHeard || parent?.closest("title, desc, style")) continue
    const range = document.createRange()
    range.selectNodeContents(node)
    for (const rect of range.getClientRects()) pieces.push({ text, rect })
  }
  const lap = (one: DOMRect, other: DOMRect) =>
    Math.min(one.right, other.right) - Math.max(one.left, other.left) > 1 &&
    Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 0.3 * Math.min(one.height, other.height)
  return pieces.flatMap(({ text, rect }, at) =>
    pieces.slice(at + 1).flatMap((other) => (lap(rect, other.rect) ? [`${text} / ${other.text}`] : [])),
  )
}

/** Bars, marks and meters, and what each is called; "" for one that has no label. */
export function bars(): { label: string; wide: number; high: number }[] {
  const drawn = [...document.querySelectorAll("svg rect, svg circle, meter, progress, .bar")]
  return drawn
    .filter((element) => !element.matches(".legend *, .ground") && !element.matches("svg:has(rect)"))
    .map((element) => {
      const own = element.querySelector("title")?.textContent ?? element.getAttribute("aria-label") ?? ""
      const picture = element.closest("svg")
      const called =
        picture === null ||
        (picture.getAttribute("role") === "img" &&
          (picture.getAttribute("aria-label") ??
            (picture.getAttribute("aria-labelledby") ?? "")
              .split(" ")
              .map((id) => document.getElementById(id)?.textContent ?? "")
              .join("")))
      const { width, height } = element.getBoundingClientRect()
      return { label: called ? own.trim() : "", wide: width, high: height }
    })
}

/** Texts and bars that stand out too little from what lies behind them: below 4.5 to 1 for text, below 3 to 1 for a bar. */
export function faint(): string[] {
  type Colour = [red: number, green: number, blue: number, alpha: number]
  const read = (text: string): Colour => {
    const [red = 0, green = 0, blue = 0, alpha = 1] = (text.match(/[\d.]+/g) ?? []).map(Number)
    return /^rgb/.test(text) ? [red, green, blue, alpha] : [0, 0, 0, 0]
  }
  const over = ([r, g, b, a]: Colour, [r2, g2, b2]: Colour): Colour => [
    r * a + r2 * (1 - a),
    g * a + g2 * (1 - a),
    b * a + b2 * (1 - a),
    1,
  ]
  const luminance = ([r, g, b]: Colour) => {
    const [red = 0, green = 0, blue = 0] = [r, g, b].map((part) =>
      part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4,
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const contrast = (one: Colour, other: Colour) => {
    const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a)
    return (light + 0.05) / (dark + 0.05)
  }
  const behind = (element: Element | null): Colour => {
    if (!element) return matchMedia("(prefers-color-scheme: dark)").matches ? [18, 18, 18, 1] : [255, 255, 255, 1]
    const own = read(getComputedStyle(element).backgroundColor)
    return own[3] === 1 ? own : over(own, behind(element.parentElement))
  }
  const judge = (element: Element, colour: string, least: number, what: string) => {
    const ground = behind(element)
    const ratio = contrast(over(read(colour), ground), ground)
    return ratio < least ? [`${what}: ${ratio.toFixed(2)} to 1`] : []
  }
  const texts = [...document.body.querySelectorAll("*")].filter(
    (element) =>
      !element.closest("title, desc, style") &&
      [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim()),
  )
  const shapes = [...document.querySelectorAll("svg rect, svg circle")].filter((one) => !one.matches(".ground"))
  return [
    ...texts.flatMap((element) => {
      const { color, fill } = getComputedStyle(element)
      return judge(element, element.closest("svg") ? fill : color, 4.5, element.textContent?.trim() ?? "")
    }),
    ...shapes.flatMap((element) => judge(element, getComputedStyle(element).fill, 3, element.textContent ?? "a bar")),
  ]
}

/** All words of the page, as a reader copies them: without what is hidden. */
// biome-ignore lint/performance/useDomNodeTextContent: what is shown is the question
export const text = () => document.body.innerText.replace(/\s+/g, " ")

/** How far the page goes beyond the right edge of the screen, in pixels. */
export const beyondTheScreen = () => document.documentElement.scrollWidth - document.documentElement.clientWidth

/** Regions that scroll sideways and that a keyboard does not reach, or that have no name. */
export function unreachable(): string[] {
  return [...document.querySelectorAll("*")]
    .filter((one) => /auto|scroll/.test(getComputedStyle(one).overflowX) && one.scrollWidth > one.clientWidth + 1)
    .filter((one) => !one.hasAttribute("tabindex") || !one.getAttribute("aria-label"))
    .map((one) => `${one.tagName.toLowerCase()} ${one.className}: ${one.textContent?.trim().slice(0, 60)}`)
}
