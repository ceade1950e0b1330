import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { measurement, readRecord } from "../../lib/metrics/measurement.js"
import { readSettings } from "../../lib/settings/settings.js"
import { gitHubRecords } from "../../lib/wiring/targets.js"
import { Verdict } from "../../src/exposed-types.js"
import { gitHub } from "../../stand-ins/github.js"
import { fastClock } from "../support/fast-clock.js"
import { opening } from "../support/openings.js"

const settings = readSettings(readFileSync("delivery.json", "utf8"))
const now = new Date("2026-11-24T12:00:00Z")
const all = { weeks: 2, environment: "" }

/** The product's own repository, in whose ledger both components went live in both environments and the backend then failed. */
async function repository() {
  let time = Date.parse("2026-11-23T08:00:00Z")
  const path = new URL(settings.project.source).pathname.slice(1)
  const server = await gitHub({ repository: path, token: "ghp_right", now: () => new Date(time) })
  const there = { ...settings, providers: { ...settings.providers, gitHub: server.url } }
  const records = gitHubRecords(there, "ghp_right", fastClock())
  const commit = server.commit("first", [], "main")
  const attempt = async (component: string, environment: string, verdict: Verdict, minutes: number) => {
    const startedAt = new Date(time).toISOString()
    const entry = await records.ledger.open(opening("a", { commit, component, environment, startedAt }))
    time += minutes * 60_000
    await records.ledger.close(entry, { verdict, id: "id-a", reason: "", endedAt: "" })
  }
  for (const environment of ["staging", "production"])
    for (const component of ["frontend", "backend"]) await attempt(component, environment, Verdict.Success, 4)
  await attempt("backend", "production", Verdict.RolledBack, 4)
  const written = server.writes().length
  return { server, there, records, written, [Symbol.asyncDispose]: () => server.close() }
}

describe("the metrics of a repository", () => {
  it("are measured from its ledger and its commits, and nothing is written", async () => {
    await using it = await repository()
    const { metrics, alerts, text } = measurement(await readRecord(it.records.past, settings, all, now), settings, all)
    expect(
      metrics.places.map(({ component, environment, figures }) => [component, environment, figures.wentLive]),
    ).toEqual([
      ["frontend", "staging", 1],
      ["backend", "staging", 1],
      ["frontend", "production", 1],
      ["backend", "production", 1],
    ])
    expect(metrics.whole).toMatchObject({
      deployments: 5,
      successPercent: 80,
      leadTime: { count: 4, median: 600, average: 600, p95: 960 },
      deployment: { count: 4, median: 240 },
    })
    expect(alerts.map(({ key }) => key)).toEqual([
      "targets.successPercent",
      "targets.changeFailurePercent",
      "targets.restoreMinutes",
    ])
    expect(text).toContain("backend of production: nothing succeeded since a failure 1 d 4 h ago")
    expect(it.server.writes()).toHaveLength(it.written)
  })

  it("are those of one environment when it is given", async () => {
    await using it = await repository()
    const one = { ...all, environment: "staging" }
    const { metrics } = measurement(await readRecord(it.records.past, settings, one, now), settings, one)
    expect(metrics.whole).toMatchObject({ deployments: 2, successPercent: 100 })
  })

  it("request each commit once, and only those that went live", async () => {
    await using it = await repository()
    it.server.log.length = 0
    await readRecord(it.records.past, settings, all, now)
    expect(it.server.log.filter(({ path }) => path.includes("/git/commits/"))).toHaveLength(1)
  })

  it("leave out a commit that is gone, and say so", async () => {
    await using it = await repository()
    it.server.fail({ on: /git\/commits/, kind: "status", status: 404, body: '{"message":"Not Found"}' })
    const { metrics, text } = measurement(await readRecord(it.records.past, settings, all, now), settings, all)
    expect(metrics.whole.leadTime).toBeUndefined()
    expect(text).toContain("4 successes have no lead time: the dates of their commits are unknown.")
  })

  it("are not measured from a part when GitHub fails", async () => {
    await using it = await repository()
    it.server.fail({ on: /git\/commits/, kind: "status", status: 502, times: 9 })
    await expect(readRecord(it.records.past, settings, all, now)).rejects.toThrow(/^GitHub refused a request\./)
  })

  it("are the same from the file of an earlier call", async () => {
    await using it = await repository()
    const record = await readRecord(it.records.past, settings, all, now)
    const { files } = measurement(record, settings, all)
    const { readDeployments } = await import("../../lib/metrics/deployment-record.js")
    const again = measurement(readDeployments(files["deployments.json"] ?? ""), settings, all)
    expect(again.files).toEqual(files)
  })

  it("begin where the file of an earlier call begins", async () => {
    await using it = await repository()
    const record = await readRecord(it.records.past, settings, all, now)
    const { metrics, text } = measurement(record, settings, { ...all, weeks: 104 })
    // Two weeks were asked for, and one is read before them.
    expect(metrics.from).toBe("2026-11-09T00:00:00.000Z")
    expect(text).toContain("Older attempts were not read: these numbers begin at 2026-11-09T00:00Z.")
  })
})

describe("an invalid request", () => {
  it.each([0, -1, 105, 1000, 1.5])("is refused before anything is read: %d weeks", async (weeks) => {
    await using it = await repository()
    it.server.log.length = 0
    await expect(readRecord(it.records.past, settings, { ...all, weeks }, now)).rejects.toThrow(
      `${weeks} weeks can't be measured.
  why: the window is 1 to 104 weeks, with the current week
  next: give --weeks=12, or leave it out`,
    )
    expect(it.server.log).toEqual([])
  })

  it("is refused for an unknown environment", async () => {
    await using it = await repository()
    await expect(readRecord(it.records.past, settings, { ...all, environment: "prod" }, now)).rejects.toThrow(
      /^The settings have no environment "prod"\./,
    )
  })
})
