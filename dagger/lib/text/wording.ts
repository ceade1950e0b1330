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

/** A number of things: `1 link`, `3 links`. */
export const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? "" : "s"}`

/** A short time in seconds: `4.2 s`. */
export const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`

/** Untrusted text on one line, redacted and sanitized. */
export const oneLine = (text: string) => shortened(redacted(sanitized(text)).replace(/\s+/g, " ").trim(), 2000)

/** A value as one word of a shell, whatever it holds. */
export const word = (value: string) => (/^[\w.@%+:,/-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`)

/** A text as a call prints it: its last line ends, so that what the next call prints begins on one of its own. */
export const printed = (text: string) => (text.endsWith("\n") ? text : `${text}\n`)
