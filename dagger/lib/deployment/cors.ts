import type { SitePage } from "../settings/settings-types.js"
import type { Answer } from "./answer.js"

/** What a browser sends before a question with a JSON body. https://fetch.spec.whatwg.org/#cors-preflight-fetch */
export const preflight = ({ origin, method }: SitePage): Record<string, string> => ({
  origin,
  "access-control-request-method": method,
  "access-control-request-headers": "content-type",
})

/**
 * Why a browser would keep the service from the site's page; "" when it would not.
 * @param answer of the health check, asked with the page's origin.
 * @param allowed answer to the preflight.
 */
export function judgeCors(answer: Answer, allowed: Answer, { origin, path, method }: SitePage): string {
  if (answer.kind === "silent" || allowed.kind === "silent")
    return allowed.kind === "silent" ? `OPTIONS ${path} ${allowed.why}` : ""
  const refused = (what: string) =>
    `a browser keeps it from the pages of ${origin}: ${what}; see CORS_ORIGINS or the like`
  if (!allows(answer.headers["access-control-allow-origin"], origin))
    return refused(`access-control-allow-origin is ${quote(answer.headers["access-control-allow-origin"])}`)
  if (allowed.status < 200 || allowed.status > 299) return refused(`OPTIONS ${path} was answered ${allowed.status}`)
  const told = (name: string) => allowed.headers[`access-control-allow-${name}`]
  if (!allows(told("origin"), origin))
    return refused(`OPTIONS ${path} names ${quote(told("origin"))} as the origin that may ask`)
  // https://fetch.spec.whatwg.org/#cors-safelisted-method
  if (!["GET", "HEAD", "POST"].includes(method) && !lists(told("methods"), method))
    return refused(`OPTIONS ${path} does not allow ${method}`)
  return lists(told("headers"), "content-type") ? "" : refused(`OPTIONS ${path} does not allow the header content-type`)
}

const allows = (told: string | undefined, origin: string) => told === "*" || told === origin
const lists = (told = "", one: string) =>
  told.split(",").some((each) => each.trim() === "*" || each.trim().toLowerCase() === one.toLowerCase())
const quote = (value: string | undefined) => (value === undefined ? "missing" : JSON.stringify(value.slice(0, 80)))
