/** Text in one cell of a table. */
export const cell = (text: string) => text.replace(/\s+/g, " ").trim().replaceAll("|", "\\|")

/** A table; nothing where it has no rows. */
export const table = (head: string[], rows: string[][]): string =>
  rows.length === 0
    ? ""
    : [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.map(cell).join(" | ")} |`).join("\n")

/** Blocks with an empty line between two. */
export const page = (blocks: string[]) => `${blocks.filter((block) => block !== "").join("\n\n")}\n`

/** In a span of code; nothing for nothing. */
export const code = (text: string) => (text === "" ? "" : text.includes("`") ? `\`\` ${text} \`\`` : `\`${text}\``)

/** Where GitHub puts a heading. */
export const anchor = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replace(/\s/g, "-")

export const generated = (from: string) =>
  `<!-- Written by \`.ci/reference\` from ${from}. Change it there, then run \`.ci/reference\`. -->`
