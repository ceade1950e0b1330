import { expect, it } from "vitest"
import { finalStatuses, pendingStatuses, statusOf } from "../../lib/notifications/commit-status.js"
import { OperationKind } from "../../lib/notifications/operation.js"
import { Component, StatusContext, StatusState, Verdict } from "../../src/exposed-types.js"
import { commit } from "../support/app.js"
import { deployment, operation, result } from "../support/operations.js"

const shown = (statuses: ReturnType<typeof finalStatuses>) =>
  statuses.map(({ context, state, description }) => `${context} ${state} ${description}`)

it("is pending for each component while the deployment runs, and leads to the run", () => {
  expect(pendingStatuses(operation({ components: [Component.Backend, Component.Frontend] }))).toEqual([
    {
      commit: commit("b"),
      context: "deploy-backend",
      state: "pending",
      description: "production: the deployment is running",
      target: "https://runs.example/7",
    },
    expect.objectContaining({ context: "deploy-frontend", state: "pending" }),
  ])
  expect(pendingStatuses(operation({ kind: OperationKind.Checks, components: [], environment: "" }))).toEqual([
    expect.objectContaining({ context: "ci", state: "pending", description: "the checks are running" }),
  ])
})

it("has none where the run chooses the commit", () => {
  expect(pendingStatuses(operation({ kind: OperationKind.Promotion, commit: "" }))).toEqual([])
})

it.each([
  [Verdict.Success, "deploy-backend success production: live in 4.3 s"],
  [Verdict.NoChange, "deploy-backend success production: no-change in 4.3 s"],
  [Verdict.Superseded, "deploy-backend success production: superseded in 4.3 s"],
  [Verdict.Failed, "deploy-backend failure production: failed: It is unhealthy."],
  [Verdict.RolledBack, "deploy-backend failure production: rolled-back: It is unhealthy."],
  [Verdict.RollbackFailed, "deploy-backend failure production: rollback-failed: It is unhealthy."],
  [Verdict.Refused, "deploy-backend error production: refused: It is unhealthy."],
  [Verdict.Locked, "deploy-backend error production: locked: It is unhealthy."],
  [Verdict.Inconclusive, "deploy-backend error production: inconclusive: It is unhealthy."],
])("of a deployment that ended %s is %j", (verdict, expected) => {
  expect(shown(finalStatuses(operation(), result(deployment({ verdict }))))).toEqual([expected])
})

it("is final for both components of a release, whichever failed", () => {
  const both = operation({ components: [Component.Backend, Component.Frontend] })
  const back = deployment({})
  const failed = deployment({ component: Component.Frontend, verdict: Verdict.Failed })
  const wayBack = deployment({ commit: commit("a") })

  expect(shown(finalStatuses(both, result(deployment({ verdict: Verdict.Failed }))))).toEqual([
    "deploy-backend failure production: failed: It is unhealthy.",
    "deploy-frontend failure production: failed: It is unhealthy.",
  ])
  expect(shown(finalStatuses(both, result(back, failed, wayBack)))).toEqual([
    "deploy-backend failure production: reverted: It is unhealthy.",
    "deploy-frontend failure production: failed: It is unhealthy.",
  ])
  expect(shown(finalStatuses(both, result(deployment({ verdict: Verdict.Superseded }))))).toEqual([
    "deploy-backend success production: superseded in 4.3 s",
    "deploy-frontend success production: unchanged in 4.3 s",
  ])
})

it("belongs to the version that a rollback restores", () => {
  const back = operation({ kind: OperationKind.Rollback, commit: "" })
  expect(finalStatuses(back, result(deployment({ commit: commit("a") })))).toEqual([
    expect.objectContaining({
      commit: commit("a"),
      state: "success",
      description: "production: live again after a rollback in 4.3 s",
    }),
  ])
})

it("is one line of at most 140 characters, never cut in two, and links only to the web", () => {
  const status = statusOf(
    commit("b"),
    StatusContext.Ci,
    StatusState.Error,
    `a\n${"😀".repeat(200)}`,
    "javascript:alert(1)",
  )
  expect(status.description).toBe(`a ${"😀".repeat(68)}…`)
  expect(status.description.length).toBeLessThanOrEqual(140)
  expect(status.target).toBe("")
})
