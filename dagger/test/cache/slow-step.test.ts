import { describe, expect, it } from "vitest"
import {
  cachePercent,
  cacheText,
  cacheUse,
  cacheUseText,
  Origin,
  originOf,
  type SlowStep,
  timeIn,
} from "../../lib/cache/slow-step.js"

const step = (name: string, origin: Origin, component = "frontend"): SlowStep => ({ component, name, origin })
const { Ran, Cache, Unknown } = Origin

describe("a slow step", () => {
  const call = { began: 1_764_335_454_000, now: 1_764_335_460_000 }

  it("came from the cache when its time is before the call", () => {
    expect(originOf(call.began - 1, call)).toBe(Cache)
    expect(originOf(call.began - 90 * 86_400_000, call)).toBe(Cache)
  })

  it("ran when its time is in the call", () => {
    expect(originOf(call.began, call)).toBe(Ran)
    expect(originOf(call.now, call)).toBe(Ran)
  })

  it("is unknown without a time, and with one that is still to come", () => {
    expect([undefined, Number.NaN, call.now + 1].map((at) => originOf(at, call))).toEqual([Unknown, Unknown, Unknown])
  })

  it("has the time that date printed in milliseconds, and none that it printed otherwise", () => {
    expect(timeIn("1764335454123\n")).toBe(1_764_335_454_123)
    const others = ["", "1764335454\n", "1764335454%3N\n", "1764335454123 1\n", "date: not found\n", "-176433545412\n"]
    expect(others.map(timeIn)).toEqual(others.map(() => undefined))
  })
})

describe("the line of a check", () => {
  it("says it shortly when all came from the cache, and nothing when all ran", () => {
    expect(cacheText([step("packages", Cache), step("tests", Cache)])).toBe("from the cache")
    expect(cacheText([step("packages", Ran), step("tests", Ran)])).toBe("")
    expect(cacheText([])).toBe("")
  })

  it("names what came from the cache when the rest ran", () => {
    expect(cacheText([step("packages", Cache), step("tests", Ran)])).toBe("packages from the cache")
    expect(cacheText([step("packages", Cache), step("ruff", Cache), step("mypy", Ran)])).toBe(
      "packages and ruff from the cache",
    )
  })

  it("tells the cache of the engine from that in the registry", () => {
    expect(cacheText([step("packages", Origin.Registry)])).toBe("from the registry")
    expect(cacheText([step("packages", Origin.Registry), step("ruff", Cache), step("tests", Ran)])).toBe(
      "ruff from the cache, packages from the registry",
    )
  })

  it("names what ran instead where that is shorter", () => {
    const linters = [step("packages", Cache), step("ruff", Cache), step("mypy", Cache)]
    expect(cacheText([...linters, step("black", Ran)])).toBe("all but black from the cache")
    expect(cacheText([...linters, step("black", Ran), step("isort", Unknown)])).toBe(
      "all but black and isort from the cache, not known whether isort ran",
    )
    const others = ["black", "isort", "pylint"].map((name) => step(name, Ran))
    expect(cacheText([...linters, ...others])).toBe("packages, ruff and mypy from the cache")
  })

  it("never takes an unknown step for one that ran or was cached", () => {
    expect(cacheText([step("packages", Cache), step("tests", Unknown)])).toBe(
      "packages from the cache, not known whether tests ran",
    )
    expect(cacheText([step("packages", Ran), step("lint", Unknown), step("typecheck", Unknown)])).toBe(
      "not known whether lint and typecheck ran",
    )
  })
})

describe("the count of a run", () => {
  it("has each step of a component once, also when several checks share it", () => {
    const shared = [step("packages", Cache), step("packages", Cache), step("packages", Ran, "backend")]
    expect(cacheUse([...shared, step("tests", Unknown)])).toEqual({ steps: 3, cached: 1, unknown: 1 })
  })

  it("takes packages from the registry for cached", () => {
    expect(cacheUse([step("packages", Origin.Registry), step("tests", Ran)])).toEqual({
      ...{ steps: 2, cached: 1, unknown: 0 },
    })
  })

  it("calls a step that ran once and was asked for again one that ran", () => {
    expect(cacheUse([step("packages", Cache), step("packages", Ran)])).toEqual({ steps: 1, cached: 0, unknown: 0 })
    expect(cacheUse([step("packages", Cache), step("packages", Unknown)])).toEqual({ steps: 1, cached: 0, unknown: 1 })
  })

  it("is said in a sentence, with what is not known", () => {
    expect(cacheUseText({ steps: 5, cached: 3, unknown: 0 })).toBe("3 of 5 slow steps came from a cache")
    expect(cacheUseText({ steps: 1, cached: 0, unknown: 0 })).toBe("none of 1 slow step came from a cache")
    expect(cacheUseText({ steps: 4, cached: 2, unknown: 1 })).toBe(
      "2 of 4 slow steps came from a cache, of 1 it is not known",
    )
    expect(cacheUseText({ steps: 0, cached: 0, unknown: 0 })).toBe("")
  })

  it("is a percentage of the steps that are known: 100 only for all of them, and none for no step", () => {
    expect(cachePercent({ steps: 2001, cached: 2000, unknown: 0 })).toBe(99.9)
    expect(cachePercent({ steps: 4, cached: 3, unknown: 1 })).toBe(100)
    expect(cachePercent({ steps: 1, cached: 0, unknown: 0 })).toBe(0)
    expect(cachePercent({ steps: 2, cached: 0, unknown: 2 })).toBeUndefined()
    expect(cachePercent({ steps: 0, cached: 0, unknown: 0 })).toBeUndefined()
  })
})
