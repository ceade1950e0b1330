import { describe, expect, it } from "vitest"
import { cleaned, deploymentsJson, readDeployments } from "../../lib/metrics/deployment-record.js"
import { Verdict } from "../../src/exposed-types.js"
import { historyOf, past } from "../support/past.js"

const record = {
  history: historyOf(
    [
      past("a", "2026-11-23T10:00:00.000Z", 60),
      past("b", "2026-11-23T11:00:00.000Z", 60, undefined, { verdict: undefined, endedAt: "", reason: "" }),
    ],
    { since: "2026-11-01T00:00:00Z", foreign: 2, unreadable: 1 },
  ),
  committedAt: new Map([["a".repeat(40), "2026-11-22T10:00:00Z"]]),
  at: Date.parse("2026-11-24T12:00:00Z"),
}
const file = deploymentsJson(record)
const changed = (change: (value: Record<string, unknown>) => object) => JSON.stringify(change(JSON.parse(file)))

describe("the file of deployments", () => {
  it("keeps a record as it is", () => {
    expect(readDeployments(file)).toEqual(record)
  })

  it("keeps what came from a cache, and reads entries from before that was kept", () => {
    const cache = { steps: 7, cached: 4, unknown: 1 }
    const history = historyOf([past("a", "2026-11-23T10:00:00.000Z", 60, Verdict.Success, { cache })])
    const again = readDeployments(deploymentsJson({ ...record, history }))
    expect(again.history.attempts.map((it) => it.cache)).toEqual([cache])
    expect(readDeployments(file).history.attempts.map((it) => it.cache)).toEqual([undefined, undefined])
  })

  it.each([
    ["more than all", { steps: 2, cached: 2, unknown: 1 }],
    ["a number that is none", { steps: -1, cached: 0, unknown: 0 }],
    ["something else", "all of it"],
  ])("keeps an entry that says %s of its cache, without that", (_, cache) => {
    const odd = changed(({ deployments, ...rest }) => ({
      ...rest,
      deployments: (deployments as object[]).map((it) => ({ ...it, cache })),
    }))
    const { history } = readDeployments(odd)
    expect(history.attempts.map((it) => it.cache)).toEqual([undefined, undefined])
    expect(history.unreadable).toBe(1)
  })

  it("has a schema, and each attempt with the date of its commit", () => {
    const { deployments, ...rest } = JSON.parse(file)
    expect(rest).toEqual({
      schema: 2,
      at: "2026-11-24T12:00:00.000Z",
      since: "2026-11-01T00:00:00Z",
      cut: false,
      foreign: 2,
      unreadable: 1,
    })
    expect(deployments).toMatchObject([
      { version: "v-b", verdict: "", committedAt: "" },
      { version: "v-a", verdict: Verdict.Success, committedAt: "2026-11-22T10:00:00Z" },
    ])
  })

  it("skips an incomplete entry, and counts it", () => {
    const incomplete = changed(({ deployments, ...rest }) => ({
      ...rest,
      deployments: [...(deployments as object[]), { entry: "9", component: "backend" }, null, 7],
    }))
    const { history } = readDeployments(incomplete)
    expect([history.attempts.length, history.unreadable]).toEqual([2, 4])
  })

  it.each([
    ["a truncated file", file.slice(0, 100), "it is not JSON, or not all of it"],
    ["an empty file", "", "it is not JSON, or not all of it"],
    [
      "a later schema",
      changed((all) => ({ ...all, schema: 3 })),
      "it is not of schema 1 or 2, which this module reads",
    ],
    ["something else", "[]", "it is not of schema 1 or 2, which this module reads"],
    ["a wrong time", changed((all) => ({ ...all, at: "today" })), "its key at is missing, or of another kind"],
  ])("refuses %s", (_, text, why) => {
    expect(() => readDeployments(text)).toThrow(
      expect.objectContaining({
        message: `The file of deployments can't be read.
  why: ${why}
  next: give the deployments.json that \`dagger call metrics\` wrote; docs/deployment/metrics.md describes it`,
      }),
    )
  })

  it("holds no secret, no control characters, and at most a thousand characters of each text", () => {
    const reason = `\u001b[2J${"x".repeat(70_000)}`
    const actor = `hf_${"a".repeat(30)}\u202e`
    const history = historyOf([past("a", "2026-11-23T10:00:00.000Z", 60, Verdict.Failed, { reason, actor })])
    expect(cleaned({ ...record, history }).history.attempts).toMatchObject([
      { actor: "***", reason: `${"x".repeat(1000)}…` },
    ])
  })
})
