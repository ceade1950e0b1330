import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { budgetsOf } from "../../lib/deployment/budgets.js"
import type { Deployment } from "../../lib/deployment/outcome.js"
import { Step } from "../../lib/deployment/tracer.js"
import { readSettings } from "../../lib/settings/settings.js"
import { Component } from "../../src/exposed-types.js"

const settings = readSettings(readFileSync(join(import.meta.dirname, "../../../delivery.json"), "utf8"))
const of = (component: Component, ...names: Step[]) =>
  budgetsOf(settings, {
    component,
    environment: "staging",
    steps: names.map((name) => ({ name, milliseconds: 0, detail: "" })),
  } as Deployment)

it("gives a deployment of each component, and a rollback, the budgets of the settings", () => {
  expect(of(Component.Frontend)).toMatchObject({ "": 300, [Step.Build]: 300, [Step.Check]: 300 })
  expect(of(Component.Backend)).toMatchObject({ "": 600, [Step.Build]: 480, [Step.Switch]: 600, [Step.ProbeLive]: 180 })
  expect(of(Component.Backend, Step.Choose, Step.Restore)).toMatchObject({ "": 180, [Step.Restore]: 180 })
})
