const units: [name: string, seconds: number][] = [
  ["d", 86_400],
  ["h", 3600],
  ["min", 60],
  ["s", 1],
]

/** Whole seconds in their two largest units, such as `3 h 20 min`. */
export function describedSpan(seconds: number): string {
  const first = units.findIndex(([, size]) => seconds >= size)
  if (first === -1) return "0 s"
  const parts = units.slice(first, first + 2)
  // Rounded to the smaller of the two first, or 59 min 59.9 s would become 59 min 60 s.
  const smallest = parts.at(-1)?.[1] ?? 1
  const rounded = Math.round(seconds / smallest) * smallest
  if (rounded >= (units[first - 1]?.[1] ?? Number.POSITIVE_INFINITY)) return describedSpan(rounded)
  let left = rounded
  return parts
    .map(([name, size]) => {
      const count = Math.floor(left / size)
      left -= count * size
      return count > 0 ? `${count} ${name}` : ""
    })
    .filter(Boolean)
    .join(" ")
}
