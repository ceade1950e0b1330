import type { Deployment } from "../../lib/deployment/outcome.js"
import { summary } from "../../lib/deployment/product-release.js"
import { Step } from "../../lib/deployment/tracer.js"
import { type Operation, OperationKind, type OperationResult, resultOf } from "../../lib/notifications/operation.js"
import { isFailure } from "../../lib/verdict.js"
import { Component, Verdict } from "../../src/exposed-types.js"
import { commit } from "./app.js"

/** The deployment of "b" to the backend of production, while "a" is live. */
export const operation = (over: Partial<Operation> = {}): Operation => ({
  kind: OperationKind.Deployment,
  components: [Component.Backend],
  environment: "production",
  commit: commit("b"),
  reason: "",
  actor: "ana",
  run: "https://runs.example/7",
  ...over,
})

export const deployment = (over: Partial<Deployment> = {}): Deployment => {
  const unhealthy = isFailure(over.verdict ?? Verdict.Success)
  return {
    component: Component.Backend,
    environment: "production",
    verdict: Verdict.Success,
    commit: commit("b"),
    version: "v-b",
    url: "https://book.example",
    id: "id-b",
    previousCommit: commit("a"),
    previousId: "id-a",
    liveCommit: commit(unhealthy ? "a" : "b"),
    liveId: unhealthy ? "id-a" : "id-b",
    steps: [{ name: Step.ProbeLive, milliseconds: 4320, detail: "" }],
    startedAt: "2026-11-24T12:00:00.000Z",
    milliseconds: 4320,
    failed: unhealthy ? "It is unhealthy." : "",
    reason: unhealthy ? "it answered 500" : "",
    next: unhealthy ? "fix it" : "",
    undo: unhealthy ? "" : "dagger call backend rollback",
    ...over,
  }
}

/** The result of an operation with these deployments, in order. */
export const result = (first: Deployment, ...more: Deployment[]): OperationResult =>
  more.length === 0
    ? resultOf(first)
    : { ...resultOf(summary(first.environment, first.commit, [first, ...more], () => "undo")), milliseconds: 4320 }
