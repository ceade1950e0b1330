import { describe, expect, it } from "vitest"
import { crowded, type Listed, pruned, superfluous } from "../../lib/cache/pruning.js"
import type { PackageKind } from "../../lib/cache/recipe.js"

/** Entries of a kind, a day apart, oldest first. */
const entries = (kind: PackageKind, count: number): Listed[] =>
  Array.from({ length: count }, (_, at) => ({
    tag: `${kind}-${at.toString(16).padStart(32, "0")}`,
    created: new Date(Date.UTC(2026, 0, 1 + at)).toISOString(),
    others: [],
  }))
const tags = (listed: Listed[]) => listed.map(({ tag }) => tag)

describe("the entries that are too many", () => {
  it("are all but the newest ten of each kind, whatever order the registry lists them in", () => {
    const [sites, services] = [entries("frontend", 12), entries("backend", 11)]

    expect(tags(superfluous([...sites, ...services.toReversed()]))).toEqual([
      ...tags(sites.slice(0, 2).toReversed()),
      ...tags(services.slice(0, 1)),
    ])
  })

  it("are none of ten", () => {
    expect(superfluous(entries("frontend", 10))).toEqual([])
  })

  it("are never what is no entry of a cache", () => {
    const others = Array.from({ length: 30 }, (_, at) => ({
      tag: `v${at}`,
      created: "2020-01-01T00:00:00Z",
      others: [],
    }))

    expect(superfluous(others)).toEqual([])
    expect(crowded(tags(others))).toEqual([])
  })

  it("begin with one that says no date", () => {
    const undated = { tag: `frontend-${"f".repeat(32)}`, created: "", others: [] }

    expect(superfluous([undated, ...entries("frontend", 10)])).toEqual([undated])
  })

  it("are none that the run itself uses, such as that of a lock file that was put back; it is one of the ten", () => {
    const [oldest, ...all] = entries("frontend", 11)

    expect(tags(superfluous(oldest ? [oldest, ...all] : [], [oldest?.tag ?? ""]))).toEqual(tags(all.slice(0, 1)))
  })

  it("go only where no other name has the same, unless that goes as well", () => {
    const [first, second, third, ...rest] = entries("frontend", 13)
    const named = (it: Listed | undefined, other: string) => (it ? [{ ...it, others: [other] }] : [])

    const gone = superfluous([
      ...named(first, second?.tag ?? ""),
      ...named(second, first?.tag ?? ""),
      ...named(third, "kept-by-somebody"),
      ...rest,
    ])

    expect(tags(gone)).toEqual(tags([second, first].flatMap((it) => it ?? [])))
  })
})

it("only kinds with more than ten are looked at", () => {
  expect(crowded(tags([...entries("frontend", 11), ...entries("backend", 10)]))).toEqual(["frontend"])
})

describe("what is told of old entries", () => {
  const remover = (why: string) => ({
    name: "ghcr.io",
    list: async () => entries("frontend", 12),
    remove: async ({ tag }: Listed) => (tag.endsWith("1") ? why : ""),
  })

  it("are those that were deleted", async () => {
    expect(await pruned(remover(""))).toEqual([`deleted frontend-${"1".padStart(32, "0")}, frontend-${"0".repeat(32)}`])
  })

  it("is also what the registry did not delete, and why", async () => {
    expect(await pruned(remover("ghcr.io answered 405"))).toEqual([
      `deleted frontend-${"0".repeat(32)}`,
      "1 old entry is left: ghcr.io answered 405",
    ])
  })
})
