import { redacted, sanitized, shortened } from "./untrusted.js"

/** A duration: `4.2 s`, `3 min 12 s`. */
export function duration(milliseconds: number): string {
  const whole = Math.round(milliseconds / 1000)
  return whole < 60 ? seconds(milliseconds) : `${Math.floor(whole / 60)} min ${whole % 60} s`
}

/** Untrusted text as code, so that Markdown formats nothing in it and mentions nobody. */
export function code(text: string): string {
  const line = oneLine(text).replaceAll("|", "\\|")
  const fence = "`".repeat(Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length)) + 1)
  const pad = line.startsWith("`") || line.endsWith("`") ? " " : ""
  return line && `${fence}${pad}${line}${pad}${fence}`
}

/** A number of things: `1 link`, `3 links`. @param several where it is not the noun with an s. */
export const count = (number: number, noun: string, several = `${noun}s`) =>
  `${number} ${number === 1 ? noun : several}`

/** A short time in seconds: `4.2 s`. */
export const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`

/** Untrusted text on one line, redacted and sanitized. @param most characters that stay. */
export const oneLine = (text: string, most = 2000) =>
  shortened(redacted(sanitized(text.toWellFormed())).replace(/\s+/g, " ").trim(), most)

/** Lines as one: what a colon announces follows it, others follow a semicolon. */
export const joined = (text: string) => text.replace(/:\s*\n\s*/g, ": ").replace(/\s*\n\s*/g, "; ")

/** A value as one word of a shell, whatever it holds. */
export const word = (value: string) => (/^[\w.@%+=:,/-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`)

/** A text as a call prints it: its last line ends, so that what the next call prints begins on one of its own. */
export const printed = (text: string) => (text.endsWith("\n") ? text : `${text}\n`)
