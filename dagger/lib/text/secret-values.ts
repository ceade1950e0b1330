/** Shorter values would redact ordinary words. */
const shortest = 6
/** The longest text that one regular expression can match in all encodings; longer values are cut into such pieces. */
const longest = 250
/** No secret is longer than 64 kB; of a file that was given by mistake only this much is redacted. */
const most = 65_536
/** Patterns of the secrets that this call knows, by value. Each call of the module is a separate process. */
const known = new Map<string, RegExp>()
let inOrder: RegExp[] = []

/**
 * Remembers the value of a secret, so that `redacted` finds it as it is and as base64, hexadecimal, URL, JSON and HTML write it.
 * Of an address it also remembers the password and the query, of a web address the long parts of the path, of a key each line. Ignores values under 6 characters.
 * @returns the value, without white space around it.
 */
export function keepSecret(value: string): string {
  for (const part of parts(value.trim().slice(0, most)).flatMap(pieces)) {
    if (part.length >= shortest && !known.has(part)) known.set(part, new RegExp(written(part).join("|"), "g"))
  }
  // The longest first: otherwise the rest of a value that begins with another one would stay.
  inOrder = [...known].toSorted(([one], [other]) => other.length - one.length).map(([, pattern]) => pattern)
  return value.trim()
}

/** The text with every known value replaced by `***`, in any encoding. */
export const withoutKnownSecrets = (text: string) =>
  inOrder.reduce((left, pattern) => left.replace(pattern, "***"), text)

function parts(value: string): string[] {
  const url = URL.parse(value)
  const lines = value.includes("\n")
    ? value.split(/\r?\n/).filter((line) => line.length >= 16 && !/^-----/.test(line))
    : []
  if (!url?.host) return [value, ...lines]
  // The path of a webhook is its credential; that of a database is only a name.
  const path = /^https?:$/.test(url.protocol) ? url.pathname.split("/").filter((part) => part.length >= 16) : []
  const asked = url.search.split(/[?&]/).filter((one) => /^\w*(?:password|token|secret|key)=/i.test(one))
  const passwords = [url.password, ...asked.map((one) => one.slice(one.indexOf("=") + 1))]
  return [value, ...passwords, ...passwords.map(decoded), ...path]
}

/** Pieces of nearly equal length, without cut characters at their ends. */
function pieces(part: string): string[] {
  const characters = [...part]
  const size = Math.ceil(characters.length / Math.ceil(characters.length / longest))
  return Array.from({ length: Math.ceil(characters.length / size) || 0 }, (_, at) =>
    characters.slice(at * size, (at + 1) * size).join(""),
  )
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Patterns of the encodings of a value. */
function written(value: string): string[] {
  const bytes = Buffer.from(value)
  return [
    [...value].map(character).join(""),
    ...[0, 1, 2].map((offset) => base64(bytes, offset)),
    [...bytes].map((byte) => hexadecimal(byte)).join(""),
  ].filter((pattern) => pattern !== "")
}

const named: Record<string, string> = { "&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos" }

/** A character as it is, and as URL (once or twice), form, JSON (once or twice) and HTML encode it. */
function character(one: string): string {
  if (/[A-Za-z0-9]/.test(one)) return one
  const code = one.codePointAt(0) ?? 0
  const escapes = { "\n": "n", "\r": "r", "\t": "t", '"': '"', "\\": "\\\\", "/": "/" }[one]
  return `(?:${[
    one.replace(/[\\^$.*+?()[\]{}|/-]/, "\\$&"),
    [...Buffer.from(one)].map((byte) => `%(?:25)?${hexadecimal(byte)}`).join(""),
    [...Array(one.length)].map((_, at) => `\\\\{1,2}u${hexDigits(one.charCodeAt(at), 4)}`).join(""),
    `&#(?:0*${code}|[xX]0*${hexDigits(code, 1)});`,
    ...(escapes ? [`\\\\{1,3}${escapes}`] : []),
    ...(named[one] ? [`&${named[one]};`] : []),
    ...(one === " " ? ["\\+"] : []),
  ].join("|")})`
}

const hexadecimal = (byte: number) => hexDigits(byte, 2)
const hexDigits = (code: number, width: number) =>
  code
    .toString(16)
    .padStart(width, "0")
    .replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`)

/**
 * The base64 of the bytes at any position in a longer text: `offset` bytes precede them in their group of three. Digits that do not
 * depend on neighbouring bytes are fixed; shared ones match anything. Lines may break anywhere.
 */
function base64(bytes: Buffer, offset: number): string {
  const digits = Buffer.concat([Buffer.alloc(offset), bytes]).toString("base64")
  const sure = digits.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6))
  const pattern = [...sure].map((digit) => ({ "+": "(?:[+-]|%2[Bb])", "/": "(?:[/_]|%2[Ff])" })[digit] ?? digit)
  const [before, after] = [offset, (offset + bytes.length) % 3].map((shared) => (shared > 0 ? "[\\w+/-]?" : ""))
  return `${before}${pattern.join("\\s?")}${after}(?:=|%3[Dd]){0,2}`
}
