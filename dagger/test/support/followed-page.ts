/** A block of a page: commands, with what one sees below them, or a file to write. */
export interface Block {
  language: string
  text: string
  /** Lines of the text block that follows at once; none where the next block is another command. */
  seen: string[]
  /** The heading that it stands under. */
  heading: string
}

/** Fenced blocks of a page in their order; what stands in a `text` block belongs to the commands before it. */
export function blocksOf(page: string): Block[] {
  const blocks: Block[] = []
  for (const found of page.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)) {
    const [, language = "", text = ""] = found
    const heading = [...page.slice(0, found.index).matchAll(/^#+ (.+)$/gm)].at(-1)?.[1] ?? ""
    const before = blocks.at(-1)
    if (language !== "text") blocks.push({ language, text, seen: [], heading })
    else if (before?.language === "sh" && before.heading === heading && before.seen.length === 0)
      before.seen = text.trimEnd().split("\n")
    else throw new Error(`the text below "${heading}" belongs to no command`)
  }
  return blocks
}

/** What the table "Replace in what follows" of a page names. */
export const placeholdersOf = (page: string): string[] =>
  [...(/^Replace in what follows:\n\n([\s\S]*?)\n\n/m.exec(page)?.[1] ?? "").matchAll(/^\| `([^`]+)` \|/gm)].map(
    ([, name = ""]) => name,
  )

/** The text with each placeholder replaced where it stands as a whole word. */
export const filledIn = (text: string, values: Record<string, string>): string =>
  Object.entries(values).reduce(
    (filled, [name, value]) =>
      filled.replaceAll(
        new RegExp(`(?<![\\w/.-])${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![\\w/.-])`, "g"),
        value,
      ),
    text,
  )

/** The first line of the page that the output does not show, in the page's order; `…` stands for anything. */
export function unseen(lines: string[], output: string): string | undefined {
  const printed = output.split("\n").map((line) => line.trimEnd())
  let from = 0
  return lines.find((line) => {
    const parts = line.split("…").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/ +/g, " +"))
    const at = printed.slice(from).findIndex((one) => new RegExp(`^${parts.join(".*")}$`).test(one))
    if (at < 0) return true
    from += at + 1
    return false
  })
}
