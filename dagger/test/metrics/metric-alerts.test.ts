import { describe, expect, it } from "vitest"
import type { Attempt } from "../../lib/deployment/ledger.js"
import { alerts } from "../../lib/metrics/metric-alerts.js"
import { measured, metricsWindow } from "../../lib/metrics/metrics.js"
import { Verdict } from "../../src/exposed-types.js"
import { historyOf, past, pastRollback, production } from "../support/past.js"

const now = Date.parse("2026-11-24T12:00:00Z")
const targets = { successPercent: 95, changeFailurePercent: 50, leadTimeHours: 24, restoreMinutes: 60 }
const budgets = { tests: 300, frontend: 300, image: 480, backend: 600, rollback: 180 }
const at = (time: string) => `2026-11-23T${time}:00.000Z`

function of(oldestFirst: Attempt[], { given = targets, committedAt = at("00:00") } = {}) {
  const metrics = measured(historyOf(oldestFirst), [production], () => committedAt, metricsWindow(now, 2))
  return alerts(metrics, given, budgets)
}

describe("a target that is missed", () => {
  it("is none where nothing was deployed", () => {
    expect(of([])).toEqual([])
  })

  it("is none where all targets are met", () => {
    expect(of([past("a", at("10:00"), 600), pastRollback("z", "a", at("11:00"), 180)])).toEqual([])
  })

  it("of success lists the runs that failed", () => {
    expect(
      of([past("a", at("10:00"), 60), past("b", at("10:10"), 60, Verdict.Failed), past("c", at("10:20"), 60)]),
    ).toEqual([
      {
        component: "backend",
        environment: "production",
        key: "targets.successPercent",
        what: "66.6 % of the deployments succeeded (2 of 3), the target is at least 95 %",
        measured: 66.6,
        target: 95,
        runs: [
          {
            entry: "b-2026-11-23T10:10:00.000Z",
            commit: "b".repeat(40),
            run: "https://runs.example/b",
            detail: "failed",
          },
        ],
      },
    ])
  })

  it("is not missed when it is met exactly", () => {
    const nineteen = Array.from({ length: 19 }, (_, n) =>
      past("a", `2026-11-23T0${Math.floor(n / 6)}:${n % 6}0:00.000Z`, 60),
    )
    expect(of([past("z", "2026-11-22T23:58:00.000Z", 60, Verdict.Failed), ...nineteen])).toEqual([])
  })

  it("of change failures lists the releases", () => {
    const missed = of([
      past("a", at("10:00"), 60),
      past("b", at("10:10"), 60, Verdict.RolledBack),
      past("c", at("10:20"), 60),
      pastRollback("c", "a", at("10:30"), 60),
    ])
    expect(
      missed.map(({ what, runs }) => [what, ...runs.map(({ commit, detail }) => `${commit[0]} ${detail}`)]),
    ).toEqual([
      ["66.6 % of the deployments succeeded (2 of 3), the target is at least 95 %", "b rolled-back"],
      [
        "66.7 % of the releases that reached visitors were reverted (2 of 3), the target is at most 50 %",
        "b rolled-back",
        "c rolled back by hand",
      ],
    ])
  })

  it("of time lists the deployments and rollbacks over the budget", () => {
    const missed = of([
      past("a", at("10:00"), 60),
      past("b", at("11:00"), 725),
      pastRollback("b", "a", at("11:15"), 181),
    ])
    expect(
      missed.map(({ key, what, runs }) => [key, what, runs.map(({ commit, detail }) => `${commit[0]} ${detail}`)]),
    ).toEqual([
      [
        "budgets.backend",
        "95 % of the deployments took up to 12 min 5 s, the target is at most 10 min",
        ["b 12 min 5 s"],
      ],
      ["budgets.rollback", "95 % of the rollbacks took up to 3 min 1 s, the target is at most 3 min", ["a 3 min 1 s"]],
    ])
  })

  it("of the time to restore names the failure", () => {
    const [, restore] = of([past("b", at("10:00"), 60, Verdict.Failed), past("c", at("12:00"), 60)])
    expect(restore).toMatchObject({
      key: "targets.restoreMinutes",
      what: "the time to restore's median is 2 h, the target is at most 1 h",
      measured: 7200,
      runs: [{ commit: "b".repeat(40), detail: "2 h" }],
    })
  })

  it("includes a failure after which nothing succeeded", () => {
    const missed = of([past("b", at("10:00"), 60, Verdict.RollbackFailed)]).filter(
      ({ key }) => key === "targets.restoreMinutes",
    )
    expect(missed).toMatchObject([
      {
        what: "nothing succeeded since a failure 1 d 2 h ago, the target is at most 1 h",
        runs: [{ commit: "b".repeat(40), detail: "rollback-failed" }],
      },
    ])
  })

  it("includes a long lead time", () => {
    expect(of([past("a", at("10:00"), 0)], { committedAt: "2026-11-21T10:00:00Z" })).toMatchObject([
      { what: "the lead time's median is 2 d, the target is at most 1 d", measured: 172_800, target: 86_400 },
    ])
  })

  it("is none where 0 switches it off", () => {
    const given = { ...targets, successPercent: 0, changeFailurePercent: 100, leadTimeHours: 0, restoreMinutes: 0 }
    const all = [past("a", at("08:00"), 60, Verdict.RolledBack), past("b", at("10:00"), 60)]
    expect(of(all, { given, committedAt: "2026-01-01T00:00:00Z" })).toEqual([])
    expect(of(all.slice(0, 1), { given })).toEqual([])
  })
})
