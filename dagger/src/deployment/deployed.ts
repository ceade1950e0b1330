import { deploymentEnded } from "../errors.js"
import type { Settings } from "../settings/settings-types.js"
import { escaped } from "../text/untrusted.js"
import { isFailure, Verdict } from "../verdict.js"
import { budgetsOf } from "./budgets.js"
import { type DeploymentPlan, deploymentPlanMarkdown, deploymentPlansText } from "./deployment-plan.js"
import type { Deployment } from "./outcome.js"
import type { ProductDeployment } from "./product-release.js"
import { deploymentHtml, deploymentJson, deploymentMarkdown, deploymentText, productText } from "./report.js"
import { planMarkdown, planText, type RollbackPlan } from "./rollback-plan.js"

/** A deployment, for people and for programs. */
export type Deployed = {
  /** What was live before, each step with its time, what is live now, and the command that reverts it. */
  report: string
  /** All of it as JSON. */
  json: string
  /** All of it for a pull request or a job summary. */
  markdown: string
  /** All of it as one page that needs nothing else. */
  html: string
  verdict: Verdict
  /** Commit to deploy. */
  commit: string
  /** Commit that is live at the end. */
  liveCommit: string
  url: string
}

/** The report of a deployment that ended well. @throws ReportedError with the report of any other. */
export function deployed(deployment: Deployment, settings: Settings): Deployed {
  const budgets = budgetsOf(settings, deployment)
  const report = deploymentText(deployment, budgets)
  if (isFailure(deployment.verdict)) throw deploymentEnded(report)
  const { verdict, commit, liveCommit, url } = deployment
  return {
    report,
    json: deploymentJson(deployment, budgets),
    markdown: deploymentMarkdown(deployment, budgets),
    html: deploymentHtml(deployment, budgets),
    verdict,
    commit,
    liveCommit,
    url,
  }
}

/** What a rollback would do, in the place of its report. */
export function planned(plan: RollbackPlan): Deployed {
  const { commit, liveCommit, url } = plan
  const report = planText(plan)
  return {
    report,
    json: JSON.stringify(plan, null, 2),
    markdown: planMarkdown(plan),
    html: `<!doctype html>\n<meta charset="utf-8">\n<title>Plan</title>\n<pre>${escaped(report)}</pre>\n`,
    verdict: Verdict.NoChange,
    commit,
    liveCommit,
    url,
  }
}

/** What a deployment would do, in the place of its report. Its verdict is that of the deployment. */
export function plannedDeployed(plan: DeploymentPlan): Deployed {
  const { verdict, commit, liveCommit, url } = plan
  const report = deploymentPlansText([plan])
  return {
    report,
    json: JSON.stringify(plan, null, 2),
    markdown: deploymentPlanMarkdown(plan),
    html: `<!doctype html>\n<meta charset="utf-8">\n<title>Plan</title>\n<pre>${escaped(report)}</pre>\n`,
    verdict,
    commit,
    liveCommit,
    url,
  }
}

/** The same of a release of all components, as text. */
export function productDeployed(product: ProductDeployment, settings: Settings): string {
  const report = productText(product, (component) => budgetsOf(settings, component))
  if (isFailure(product.verdict)) throw deploymentEnded(report)
  return report
}
