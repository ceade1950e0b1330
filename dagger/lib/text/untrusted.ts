import { stripVTControlCharacters } from "node:util"
import { withoutKnownSecrets } from "./secret-values.js"

/**
 * Patterns of the tokens that the providers issue, of keys, and of addresses with a password.
 * Each repetition that can fail late is bounded: the texts are untrusted and may be long.
 */
const tokens = new RegExp(
  [
    /\bgh[opsur]_[A-Za-z0-9]{20,}/,
    /\bgithub_pat_[A-Za-z0-9_]{20,}/,
    // Those of an hour, `hf_jwt_` and `hf_oauth_`, are longer; the form of their rest is not documented.
    /\bhf_(?:[A-Za-z0-9]{16,}|(?:jwt|oauth)_[\w.-]{16,})/,
    /\bnf[cop]_[A-Za-z0-9]{16,}/,
    /\bnpm_[A-Za-z0-9]{30,}/,
    /\bpypi-[A-Za-z0-9_-]{30,}/,
    /\bsk-[A-Za-z0-9_-]{16,}/,
    /\bxox[abeprs]-[A-Za-z0-9-]{10,}/,
    /\beyJ[\w-]{8,2000}\.[\w-]{8,4000}\.[\w-]{8,}/,
    /(?<=\b(?:Bearer|Basic) )[\w.~+/=-]{16,}/,
    /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^-]{0,20000}(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?/,
    /(?<=:\/\/[^\s/@:]{0,200}:)(?!\*{3}@)[^\s/@]{1,200}(?=@)/,
    /(?<=hooks\.slack\.com\/services\/)[\w/]{10,}/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "g",
)

/** Whether a text contains something that looks like a secret. */
export const holdsSecret = (text: string) => text.search(tokens) >= 0

/** The text with secrets replaced by `***`: those that this call knows, and anything that looks like one. */
export const redacted = (text: string) => withoutKnownSecrets(text).replace(tokens, "***")

/** The text without terminal control sequences and without characters that change the reading direction; line ends become `\n`. */
export const sanitized = (text: string) =>
  stripVTControlCharacters(text.replace(/\r\n?/g, "\n")).replace(
    /(?![\n\t])\p{Cc}|[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu,
    "",
  )

/** The last lines of a command's output for a message: sanitized, redacted, at most `lines` of them. */
export function tail(output: string, lines = 20): string[] {
  const all = redacted(sanitized(output.slice(-200_000)))
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line.trim() !== "")
  const shown = all.slice(-lines).map(clipped)
  const left = all.length - lines
  return left > 0 ? [`… ${left} ${left === 1 ? "line" : "lines"} before`, ...shown] : shown
}

/** A line of at most 400 characters: of a longer one its beginning and its end, where the cause often stands. */
export function clipped(line: string): string {
  if (line.length <= 400) return line
  const end = line.slice(-300)
  return `${shortened(line, 99)} ${/^[\udc00-\udfff]/.test(end) ? end.slice(1) : end}`
}

/** At most `limit` characters; never cuts one in two. */
export function shortened(text: string, limit: number): string {
  if (text.length <= limit) return text
  const cut = /[\ud800-\udbff]/.test(text[limit - 1] ?? "") ? limit - 1 : limit
  return `${text.slice(0, cut)}…`
}

/** For HTML, XML and SVG, in text and in attributes. */
export const escaped = (text: string) => sanitized(text).replace(/[&<>"']/g, (found) => `&#${found.charCodeAt(0)};`)

/** A web address that is safe to link to; "" for anything else, also for one that contains a secret. */
export function webAddress(text: string): string {
  const url = URL.parse(sanitized(text).trim())
  return url && /^https?:$/.test(url.protocol) && redacted(url.href) === url.href ? url.href : ""
}
