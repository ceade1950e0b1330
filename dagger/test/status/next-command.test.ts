import { expect, it } from "vitest"
import { HealthState } from "../../lib/deployment/health-probe.js"
import { type Attempt, Purpose } from "../../lib/deployment/ledger.js"
import { FitState } from "../../lib/status/fit.js"
import { nextCommands } from "../../lib/status/next-command.js"
import type { ComponentStatus, EnvironmentStatus } from "../../lib/status/status.js"
import { Component, Verdict } from "../../src/exposed-types.js"
import { commit } from "../support/app.js"

const secrets = { production: { netlify: "NETLIFY_TOKEN", huggingFace: "HF_TOKEN", database: "DATABASE_URL" } }

const attempt = (change: Partial<Attempt>): Attempt => ({
  ...{ entry: "1", purpose: Purpose.Deploy, component: "backend", environment: "production", commit: commit("b") },
  ...{
    version: "b",
    id: "image-b",
    previousCommit: commit("a"),
    previousId: "image-a",
    actor: "ana",
    run: "",
    why: "",
  },
  ...{ schema: "", bothComponents: false, calledAt: "", startedAt: "2026-11-28T01:00:00Z" },
  ...{ endedAt: "2026-11-28T01:02:00Z", verdict: Verdict.Success, reason: "" },
  ...change,
})

const backend = (change: Partial<ComponentStatus> = {}): ComponentStatus => ({
  ...{ component: Component.Backend, url: "https://book", commit: commit("b"), id: "image-b", version: "b", since: "" },
  ...{ by: "ana", run: "", health: HealthState.Healthy, reason: "", locked: false, schema: "", last: attempt({}) },
  ...{ quarantined: [], hasWayBack: true },
  ...change,
})

function nextFor(component: Partial<ComponentStatus>, change: Partial<EnvironmentStatus> = {}) {
  const environment: EnvironmentStatus = {
    ...{ environment: "production", production: true, components: [backend(component)], lock: "free", incidents: [] },
    fit: { state: FitState.Fits, why: "it has one component" },
    ...change,
  }
  const typed = (call?: string) => {
    const [next] = nextCommands({ environments: [environment], drift: [] }, secrets, true, call ? { call } : {})
    return next && `${next.command} # ${next.why}`
  }
  // Whatever it is: beside a module of the project's own, this one is called by its name.
  expect(typed("dagger call delivery")).toBe(typed()?.replace("dagger call", "dagger call delivery"))
  return typed()
}

it("is with the registry's token where the call had one, since a deployment pushes there", () => {
  const [next] = nextCommands(
    {
      environments: [
        {
          ...{ environment: "production", production: true, lock: "free", incidents: [] },
          ...{
            components: [backend({ commit: "", quarantined: [], last: undefined, health: HealthState.Unreachable })],
          },
          fit: { state: FitState.Fits, why: "it has one component" },
        },
      ],
      drift: [],
    },
    secrets,
    true,
    { registry: { user: "ana", token: "GITHUB_TOKEN" } },
  )

  expect(next?.command).toBe(
    "dagger call --github-token=env://GITHUB_TOKEN --registry-user=ana --registry-token=env://GITHUB_TOKEN deploy --environment=production --hugging-face-token=env://HF_TOKEN",
  )
})

const git = `git switch --detach ${commit("b")} && `
const call = "dagger call --github-token=env://GITHUB_TOKEN"
const flags = "--environment=production"

it("is nothing where all is well", () => {
  expect(nextFor({})).toBeUndefined()
})

it.each<[string, Partial<ComponentStatus>]>([
  [
    `${call} backend rollback ${flags} --reason="…" --hugging-face-token=env://HF_TOKEN --database-url=env://DATABASE_URL report # its backend is unhealthy: answered 500`,
    { health: HealthState.Unhealthy, reason: "answered 500", schema: "0003" },
  ],
  [
    `${call} doctor ${flags} --hugging-face-token=env://HF_TOKEN # its backend is unhealthy, and no earlier version is known: answered 500`,
    { health: HealthState.Unhealthy, reason: "answered 500", hasWayBack: false },
  ],
  [
    `dagger call probe ${flags} # its backend does not answer: refused the connection`,
    { health: HealthState.Unreachable, reason: "refused the connection" },
  ],
  [
    `${git}${call} backend deploy ${flags} --hugging-face-token=env://HF_TOKEN report # the run that was to deploy bbbbbbb of its backend ended without a word`,
    { last: attempt({ verdict: undefined, endedAt: "" }) },
  ],
  [
    `${call} backend rollback ${flags} --reason="500s in touch /x" --hugging-face-token=env://HF_TOKEN report # the run that was to roll back bbbbbbb of its backend ended without a word`,
    { last: attempt({ verdict: undefined, purpose: Purpose.Rollback, why: '500s in "$`touch /x`' }) },
  ],
  [
    `${call} doctor ${flags} --hugging-face-token=env://HF_TOKEN # the newest attempt to deploy its backend ended failed: no space left`,
    { last: attempt({ verdict: Verdict.Failed, reason: "no space left" }) },
  ],
  [
    `${call} deploy ${flags} --hugging-face-token=env://HF_TOKEN # nothing was deployed to its backend yet`,
    { commit: "", health: HealthState.Unhealthy, reason: "answered 404", last: undefined },
  ],
])("is %s", (expected, component) => {
  expect(nextFor(component)).toBe(expected)
})

it("waits for whoever holds the lock, whatever else is wrong, but not for one that was left behind", () => {
  const lock = { owner: "ben", run: "", reason: "deploy ccccccc", expires: "2026-11-28T01:03:00Z" }
  const unhealthy = { health: HealthState.Unhealthy, reason: "answered 500" }

  expect(nextFor(unhealthy, { lock: { ...lock, isOver: false } })).toBe(
    `${call} status # ben is changing it (deploy ccccccc); the lock lasts until 2026-11-28T01:03:00Z`,
  )
  expect(nextFor(unhealthy, { lock: { ...lock, isOver: true } })).toContain("backend rollback")
})

it("closes an incident that is over", () => {
  const incidents = [
    { environment: "production", component: "backend", cause: "rollback", number: 7, address: "https://x", since: "" },
  ]

  expect(nextFor({}, { incidents })).toBe(
    `${call} incident --action=CLOSE ${flags} --component=BACKEND --reason="…" # #7 is open, and everything is healthy`,
  )
})
