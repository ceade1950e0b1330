/** The page with this section in place of the one of the same title, or at its end: several scripts write one page, each its own part. */
export function withSection(page: string, section: string): string {
  const title = section.split("\n", 1)[0]
  const parts = page.trimEnd().split(/\n+(?=## )/)
  const at = parts.findIndex((part) => part.split("\n", 1)[0] === title)
  return `${parts.toSpliced(at < 0 ? parts.length : at, 1, section.trimEnd()).join("\n\n")}\n`
}
