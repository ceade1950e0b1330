import { type Deployment, Half } from "../../src/deployment.js"
import { type Errand, type ErrandEnding, ErrandKind, endingOf } from "../../src/errand.js"
import { Step } from "../../src/journal.js"
import { summary } from "../../src/product-release.js"
import { isFailure, Verdict } from "../../src/verdict.js"
import { commit } from "./app.js"

/** The deployment of "b" to production's backend, while "a" is live. */
export const errand = (over: Partial<Errand> = {}): Errand => ({
  kind: ErrandKind.Deployment,
  halves: [Half.Backend],
  environment: "production",
  commit: commit("b"),
  reason: "",
  actor: "ana",
  run: "https://runs.example/7",
  ...over,
})

export const deployment = (over: Partial<Deployment> = {}): Deployment => {
  const ill = isFailure(over.verdict ?? Verdict.Success)
  return {
    half: Half.Backend,
    environment: "production",
    verdict: Verdict.Success,
    commit: commit("b"),
    version: "v-b",
    url: "https://book.example",
    id: "id-b",
    previousCommit: commit("a"),
    previousId: "id-a",
    liveCommit: commit(ill ? "a" : "b"),
    liveId: ill ? "id-a" : "id-b",
    steps: [{ name: Step.ProbeLive, milliseconds: 4320, detail: "" }],
    startedAt: "2026-11-24T12:00:00.000Z",
    milliseconds: 4320,
    failed: ill ? "It is ill." : "",
    reason: ill ? "it answered 500" : "",
    next: ill ? "mend it" : "",
    undo: ill ? "" : "dagger call rollback-backend",
    ...over,
  }
}

/** How an errand ended that did these, in order. */
export const ending = (first: Deployment, ...more: Deployment[]): ErrandEnding =>
  more.length === 0
    ? endingOf(first)
    : { ...endingOf(summary(first.environment, first.commit, [first, ...more], () => "undo")), milliseconds: 4320 }
