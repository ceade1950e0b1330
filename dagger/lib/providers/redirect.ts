import type { Call, Reply } from "./call.js"

/** How many redirects in a row are followed. */
export const mostRedirects = 5

const redirects = new Set([301, 302, 303, 307, 308])

/**
 * The request that a redirect asks for; `undefined` where there is none, or none to follow.
 *
 * Another origin gets no credentials, and nothing that writes unless the request may leave; an open connection gets nothing after an
 * encrypted one. A request that writes is repeated word for word, as GitHub and the Hub ask for where something was renamed.
 * @param leaves for content that its digest names, which a registry may have put in a storage elsewhere.
 */
export function redirected(
  call: Call,
  { status, headers }: Pick<Reply, "status" | "headers">,
  { leaves = false } = {},
): Call | undefined {
  const target = headers.location ? URL.parse(headers.location, call.url) : null
  if (!redirects.has(status) || !target || !/^https?:$/.test(target.protocol)) return undefined
  const from = new URL(call.url)
  if (from.protocol === "https:" && target.protocol !== "https:") return undefined
  const isElsewhere = target.origin !== from.origin
  const reads = call.method === "GET" || call.method === "HEAD"
  if (!reads && ((isElsewhere && !leaves) || status === 303)) return undefined
  return { ...call, url: target.href, headers: isElsewhere ? withoutCredentials(call.headers) : call.headers }
}

const withoutCredentials = (headers: Record<string, string>) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !/^(?:proxy-)?authorization$|^cookie$/i.test(name)))
