import { expect, it } from "vitest"
import { Order } from "../../lib/deployment/release.js"
import { FitState, fitOf } from "../../lib/status/fit.js"
import { Component } from "../../src/exposed-types.js"
import { commit } from "../support/app.js"

const pair = (page: string, service: string) => [
  { component: Component.Backend, commit: service && commit(service) },
  { component: Component.Frontend, commit: page && commit(page) },
]
const ofService = (path: string) => path.startsWith("backend/")
const between = (order: Order, files: string[] = [], isCut = false) => ({
  known: true as const,
  value: { order, ahead: 2, behind: 1, files, isCut },
})

it.each([
  ["both are of one commit", "a", "a", undefined, FitState.Fits],
  ["the service is 1 commit newer than the page", "a", "b", between(Order.Older), FitState.Fits],
  [
    "the page is 2 commits newer than the service, and nothing of the service changed in them",
    "b",
    "a",
    between(Order.Newer, ["frontend/page.md"]),
    FitState.Fits,
  ],
  [
    "the page is 2 commits newer than the service, and the service changed in them: backend/a, backend/b, backend/c, …",
    "b",
    "a",
    between(Order.Newer, ["backend/a", "frontend/x", "backend/b", "backend/c", "backend/d"]),
    FitState.Unfit,
  ],
  [
    "the page is 2 commits newer than the service, with more files than GitHub names",
    "b",
    "a",
    between(Order.Newer, ["frontend/page.md"], true),
    FitState.Unknown,
  ],
  [
    "neither commit contains the other, and the service changed in them: backend/main.py",
    "b",
    "a",
    between(Order.Diverged, ["backend/main.py"]),
    FitState.Unfit,
  ],
  ["the commit of the backend is not known", "a", "", undefined, FitState.Unknown],
  [
    "they are of two commits, and which is newer GitHub says with --github-token",
    "a",
    "b",
    undefined,
    FitState.Unknown,
  ],
  [
    "they are of two commits: it gave no answer",
    "a",
    "b",
    { known: false as const, why: "it gave no answer" },
    FitState.Unknown,
  ],
])("a page and its service: %s", (why, page, service, distance, state) => {
  expect(fitOf(pair(page, service), distance, ofService)).toEqual({ state, why })
})

it("one component fits with itself", () => {
  expect(fitOf(pair("a", "a").slice(0, 1), undefined, ofService)).toEqual({
    state: FitState.Fits,
    why: "it has one component",
  })
})
