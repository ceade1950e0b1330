/** Whole minutes that a text takes to read, at least one. */
export function readingMinutes(text) {
  const words = text.split(/\s+/).filter(Boolean)
  return Math.max(1, Math.round(words.length / 200))
}
