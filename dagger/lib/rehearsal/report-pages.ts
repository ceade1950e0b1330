import { budgetsOf } from "../deployment/budgets.js"
import type { Deployment } from "../deployment/outcome.js"
import { deploymentHtml } from "../deployment/report-page.js"
import type { Settings } from "../settings/settings-types.js"

/** A deployment of a component, and the scenario that it was part of. */
export interface ScenarioDeployment {
  scenario: string
  deployment: Deployment
}

/** The page of each deployment by file name, numbered in the order in which they ended: `04-deploy-again-backend-production.html`. */
export function reportPages(deployments: ScenarioDeployment[], settings: Settings): Record<string, string> {
  return Object.fromEntries(
    deployments.map(({ scenario, deployment }, at) => {
      const { component, environment } = deployment
      const name = `${scenario} ${component} ${environment}`.toLowerCase().replace(/[^a-z0-9]+/g, "-")
      const page = deploymentHtml(deployment, budgetsOf(settings, deployment))
      return [`${String(at + 1).padStart(2, "0")}-${name}.html`, page]
    }),
  )
}
