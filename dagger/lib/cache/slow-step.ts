import { count } from "../text/wording.js"

/** Whether a slow step ran in this call, or where what it leaves came from. */
export enum Origin {
  Ran = "ran",
  /** Not run: the engine kept what an earlier run of it left. */
  Cache = "cache",
  /** Not run: taken from the cache of packages in the registry. */
  Registry = "registry",
  /** It left no time that can be read. */
  Unknown = "unknown",
}

/** What did not run, with the words for where it came from. */
const caches: Partial<Record<Origin, string>> = {
  [Origin.Cache]: "from the cache",
  [Origin.Registry]: "from the registry",
}

/** A step that takes long where nothing is cached: an install, tests, a linter, a build, a scan. */
export interface SlowStep {
  /** Whose it is: `frontend`, `backend` or `workflow`. */
  component: string
  /** Such as `packages`; once in a component. */
  name: string
  origin: Origin
}

/** When this call began, and what the time is now; milliseconds since 1970 by the clock of the engine's machine. */
export interface CallTimes {
  began: number
  now: number
}

/**
 * Whether a step ran in this call, by the time that it wrote itself when it began. That time is kept with the rest of what it left, so
 * one from before the call comes from a cache.
 * @param at milliseconds since 1970; `undefined` or NaN where it left none.
 * @returns `Unknown` for a time that is still to come: somebody set the clock back.
 */
export function originOf(at: number | undefined, { began, now }: CallTimes): Origin {
  if (at === undefined || Number.isNaN(at) || at > now) return Origin.Unknown
  return at < began ? Origin.Cache : Origin.Ran
}

/** The time in what `date +%s%3N` printed; `undefined` for anything else, such as what a `date` without milliseconds prints. */
export const timeIn = (stamp: string): number | undefined =>
  /^\d{13}\n?$/.test(stamp) ? Number.parseInt(stamp, 10) : undefined

/** How many slow steps a run had, how many of them came from a cache, and of how many nobody knows. */
export interface CacheUse {
  steps: number
  cached: number
  unknown: number
}

/** Counts each step once: checks of a component share its packages, and a build asks for them again. A step that ran anywhere ran. */
export function cacheUse(steps: readonly SlowStep[]): CacheUse {
  const each = Map.groupBy(steps, ({ component, name }) => `${component} ${name}`)
  const origins = [...each.values()].map(merged)
  return {
    steps: origins.length,
    cached: origins.filter((origin) => caches[origin]).length,
    unknown: origins.filter((origin) => origin === Origin.Unknown).length,
  }
}

function merged(same: readonly SlowStep[]): Origin {
  const has = (wanted: Origin) => same.some(({ origin }) => origin === wanted)
  if (has(Origin.Ran)) return Origin.Ran
  return has(Origin.Unknown) ? Origin.Unknown : (same[0]?.origin ?? Origin.Unknown)
}

/** What of some steps did not run, for a line: `from the cache` where none did, else which; "" where all ran. */
export function cacheText(steps: readonly SlowStep[]): string {
  const named = (of: readonly SlowStep[]) => listed([...new Set(of.map(({ name }) => name))])
  const kinds = Object.entries(caches).flatMap(([origin, words]) => {
    const own = steps.filter((step) => step.origin === origin)
    const rest = steps.filter((step) => step.origin !== origin)
    if (own.length === 0) return []
    if (rest.length === 0) return [words]
    return [own.length > 2 && own.length > rest.length ? `all but ${named(rest)} ${words}` : `${named(own)} ${words}`]
  })
  const unknown = steps.filter(({ origin }) => origin === Origin.Unknown)
  return [...kinds, ...(unknown.length > 0 ? [`not known whether ${named(unknown)} ran`] : [])].join(", ")
}

/** Such as `tests, ruff and mypy`. */
const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`

/** For a report: `3 of 5 slow steps came from a cache`; "" where there was none. */
export function cacheUseText({ steps, cached, unknown }: CacheUse): string {
  if (steps === 0) return ""
  const one = `${cached === 0 ? "none" : cached} of ${count(steps, "slow step")} came from a cache`
  return unknown === 0 ? one : `${one}, of ${unknown} it is not known`
}

/** Percent of the steps with a known origin that came from a cache, rounded down, so that 100 means all; `undefined` for none. */
export function cachePercent({ steps, cached, unknown }: CacheUse): number | undefined {
  const known = steps - unknown
  return known === 0 ? undefined : Math.floor((1000 * cached) / known) / 10
}
