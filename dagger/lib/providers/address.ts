/** A file's path as it stands in an address: `#`, `?`, `%` and the like mean nothing there. */
export const quoted = (path: string) => path.split("/").map(encodeURIComponent).join("/")

/** The target of the link to a list's next page, as it is written; "" for none. https://www.rfc-editor.org/rfc/rfc8288#section-3 */
export const nextLink = (link: string | undefined): string =>
  /<([^<>]+)>[^<>]*;\s*rel\s*=\s*(?:next\b|"(?:[^"<>]*\s)?next(?:\s[^"<>]*)?")/i.exec(link ?? "")?.[1] ?? ""

/** The next page that a list's answer links to, with its query; "" for none. Another origin is not followed. */
export function nextPage(link: string | undefined, url: string): string {
  const found = nextLink(link)
  const next = found ? URL.parse(found, url) : null
  return next && next.origin === new URL(url).origin ? next.pathname + next.search : ""
}
