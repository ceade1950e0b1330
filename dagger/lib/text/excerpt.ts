import { clipped, redacted, sanitized, shortened } from "./untrusted.js"

/** Lines that name a cause, the surest kind first. */
const causes = [
  // An exception of Python or JavaScript by its name, also behind pytest's E, and the lists of Docusaurus.
  /^(?:E\s+|\[cause\]:\s*|Uncaught\s+|Caused by:\s*)*(?:[\w$]+\.)*[A-Z]\w*(?:Error|Exception|Exit|Timeout|Interrupt|Found)(?:\s*\[\w+\])?(?::|$)|^\[cause\]|^(?:-\s*)?Broken (?:link|anchor)|^-+> linking to/,
  /^(?:npm (?:error|ERR!)|E\s{2,}|FAIL(?:ED)?\b|FATAL\b|ERR(?:OR)?\b|\[ERROR\]|error\b|fatal:|[✗✘×❌●✖]|Module not found|Cannot find|Caused by)|\berror(?: TS\d+| \w+)?:|\bERR_\w+|did not complete successfully|command not found|No such file or directory|requires a different Python/i,
  /\b(?:errors?|failed|failure|fatal|missing|cannot|could not|can't|not found|denied|refused|unable|unknown|invalid)\b/i,
]
/** Lines that only look like it: advice of the tools, counts, frames of a stack. */
const noise =
  /^npm (?:warn|notice)|\/_logs\/|A complete log of this run|^npm (?:error|ERR!)\s*$|\[notice\]|\bDEBUG\b|^note: This (?:error|is an issue)|Background on this error|^During handling of|^The above exception|\b0 (?:errors|failed|failures)\b|^Found \d+ errors?\b|short test summary|^=+ .* =+$|^(?:npm (?:error|ERR!) )?Command failed\b|https?:\/\/\S+\/errors?\b\S*\s*$/i
const frame =
  /^(?:at .+:\d+:\d+\)?(?: \{)?$|at (?:async )?[\w.<>[\] ]+ \(.*\)|File "[^"]+", line \d+|[\^~]+$|Traceback \(most recent)/

/** Of a line, what a tool put before it: BuildKit its step and the time, npm and colours nothing that matters. */
const bare = (line: string) =>
  line
    .trim()
    .replace(/^#\d+ (?:\d+\.\d+ )?/, "")
    .replace(/^(?:\d+ \| |\| )/, "")

const rankOf = (line: string): number => {
  // The line as it will be shown: what is cut out of a long one can't name its cause, and patterns end in time.
  const words = bare(clipped(line))
  if (words === "" || noise.test(words) || frame.test(words)) return causes.length
  const rank = causes.findIndex((pattern) => pattern.test(words))
  return rank < 0 ? causes.length : rank
}

/** A message names at most so many of them by itself. */
const most = 5

/**
 * What a command said, fit for a message: redacted, sanitized, at most `lines` lines and the ones that tell of what is left out.
 * First the lines that name a cause, each with what follows it, then the last lines; in their order when all of it fits and
 * begins with a cause.
 */
export function excerpt(said: string, lines = 15): string[] {
  const all = redacted(sanitized(ends(said)))
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line.trim() !== "")
  const named = causesIn(all)
  const isShort = all.length <= lines && (all.length <= most || named.length === 0 || (named[0] ?? 0) < 3)
  if (isShort) return all.map(clipped)
  const first = named.slice(0, Math.max(1, lines - 4))
  const rest = all.map((_, at) => at).filter((at) => !first.includes(at))
  const last = rest.slice(-(lines - first.length))
  const left = rest.length - last.length
  const gap = left > 0 ? [`… ${left} ${left === 1 ? "line" : "lines"} before`] : first.length > 0 ? ["…"] : []
  return [...first.map((at) => all[at] ?? ""), ...gap, ...last.map((at) => all[at] ?? "")].map(clipped)
}

/** The line that names the cause best, with those that go on below it, as one; "" where none looks like a cause. */
export function causeIn(said: string, limit = 200): string {
  const all = redacted(sanitized(ends(said)))
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
  const named = causesIn(all)
  const first = named[0]
  if (first === undefined) return ""
  const lines = [first, first + 1, first + 2].filter((at, step) => step === 0 || named.includes(at))
  const words = lines.map((at) => bare(clipped(all[at] ?? "")).replace(/^E\s+/, ""))
  // Behind a gap stands what the text ends with.
  const gap = words.findIndex((line) => line.startsWith("…"))
  return shortened((gap > 0 ? words.slice(0, gap) : words).join("; "), limit)
}

/** Where the lines stand that name the cause best, and those that go on below them. */
function causesIn(all: string[]): number[] {
  const ranks = all.map(rankOf)
  const chosen: number[] = []
  const seen = new Set<string>()
  for (let rank = 0; rank < causes.length && chosen.length < most; rank++) {
    // Weak words say little beside a sure sign.
    if (rank === causes.length - 1 && chosen.length > 0) break
    const alike = all.flatMap((line, at) => {
      if (ranks[at] !== rank || seen.has(bare(line))) return []
      seen.add(bare(line))
      return [at]
    })
    // The first is where it began; of nested failures the last is what the tool made of it.
    const room = most - chosen.length
    chosen.push(...(alike.length > room ? [...alike.slice(0, room - 1), ...alike.slice(-1)] : alike))
  }
  const following = chosen.slice(0, 3).flatMap((at) => {
    const next = [at + 1, at + 2]
    const until = next.findIndex((one) => {
      const line = bare(clipped(all[one] ?? ""))
      return line === "" || noise.test(line) || frame.test(line)
    })
    return until < 0 ? next : next.slice(0, until)
  })
  return [...new Set([...chosen, ...following])].sort((one, other) => one - other)
}

/** Enough of both ends: a cause may stand at either. */
const ends = (said: string) => (said.length > 300_000 ? `${said.slice(0, 100_000)} … ${said.slice(-200_000)}` : said)
