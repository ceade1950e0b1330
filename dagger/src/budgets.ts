import { type Deployment, Half } from "./deployment.js"
import { Step } from "./journal.js"
import { environmentOf, type Settings } from "./settings.js"

/** Whole seconds that a step, by its name, should not exceed; `""` is the whole deployment. */
export type Budgets = Record<string, number>

/** What the settings grant a deployment, or a rollback, and its steps. */
export function budgetsOf(settings: Settings, { half, environment, steps }: Deployment): Budgets {
  const { budgets } = settings
  const { backend, probe } = environmentOf(settings, environment)
  const answer = probe.seconds + probe.wakeUpSeconds
  const isRollback = steps.some(({ name }) => name === Step.Choose)
  return {
    [Step.Check]: budgets.tests,
    [Step.Build]: half === Half.Backend ? budgets.image : budgets.frontend,
    [Step.ProbeCandidate]: answer,
    [Step.ProbeLive]: answer,
    [Step.ProbeRestored]: answer,
    [Step.Restore]: budgets.rollback,
    ...(half === Half.Backend && { [Step.Switch]: backend.buildSeconds }),
    "": isRollback ? budgets.rollback : budgets[half],
  }
}
