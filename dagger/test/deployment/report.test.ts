import { describe, expect, it } from "vitest"
import type { Deployment } from "../../lib/deployment/outcome.js"
import {
  deploymentJson,
  deploymentMarkdown,
  deploymentText,
  fourLines,
  productMarkdown,
  productText,
  releasesText,
} from "../../lib/deployment/report.js"
import { deploymentHtml } from "../../lib/deployment/report-page.js"
import { Step } from "../../lib/deployment/tracer.js"
import { Component, Verdict } from "../../src/exposed-types.js"
import { commit } from "../support/app.js"

const success: Deployment = {
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
  steps: [
    { name: Step.Look, milliseconds: 120, detail: "id-a" },
    { name: Step.Switch, milliseconds: 4200, detail: "id-b" },
  ],
  startedAt: "2026-11-24T12:00:00.000Z",
  milliseconds: 4320,
  failed: "",
  reason: "",
  next: "",
  undo: 'dagger call frontend rollback --environment=staging --to=id-a --reason="…"',
}
const failure: Deployment = {
  ...success,
  verdict: Verdict.RolledBack,
  liveCommit: commit("a"),
  liveId: "id-a",
  failed: "The new version is unhealthy.",
  reason: "https://book.example/ answered 500,\nexpected 200",
  next: "fix the version and deploy again",
  undo: "",
}

describe("the report of a deployment", () => {
  it("shows what was live, each step with its time, what is live, and how to undo it", () => {
    expect(deploymentText(success, { [Step.Switch]: 3, "": 300 })).toMatchInlineSnapshot(`
      "frontend of staging: bbbbbbb ended success
        before   aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa as id-a
        look at what is live     0.1 s           id-a
        switch                   4.2 s of 3 s    OVER ITS BUDGET  id-b
        in all                   4.3 s of 300 s
        now      bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb as id-b at https://book.example
        undo     dagger call frontend rollback --environment=staging --to=id-a --reason="…""
    `)
  })

  it("says how much came from a cache, in each form", () => {
    const cached = { ...success, cache: { steps: 5, cached: 3, unknown: 1 } }
    const said = "3 of 5 slow steps came from a cache, of 1 it is not known"
    expect(deploymentText(cached)).toContain(`\n  cache    ${said}\n  undo     dagger call`)
    expect(deploymentMarkdown(cached)).toContain(`\nCache: ${said}.\n`)
    expect(deploymentHtml(cached)).toContain(`<dt>Cache</dt><dd>${said}</dd>`)
    expect(JSON.parse(deploymentJson(cached)).cache).toEqual({ steps: 5, cached: 3, unknown: 1 })
  })

  it("says nothing of a cache of a deployment without slow steps, such as a promotion", () => {
    const promotion = { ...success, cache: { steps: 0, cached: 0, unknown: 0 } }
    expect(deploymentText(promotion)).toBe(deploymentText(success))
    expect(deploymentMarkdown(promotion)).toBe(deploymentMarkdown(success))
    expect(deploymentHtml(promotion)).toBe(deploymentHtml(success))
  })

  it("shows a failure in four lines", () => {
    expect(fourLines(failure)).toEqual([
      "failed: The new version is unhealthy.",
      `live:   ${commit("a")} as id-a at https://book.example`,
      "why:    https://book.example/ answered 500, expected 200",
      "next:   fix the version and deploy again",
    ])
  })

  it("says when nothing is live, and when the host did not answer", () => {
    expect(fourLines({ ...failure, liveId: "" })[1]).toBe("live:   nothing")
    expect(fourLines({ ...failure, liveId: "unknown" })[1]).toBe("live:   unknown: the host did not answer")
  })

  it("escapes untrusted text in Markdown", () => {
    const hostile = { ...failure, reason: "`x` | <!channel> @team [a](b)\u202E\u0000 \n# big" }
    expect(deploymentMarkdown(hostile)).toContain("- **why**: `` `x` \\| <!channel> @team [a](b) # big ``")
    expect(deploymentMarkdown(success, { [Step.Switch]: 3, "": 300 })).toMatchInlineSnapshot(`
      "### 🟢 frontend of staging: \`bbbbbbb\` ended success

      Before: \`aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa as id-a\`. Now: \`bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb as id-b at https://book.example\`.

      Undo: \`dagger call frontend rollback --environment=staging --to=id-a --reason="…"\`

      | step | time | budget | result |
      | --- | ---: | ---: | --- |
      | look at what is live | 0.1 s |  | \`id-a\` |
      | switch | 4.2 s | 3 s **over** | \`id-b\` |
      | in all | 4.3 s | 300 s |  |
      "
    `)
  })

  it("shows no token", () => {
    const leaky = { ...failure, reason: "postgresql://book:hunter2@db refused, hf_abcdefghijklmnopqrstuvwxyz too" }
    expect(deploymentText(leaky)).toContain("why:    postgresql://book:***@db refused, *** too")
  })

  it("has the budget of each step as data", () => {
    const data = JSON.parse(deploymentJson(success, { [Step.Switch]: 3, "": 300 }))
    expect(data.steps[1]).toEqual({
      name: "switch",
      milliseconds: 4200,
      detail: "id-b",
      budgetSeconds: 3,
      overBudget: true,
    })
    expect(data).toMatchObject({ verdict: "success", budgetSeconds: 300, overBudget: false })
  })

  it("makes a page that runs no untrusted text", () => {
    const page = deploymentHtml({ ...failure, reason: "<script>alert(1)</script> & `x`" }, { [Step.Switch]: 3 })
    expect(page).toContain("<dt>Why</dt><dd>&#60;script&#62;alert(1)&#60;/script&#62; &#38; `x`</dd>")
    expect(page).not.toContain("<script>")
    expect(page).toContain(
      '<tr class="over"><th scope="row">switch</th><td class="number">4.2 s of 3 s<br/><strong>over budget</strong></td>',
    )
  })

  it("shows on its page what the report says, and a bar for each step as long as its share of the longest", () => {
    const page = deploymentHtml(success, { [Step.Switch]: 3, "": 300 })
    expect(page).toContain("<p>4.3 s of 300 s · began 2026-11-24 12:00:00 UTC</p>")
    expect(page).toContain('<dt>Undo</dt><dd class="command">dagger call frontend rollback --environment=staging')
    expect(
      [...page.matchAll(/<rect( class="over")? width="(\d+)%"[^>]*><title>([^<]*)/g)].map(([, ...bar]) => bar),
    ).toEqual([
      [undefined, "3", "look at what is live: 0.1 s"],
      [' class="over"', "100", "switch: 4.2 s of 3 s, over budget"],
    ])
  })

  it("says what each of both components serves in the end", () => {
    const product = {
      environment: "staging",
      verdict: Verdict.RolledBack,
      commit: commit("b"),
      failed: "The new version is unhealthy.",
      reason: "answered 500",
      next: "fix it",
      undo: "",
    }
    const backend = { ...success, component: Component.Backend }
    expect(
      productText({
        ...product,
        components: [backend, failure, { ...backend, liveCommit: commit("a"), liveId: "id-a" }],
      })
        .split("\n")
        .slice(-5),
    ).toEqual([
      "both components of staging: bbbbbbb ended rolled-back",
      "failed: The new version is unhealthy.",
      `live:   frontend serves ${commit("a")} as id-a at https://book.example; backend serves ${commit("a")} as id-a at https://book.example`,
      "why:    answered 500",
      "next:   fix it",
    ])
  })

  it("is Markdown for a job summary, with both components and nothing that others' text formats", () => {
    const product = {
      environment: "staging",
      verdict: Verdict.RolledBack,
      commit: commit("b"),
      components: [{ ...success, component: Component.Backend }, failure],
      failed: "The new version is unhealthy.",
      reason: "<b>answered</b> *500*",
      next: "fix it",
      undo: "",
      undelivered: ["Slack was not notified"],
    }

    const lines = productMarkdown(product, () => ({ "": 300 })).split("\n")

    expect(lines.slice(0, 9)).toEqual([
      "### 🟡 both components of staging: `bbbbbbb` ended rolled-back",
      "",
      "- **failed**: `The new version is unhealthy.`",
      `- **live**: \`backend serves ${commit("b")} as id-b at https://book.example; frontend serves ${commit("a")} as id-a at https://book.example\``,
      "- **why**: `<b>answered</b> *500*`",
      "- **next**: `fix it`",
      "",
      "Undelivered: `Slack was not notified`",
      "",
    ])
    expect(lines.filter((line) => line.startsWith("### ")).slice(1)).toEqual([
      "### 🟢 backend of staging: `bbbbbbb` ended success",
      "### 🟡 frontend of staging: `bbbbbbb` ended rolled-back",
    ])
    expect(lines.filter((line) => line.startsWith("| in all | 4.3 s | 300 s |"))).toHaveLength(2)
  })

  it("lists releases with their age and whether they are usable", () => {
    const release = {
      commit: commit("a"),
      version: "v1",
      id: "id-a",
      at: "2026-11-24T12:00:00.000Z",
      ageSeconds: 7200,
      author: "ana",
      verdict: Verdict.Success,
      schema: "",
      usable: true,
      reason: "",
    }
    expect(
      releasesText([release, { ...release, ageSeconds: 400_000, usable: false, reason: "it is live" }]),
    ).toMatchInlineSnapshot(`
      "aaaaaaa  2026-11-24T12:00:00.000Z    2 h  ana  success  id-a  usable
      aaaaaaa  2026-11-24T12:00:00.000Z    4 d  ana  success  id-a  it is live"
    `)
    expect(releasesText([])).toBe("No release is recorded yet.")
  })
})
