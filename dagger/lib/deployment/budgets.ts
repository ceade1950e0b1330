import { Component } from "../../src/exposed-types.js"
import { environmentOf } from "../settings/settings.js"
import type { Settings } from "../settings/settings-types.js"
import type { Deployment } from "./outcome.js"
import { Step } from "./tracer.js"

/** The most whole seconds of each step, by its name; `""` is the whole deployment. */
export type Budgets = Record<string, number>

/** The budgets of a deployment, or a rollback, and of its steps, from the settings. */
export function budgetsOf(settings: Settings, { component, environment, steps }: Deployment): Budgets {
  const { budgets } = settings
  const { backend, probe } = environmentOf(settings, environment)
  const answer = probe.seconds + probe.wakeUpSeconds
  const isRollback = steps.some(({ name }) => name === Step.Choose)
  return {
    [Step.Check]: budgets.tests,
    [Step.Build]: component === Component.Backend ? budgets.image : budgets.frontend,
    [Step.ProbeCandidate]: answer,
    [Step.ProbeLive]: answer,
    [Step.ProbeRestored]: answer,
    [Step.Restore]: budgets.rollback,
    ...(component === Component.Backend && backend && { [Step.Switch]: backend.buildSeconds }),
    "": isRollback ? budgets.rollback : budgets[component],
  }
}
