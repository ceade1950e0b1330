import { kindOf } from "./recipe.js"

/** An entry as a registry lists it. */
export interface Listed {
  tag: string
  /** When it was pushed, ISO 8601; "" when nobody says. */
  created: string
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

/** The entries that are too many: all but the newest of each kind. What no kind has is nobody's to delete; one without a date is oldest. */
export function superfluous<Each extends Listed>(entries: readonly Each[]): Each[] {
  const kinds = Map.groupBy(
    entries.filter(({ tag }) => kindOf(tag)),
    ({ tag }) => kindOf(tag),
  )
  return [...kinds.values()].flatMap((all) =>
    all
      .toSorted((one, other) => (one.created < other.created ? 1 : one.created > other.created ? -1 : 0))
      .slice(keptOfEachKind),
  )
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

/** Deletes the entries that are too many, and says what came of it; nothing where there are none. */
export async function pruned(remover: Remover): Promise<string[]> {
  const old = superfluous(await remover.list())
  const outcomes = await Promise.all(old.map(async (entry) => ({ entry, why: await remover.remove(entry) })))
  const [gone, left] = [outcomes.filter(({ why }) => !why), outcomes.filter(({ why }) => why)]
  const entries = left.length === 1 ? "1 old entry is" : `${left.length} old entries are`
  return [
    ...(gone.length > 0 ? [`deleted ${gone.map(({ entry }) => entry.tag).join(", ")}`] : []),
    ...(left.length > 0 ? [`${entries} left: ${left[0]?.why ?? ""}`] : []),
  ]
}
