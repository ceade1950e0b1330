import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import {
  deployed,
  planned,
  productDeployed,
  productPlanned,
  productPlannedDeployed,
} from "../../lib/deployment/deployed.js"
import type { Deployment } from "../../lib/deployment/outcome.js"
import { readSettings } from "../../lib/settings/settings.js"
import { Component, Verdict } from "../../src/exposed-types.js"
import { commit } from "../support/app.js"
import { repositoryRoot } from "../support/workflows.js"

const settings = readSettings(readFileSync(join(repositoryRoot, "delivery.json"), "utf8"))
const deployment: Deployment = {
  component: Component.Frontend,
  environment: "staging",
  verdict: Verdict.Success,
  commit: commit("b"),
  version: "v2",
  url: "https://book.example",
  id: "id-b",
  previousCommit: commit("a"),
  previousId: "id-a",
  liveCommit: commit("b"),
  liveId: "id-b",
  steps: [],
  startedAt: "2026-11-24T12:00:00.000Z",
  milliseconds: 4320,
  failed: "",
  reason: "",
  next: "",
  undo: "",
}
const failed: Deployment = { ...deployment, verdict: Verdict.Failed, failed: "It broke.", reason: "why", next: "what" }
const product = { ...failed, components: [failed] }
const plan = {
  component: Component.Frontend,
  environment: "staging",
  now: "b",
  commit: commit("a"),
  id: "id-a",
  at: "",
  isLive: false,
  checked: "its *files* are there",
  liveCommit: commit("b"),
  url: "https://book.example",
}

it("every report ends its last line, so that what the next call prints begins on one of its own", () => {
  const plans = [{ ...plan, verdict: Verdict.Success, steps: [], failed: "", reason: "", next: "" }]
  const reports = [{ markdown: false }, { markdown: true }].flatMap((form) => [
    ...[deployed(deployment, settings, form), planned(plan, form)].flatMap(({ report, json, markdown, html }) => [
      ...[report, json, markdown, html],
    ]),
    productDeployed({ ...product, verdict: Verdict.Success, failed: "" }, settings, form),
    productPlanned([plan], form),
    productPlannedDeployed(plans, form),
  ])

  expect(reports.filter((text) => !/[^\n]\n$/.test(text))).toEqual([])
})

describe("a call with --markdown", () => {
  const form = { markdown: true }

  it("reports in Markdown what it would report as text, and keeps the page", () => {
    const [text, markdown] = [deployed(deployment, settings, { markdown: false }), deployed(deployment, settings, form)]

    expect(text.report).toMatch(/^frontend of staging: bbbbbbb ended success\n/)
    expect(markdown.report).toBe(text.markdown)
    expect(markdown.report).toMatch(/^### 🟢 frontend of staging: `bbbbbbb` ended success\n/)
    expect(markdown.html).toBe(text.html)
  })

  it("reports a failure in the same way, of one component and of all", () => {
    expect(() => deployed(failed, settings, form)).toThrow(/^### 🔴 frontend of staging: `bbbbbbb` ended failed\n/)
    expect(() => productDeployed(product, settings, form)).toThrow(
      /^### 🔴 both components of staging: `bbbbbbb` ended/,
    )
    expect(() => productDeployed(product, settings, { markdown: false })).toThrow(/^frontend of staging: bbbbbbb ended/)
  })

  it("says what a rollback would do, a point for each line", () => {
    const points = [
      "### frontend of staging: a rollback would restore aaaaaaa",
      "",
      "- `now b`",
      `- \`then ${commit("a")} as id-a\``,
      "- `checked its *files* are there`",
      "- `Nothing was written. The same command without --plan does it.`",
      "",
    ].join("\n")

    expect(planned(plan, form).report).toBe(points)
    expect(productPlanned([plan, plan], form)).toBe(`${points}\n${points}`)
    expect(planned(plan, { markdown: false }).report).toMatch(
      /^frontend of staging: a rollback would restore aaaaaaa\n {2}now/,
    )
  })
})
