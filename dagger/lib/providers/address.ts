/** A file's path as it stands in an address: `#`, `?`, `%` and the like mean nothing there. */
export const quoted = (path: string) => path.split("/").map(encodeURIComponent).join("/")

/** The next page that a list's answer links to, with its query; "" for none. Another origin is not followed. */
export function nextPage(link: string | undefined, url: string): string {
  const found = /<([^<>]+)>[^<>]*;\s*rel="?next"?(?=\s*(?:[,;]|$))/.exec(link ?? "")?.[1]
  const next = found ? URL.parse(found, url) : null
  return next && next.origin === new URL(url).origin ? next.pathname + next.search : ""
}
