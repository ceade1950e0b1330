import type { Clock } from "../../lib/clock.js"

/** A clock whose sleeps take no time; `slept` is what a real one would have waited, in milliseconds. */
export function fastClock(start = "2026-11-24T12:00:00.000Z"): Clock & { slept: number } {
  let now = Date.parse(start)
  return {
    slept: 0,
    now: () => new Date(now),
    async sleep(milliseconds) {
      now += milliseconds
      this.slept += milliseconds
      await new Promise((turn) => setImmediate(turn))
    },
  }
}
