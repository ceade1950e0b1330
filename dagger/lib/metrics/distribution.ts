/** The distribution of some times, in whole seconds. */
export interface Distribution {
  count: number
  average: number
  /** Of an even number of times, halfway between the two in the middle. */
  median: number
  /** By the nearest rank: the shortest time that 95 % of them do not exceed. With less than 20, the longest. */
  p95: number
}

/** `undefined` without any times: there is no average of nothing. */
export function distribution(seconds: number[]): Distribution | undefined {
  if (seconds.length === 0) return undefined
  const sorted = seconds.toSorted((one, other) => one - other)
  const at = (rank: number) => sorted[rank - 1] ?? 0
  const count = sorted.length
  return {
    count,
    average: Math.round(sorted.reduce((sum, each) => sum + each, 0) / count),
    median: Math.round((at(Math.ceil(count / 2)) + at(Math.floor(count / 2) + 1)) / 2),
    // With integers, since 0.95 × 20 is a little more than 19.
    p95: Math.round(at(Math.ceil((95 * count) / 100))),
  }
}
