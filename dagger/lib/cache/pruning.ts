import { kindOf } from "./recipe.js"

/** An entry as a registry lists it. */
export interface Listed {
  tag: string
  /** When it was pushed, ISO 8601; "" when nobody says. */
  created: string
  /** Its other tags, of whatever kind: what is deleted goes under each of its names. */
  others: readonly string[]
}

/** How many entries of each kind are kept: those of as many states of a lock file. */
export const keptOfEachKind = 10

/** Kinds of which there are more than are kept. */
export const crowded = (tags: readonly string[]): string[] => {
  const counts = new Map<string, number>()
  for (const tag of tags) {
    const kind = kindOf(tag)
    if (kind) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }
  return [...counts].filter(([, count]) => count > keptOfEachKind).map(([kind]) => kind)
}

/**
 * The entries that are too many: all but the newest of each kind. What no kind has is nobody's to delete, nor is what a name has that
 * stays; one without a date is oldest.
 * @param inUse tags that this run uses, which are new to it however old they are.
 */
export function superfluous<Each extends Listed>(entries: readonly Each[], inUse: readonly string[] = []): Each[] {
  const kinds = Map.groupBy(
    entries.filter(({ tag }) => kindOf(tag)),
    ({ tag }) => kindOf(tag),
  )
  const age = ({ tag, created }: Each) => `${inUse.includes(tag) ? 1 : 0} ${created}`
  const old = [...kinds.values()].flatMap((all) =>
    all.toSorted((one, other) => (age(one) < age(other) ? 1 : age(one) > age(other) ? -1 : 0)).slice(keptOfEachKind),
  )
  const going = new Set(old.map(({ tag }) => tag))
  return old.filter(({ others }) => others.every((name) => going.has(name)))
}

/** Where entries are deleted: the registry itself, or who keeps it. */
export interface Remover {
  /** Its name in messages. */
  name: string
  /** At least the entries of each kind that has too many. */
  list(): Promise<Listed[]>
  /** @returns why an entry was not deleted; "" once it is gone. */
  remove(entry: Listed): Promise<string>
}

/**
 * Deletes the entries that are too many, and says what came of it; nothing where there are none.
 * @param inUse tags that this run uses.
 */
export async function pruned(remover: Remover, inUse: readonly string[] = []): Promise<string[]> {
  const old = superfluous(await remover.list(), inUse)
  const outcomes = await Promise.all(old.map(async (entry) => ({ entry, why: await remover.remove(entry) })))
  const [gone, left] = [outcomes.filter(({ why }) => !why), outcomes.filter(({ why }) => why)]
  const entries = left.length === 1 ? "1 old entry is" : `${left.length} old entries are`
  return [
    ...(gone.length > 0 ? [`deleted ${gone.map(({ entry }) => entry.tag).join(", ")}`] : []),
    ...(left.length > 0 ? [`${entries} left: ${left[0]?.why ?? ""}`] : []),
  ]
}
