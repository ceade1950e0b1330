/** Shorter ones would blacken ordinary words. */
const shortest = 6
/** Patterns of the values that this call knows, by value. The module runs in a process of its own for each call. */
const known = new Map<string, RegExp>()

/**
 * Remembers the value of a secret, so that `masked` finds it as it is and as base64, hexadecimal, URL, JSON and HTML write it.
 * Of an address its password and the long parts of its path count too, of a key each of its lines. Under 6 characters nothing is kept.
 * @returns the value, without white space around it.
 */
export function keepSecret(value: string): string {
  for (const part of parts(value.trim())) {
    if (part.length >= shortest && !known.has(part)) known.set(part, new RegExp(written(part).join("|"), "g"))
  }
  return value.trim()
}

/** The text with every known value replaced by `***`, in whatever way it is written. */
export const withoutKnownSecrets = (text: string) =>
  [...known.values()].reduce((left, pattern) => left.replace(pattern, "***"), text)

function parts(value: string): string[] {
  const url = URL.parse(value)
  const lines = value.includes("\n")
    ? value.split(/\r?\n/).filter((line) => line.length >= 16 && !/^-----/.test(line))
    : []
  if (!url?.host) return [value, ...lines]
  return [value, url.password, decoded(url.password), ...url.pathname.split("/").filter((part) => part.length >= 16)]
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Patterns of the ways in which a value may be written. */
function written(value: string): string[] {
  const bytes = Buffer.from(value)
  return [
    [...value].map(character).join(""),
    ...[0, 1, 2].map((offset) => base64(bytes, offset)),
    [...bytes].map((byte) => hexadecimal(byte)).join(""),
  ].filter((pattern) => pattern !== "")
}

const named: Record<string, string> = { "&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos" }

/** A character as it is, or as URL (once or twice), form, JSON (once or twice) and HTML write it. */
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
 * What base64 makes of the bytes wherever they stand in a longer text: `offset` bytes are before them in their group of three. Only
 * the digits that no neighbour has a part in are sure; those beside them are taken along. Lines may break anywhere.
 */
function base64(bytes: Buffer, offset: number): string {
  const digits = Buffer.concat([Buffer.alloc(offset), bytes]).toString("base64")
  const sure = digits.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6))
  const pattern = [...sure].map((digit) => ({ "+": "(?:[+-]|%2[Bb])", "/": "(?:[/_]|%2[Ff])" })[digit] ?? digit)
  return `[\\w+/-]{0,1}${pattern.join("\\s?")}[\\w+/-]{0,1}(?:=|%3[Dd]){0,2}`
}
