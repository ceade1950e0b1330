/** The folders above a component, from the nearest to the repository's root, each with its `/`; none for one in the root. */
export function foldersAbove(source: string): string[] {
  const parts = source.split("/").filter((part) => part && part !== ".")
  return parts.map((_, depth) =>
    parts
      .slice(0, parts.length - 1 - depth)
      .map((part) => `${part}/`)
      .join(""),
  )
}

/** Files of these names above a component, as patterns from the repository's root. */
export const filesAbove = (source: string, names: string[]): string[] =>
  foldersAbove(source).flatMap((folder) => names.map((name) => `${folder}${name}`))

/**
 * Text of the nearest file above a component that has one of these names and says something, in a folder the first name first; "" for none.
 * @param texts by path from the repository's root. @param says whether a text is of use.
 */
export function nearestAbove(
  source: string,
  names: string[],
  texts: Record<string, string>,
  says: (text: string) => unknown,
): string {
  const path = filesAbove(source, names).find((file) => Object.hasOwn(texts, file) && says(texts[file] ?? ""))
  return path === undefined ? "" : (texts[path] ?? "")
}
