/** A week of ISO 8601 in UTC: Monday to Sunday, of the year that its Thursday is in. */
export interface IsoWeek {
  /** Such as 2026-W48. */
  name: string
  /** Monday, 00:00 UTC, in milliseconds since 1970. */
  start: number
}

const day = 86_400_000
export const weekMilliseconds = 7 * day

export function isoWeek(at: number): IsoWeek {
  const sinceMonday = (new Date(at).getUTCDay() + 6) % 7
  const start = Math.floor(at / day) * day - sinceMonday * day
  const year = new Date(start + 3 * day).getUTCFullYear()
  const number = Math.floor((start + 3 * day - Date.UTC(year, 0, 1)) / weekMilliseconds) + 1
  return { name: `${year}-W${String(number).padStart(2, "0")}`, start }
}

/** The last `count` weeks, oldest first; the last one contains `to` and is not over. */
export const weeksUntil = (to: number, count: number): IsoWeek[] =>
  Array.from({ length: count }, (_, at) => isoWeek(to - (count - 1 - at) * weekMilliseconds))
