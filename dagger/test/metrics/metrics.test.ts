import { describe, expect, it } from "vitest"
import { type Attempt, endedWithoutAWord } from "../../lib/deployment/ledger.js"
import { type Figures, measured, metricsWindow } from "../../lib/metrics/metrics.js"
import { Verdict } from "../../src/exposed-types.js"
import { historyOf, past, pastRollback, production } from "../support/past.js"

const now = Date.parse("2026-11-24T12:00:00Z")
const unknown = () => ""

/** The figures of attempts, oldest first, over two weeks by default. */
function of(oldestFirst: Attempt[], { weeks = 2, committedAt = unknown as (commit: string) => string, to = now } = {}) {
  return measured(historyOf(oldestFirst), [production], committedAt, metricsWindow(to, weeks))
}
const figuresOf = (...given: Parameters<typeof of>) => of(...given).whole
const day = (number: number, time = "10:00") => `2026-11-${number}T${time}:00.000Z`

describe("frequency and success", () => {
  it("shows nothing for an empty ledger, not 0 %", () => {
    expect(figuresOf([])).toEqual({
      attempts: 0,
      results: {},
      deployments: 0,
      wentLive: 0,
      perWeek: 0,
      successPercent: undefined,
      metVisitors: 0,
      changeFailures: 0,
      changeFailurePercent: undefined,
      rework: 0,
      reworkPercent: undefined,
      rollbacks: 0,
      leadTime: undefined,
      restore: undefined,
      deployment: undefined,
      rollback: undefined,
      cache: { runs: 0, without: 0, steps: 0, cached: 0, unknown: 0, percent: undefined },
      leftOut: { "clock-skew": 0, killed: 0, "commit-unknown": 0 },
    } satisfies Figures)
  })

  it("measures one deployment", () => {
    const committedAt = () => "2026-11-24T08:00:00Z"
    expect(figuresOf([past("a", day(24), 90)], { committedAt })).toMatchObject({
      deployments: 1,
      wentLive: 1,
      perWeek: 0.8, // In a window of a week and a day and a component.
      successPercent: 100,
      changeFailurePercent: 0,
      reworkPercent: 0,
      leadTime: { count: 1, average: 7290, median: 7290, p95: 7290 },
      restore: undefined,
      deployment: { count: 1, average: 90, median: 90, p95: 90 },
    })
  })

  it("measures nothing but failures", () => {
    const figures = figuresOf([
      past("a", day(23), 60, Verdict.Failed),
      past("b", day(23, "11:00"), 60, Verdict.RolledBack),
      past("c", day(23, "12:00"), 60, Verdict.RollbackFailed),
    ])
    expect(figures).toMatchObject({
      deployments: 3,
      wentLive: 0,
      perWeek: 0,
      successPercent: 0,
      metVisitors: 2,
      changeFailurePercent: 100,
      leadTime: undefined,
      restore: undefined,
      deployment: undefined,
    })
  })

  it("never rounds a rate to all or to none when it is not", () => {
    const many = Array.from({ length: 2999 }, (_, n) =>
      past("a", new Date(Date.parse(day(23)) + n * 1000).toISOString(), 1),
    )
    const one = past("b", day(24), 60, Verdict.RolledBack)
    expect(figuresOf([...many, one])).toMatchObject({ successPercent: 99.9, changeFailurePercent: 0.1 })
  })

  it("puts each attempt into the week of its end, over the end of a year", () => {
    const { weeks } = of(
      [
        past("a", "2026-12-27T23:59:00.000Z", 30),
        past("b", "2026-12-27T23:59:50.000Z", 30),
        past("c", "2027-01-03T23:59:00.000Z", 59, Verdict.Failed),
        past("d", "2027-01-04T00:00:00.000Z", 30),
      ],
      { weeks: 3, to: Date.parse("2027-01-05T08:00:00Z") },
    )
    expect(
      weeks.map(({ week, start, isWhole, figures }) => [week, start, isWhole, figures.wentLive, figures.deployments]),
    ).toEqual([
      ["2026-W52", "2026-12-21T00:00:00.000Z", true, 1, 1],
      ["2026-W53", "2026-12-28T00:00:00.000Z", true, 1, 2],
      ["2027-W01", "2027-01-04T00:00:00.000Z", false, 1, 1],
    ])
  })

  it("leaves out what ended before the window, and judges by it what is inside", () => {
    const figures = figuresOf([past("a", day(15, "23:50"), 60, Verdict.Failed), past("b", day(16, "00:05"), 60)])
    expect(figures).toMatchObject({ attempts: 1, rework: 1, restore: { count: 1, median: 900 } })
  })

  it("counts an end after now, by GitHub's clock, in the current week", () => {
    const { weeks } = of([past("a", day(24, "11:55"), 900)])
    expect(weeks.at(-1)?.figures.wentLive).toBe(1)
  })
})

describe("what is no deployment", () => {
  it.each([[Verdict.Refused], [Verdict.Locked], [Verdict.Superseded], [Verdict.NoChange], [Verdict.Inconclusive]])(
    "counts %s separately, and in no rate",
    (verdict) => {
      const figures = figuresOf([past("a", day(23), 60), past("b", day(23, "11:00"), 60, verdict)])
      expect(figures).toMatchObject({
        attempts: 2,
        results: { success: 1, [verdict]: 1 },
        deployments: 1,
        successPercent: 100,
        reworkPercent: 0,
      })
    },
  )

  it("distinguishes a running attempt from a killed one by its age", () => {
    const { results, deployments } = figuresOf([
      past("a", "2026-11-24T10:59:59.000Z", 0, undefined, { verdict: undefined, endedAt: "" }),
      past("b", "2026-11-24T11:00:00.000Z", 0, undefined, { verdict: undefined, endedAt: "" }),
    ])
    expect([results, deployments]).toEqual([{ "left-open": 1, running: 1 }, 0])
  })

  it("counts what has no readable time as unreadable", () => {
    const odd = [past("a", day(23), 1, Verdict.Success, { startedAt: "yesterday" })]
    const component = past("b", day(23), 1, Verdict.Success, { endedAt: "" })
    const { unreadable, whole } = of([...odd, component, past("c", day(23, "12:00"), 1)])
    expect([unreadable, whole.attempts]).toEqual([2, 1])
  })
})

describe("change failures and rework", () => {
  it("counts a release that was rolled back by hand as a failure of that release", () => {
    const { whole, places } = of([
      past("a", day(23, "10:00"), 60),
      past("b", day(23, "11:00"), 60),
      pastRollback("b", "a", day(23, "13:00"), 60),
    ])
    expect(whole).toMatchObject({
      deployments: 2,
      wentLive: 2,
      successPercent: 100,
      metVisitors: 2,
      changeFailurePercent: 50,
      rollbacks: 1,
      rollback: { count: 1, median: 60 },
    })
    expect(places[0]?.assessments.map(({ isChangeFailure }) => isChangeFailure)).toEqual([false, true, false])
  })

  it("calls the deployment right after a failure or a rollback rework, and no later one", () => {
    const { places } = of([
      past("a", day(23, "10:00"), 60),
      past("b", day(23, "11:00"), 60, Verdict.Failed),
      past("b", day(23, "12:00"), 60, Verdict.Refused),
      past("c", day(23, "13:00"), 60, Verdict.RolledBack),
      past("d", day(23, "14:00"), 60),
      pastRollback("d", "a", day(23, "15:00"), 60),
      past("e", day(23, "16:00"), 60),
      past("f", day(23, "17:00"), 60),
    ])
    expect(places[0]?.assessments.filter(({ isRework }) => isRework).map(({ attempt }) => attempt.version)).toEqual([
      "v-c",
      "v-d",
      "v-e",
    ])
    // Six were tried: the refused one was not.
    expect(places[0]?.figures.reworkPercent).toBe(50)
  })

  it("does not call a deployment rework because another component failed", () => {
    const site = { component: "frontend" }
    const metrics = measured(
      historyOf([past("a", day(23), 60, Verdict.Failed), past("b", day(23, "11:00"), 60, Verdict.Success, site)]),
      [production, { ...production, ...site }],
      unknown,
      metricsWindow(now, 2),
    )
    expect(metrics.whole).toMatchObject({ deployments: 2, rework: 0, restore: undefined })
    expect(metrics.places.map(({ outage }) => outage?.attempt.version)).toEqual(["v-a", undefined])
  })
})

describe("the time to restore", () => {
  it("goes from the end of the first failure to the end of the next success", () => {
    const figures = figuresOf([
      past("b", day(23, "11:00"), 60, Verdict.RolledBack),
      past("c", day(23, "12:00"), 60, Verdict.Failed),
      past("d", day(23, "13:00"), 120),
      past("e", day(23, "14:00"), 60),
    ])
    expect(figures.restore).toEqual({ count: 1, average: 7260, median: 7260, p95: 7260 })
  })

  it("goes from when a bad release went live to the end of the rollback by hand", () => {
    const figures = figuresOf([
      past("a", day(23, "10:00"), 60),
      past("b", day(23, "11:00"), 60),
      pastRollback("b", "a", day(23, "13:00"), 60),
    ])
    expect(figures.restore?.median).toBe(7200)
  })

  it("goes on when the rollback fails too", () => {
    const figures = figuresOf([
      past("b", day(23, "11:00"), 60),
      pastRollback("b", "a", day(23, "12:00"), 60, Verdict.RollbackFailed),
      past("c", day(23, "14:00"), 60),
    ])
    expect(figures).toMatchObject({ restore: { count: 1, median: 10_800 }, changeFailures: 1, rework: 1 })
  })

  it("begins with the rollback where it is unknown when the bad release went live", () => {
    expect(figuresOf([pastRollback("z", "a", day(23, "12:00"), 90)]).restore?.median).toBe(90)
  })

  it("does not end with an attempt without a known result", () => {
    const { whole, places } = of([
      past("b", day(23, "11:00"), 60, Verdict.RolledBack),
      past("c", day(23, "12:00"), 60, Verdict.Inconclusive),
    ])
    expect(whole.restore).toBeUndefined()
    expect(places[0]?.outage).toMatchObject({ since: Date.parse(day(23, "11:01")) })
  })
})

describe("the time of a deployment", () => {
  it("counts from the call, so the checks and the build are in it", () => {
    const figures = figuresOf([past("a", day(23, "10:10"), 60, Verdict.Success, { calledAt: day(23, "10:07") })])
    expect(figures.deployment?.median).toBe(240)
  })

  it("counts from the lock for older entries", () => {
    expect(figuresOf([past("a", day(23, "10:10"), 60)]).deployment?.median).toBe(60)
  })
})

describe("the lead time", () => {
  const committedAt = (commit: string) => (commit[0] === "a" ? "2026-11-22T10:00:00Z" : "")

  it("goes from the commit to its first success, once", () => {
    const figures = figuresOf(
      [
        past("a", day(23, "10:00"), 60, Verdict.Failed),
        past("a", day(23, "11:00"), 60),
        past("a", day(24, "10:00"), 60),
      ],
      { committedAt },
    )
    expect(figures.leadTime).toEqual({ count: 1, average: 90_060, median: 90_060, p95: 90_060 })
  })

  it("is not measured for a rollback, and counts commits with an unknown date", () => {
    const figures = figuresOf([past("b", day(23), 60), pastRollback("b", "a", day(23, "12:00"), 60)], { committedAt })
    expect([figures.leadTime, figures.leftOut["commit-unknown"]]).toEqual([undefined, 1])
  })
})

describe("the share of slow steps from a cache", () => {
  const used = (steps: number, cached: number, unknown = 0) => ({ cache: { steps, cached, unknown } })

  it("is of all steps of the deployments that count them, and says how many do not", () => {
    const figures = figuresOf([
      past("a", day(23, "10:00"), 60),
      past("b", day(23, "11:00"), 60, Verdict.Success, used(6, 0)),
      past("c", day(23, "12:00"), 60, Verdict.RolledBack, used(3, 3)),
      past("d", day(23, "13:00"), 60),
    ])
    expect(figures.cache).toEqual({ runs: 2, without: 2, steps: 9, cached: 3, unknown: 0, percent: 33.3 })
  })

  it("leaves steps out that nobody knows, and deployments that had none", () => {
    const figures = figuresOf([
      past("a", day(23, "10:00"), 60, Verdict.Success, used(4, 2, 1)),
      past("b", day(23, "11:00"), 60, Verdict.Success, used(0, 0)),
    ])
    expect(figures.cache).toEqual({ runs: 1, without: 0, steps: 4, cached: 2, unknown: 1, percent: 66.6 })
  })

  it("counts neither refused attempts nor rollbacks", () => {
    const figures = figuresOf([
      past("a", day(23, "10:00"), 60, Verdict.Refused, used(5, 5)),
      pastRollback("b", "a", day(23, "11:00"), 60),
    ])
    expect(figures.cache).toEqual({ runs: 0, without: 0, steps: 0, cached: 0, unknown: 0, percent: undefined })
  })
})

describe("wrong clocks and killed runs", () => {
  it("leaves a negative time out and counts it, and tolerates GitHub's whole seconds", () => {
    const figures = figuresOf([
      past("a", day(23, "10:00"), -600),
      past("b", "2026-11-23T11:00:00.900Z", 0, Verdict.Success, { endedAt: "2026-11-23T11:00:00Z" }),
    ])
    expect(figures).toMatchObject({
      wentLive: 2,
      deployment: { count: 1, average: 0, median: 0, p95: 0 },
      leftOut: { "clock-skew": 1 },
    })
  })

  it("leaves out a commit from the future", () => {
    const figures = figuresOf([past("a", day(23), 60)], { committedAt: () => "2027-01-01T00:00:00Z" })
    expect(figures).toMatchObject({ leadTime: undefined, deployment: { count: 1 }, leftOut: { "clock-skew": 1 } })
  })

  it("counts a run that was killed after it went live as live, without its times", () => {
    const figures = figuresOf(
      [
        past("z", day(22, "10:00"), 60, Verdict.Failed),
        past("a", day(23), 40_000, Verdict.Success, { reason: `${endedWithoutAWord}; closed by the next one` }),
      ],
      { committedAt: () => "2026-11-22T10:00:00Z" },
    )
    expect(figures).toMatchObject({
      wentLive: 1,
      deployment: undefined,
      leadTime: undefined,
      restore: undefined,
      leftOut: { killed: 1 },
    })
  })
})

describe("a history that was cut", () => {
  it("is measured only from when it is complete", () => {
    const all = [past("a", day(18), 60), past("b", day(23), 60), past("c", day(24), 60)]
    const history = historyOf(all, { cut: true, since: day(20) })
    const metrics = measured(history, [production], unknown, metricsWindow(now, 12))
    expect(metrics).toMatchObject({ cut: true, from: day(20), whole: { wentLive: 2, perWeek: 2 } })
    expect(metrics.weeks.map(({ week, isWhole }) => [week, isWhole])).toEqual([
      ["2026-W47", false],
      ["2026-W48", false],
    ])
  })

  it("is not cut when only attempts before the window are missing", () => {
    const history = historyOf([past("a", day(23), 60)], { cut: true, since: day(10) })
    expect(measured(history, [production], unknown, metricsWindow(now, 2))).toMatchObject({
      cut: false,
      from: day(16, "00:00"),
    })
  })
})
