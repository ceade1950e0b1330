import type { Deployed } from "../../src/exposed-types.js"
import { Verdict } from "../../src/exposed-types.js"
import type { Settings } from "../settings/settings-types.js"
import { textPage } from "../text/page.js"
import { printed } from "../text/wording.js"
import { isFailure } from "../verdict.js"
import { budgetsOf } from "./budgets.js"
import {
  type DeploymentPlan,
  deploymentPlanMarkdown,
  deploymentPlansMarkdown,
  deploymentPlansText,
} from "./deployment-plan.js"
import { deploymentEnded } from "./errors.js"
import type { Deployment } from "./outcome.js"
import type { ProductDeployment } from "./product-release.js"
import { deploymentJson, deploymentMarkdown, deploymentText, productMarkdown, productText } from "./report.js"
import { deploymentHtml } from "./report-page.js"
import { planMarkdown, planText, productPlanText, type RollbackPlan } from "./rollback-plan.js"

/** How a call wants its reports. */
interface Form {
  markdown: boolean
}

/** The report of a deployment that ended well. @throws ReportedError with the report of any other. */
export function deployed(deployment: Deployment, settings: Settings, form: Form): Deployed {
  const budgets = budgetsOf(settings, deployment)
  const markdown = deploymentMarkdown(deployment, budgets)
  const report = form.markdown ? markdown : deploymentText(deployment, budgets)
  if (isFailure(deployment.verdict)) throw deploymentEnded(report)
  const { verdict, commit, liveCommit, url } = deployment
  return {
    report: printed(report),
    json: printed(deploymentJson(deployment, budgets)),
    markdown: printed(markdown),
    html: deploymentHtml(deployment, budgets),
    verdict,
    commit,
    liveCommit,
    url,
  }
}

/** What a rollback would do, in the place of its report. */
export function planned(plan: RollbackPlan, form: Form): Deployed {
  const { commit, liveCommit, url } = plan
  const [text, markdown] = [printed(planText(plan)), printed(planMarkdown(plan))]
  return {
    report: form.markdown ? markdown : text,
    json: printed(JSON.stringify(plan, null, 2)),
    markdown,
    html: textPage("Plan", text),
    verdict: Verdict.NoChange,
    commit,
    liveCommit,
    url,
  }
}

/** What a deployment would do, in the place of its report. Its verdict is that of the deployment. */
export function plannedDeployed(plan: DeploymentPlan, form: Form): Deployed {
  const { verdict, commit, liveCommit, url } = plan
  const [text, markdown] = [printed(deploymentPlansText([plan])), printed(deploymentPlanMarkdown(plan))]
  return {
    report: form.markdown ? markdown : text,
    json: printed(JSON.stringify(plan, null, 2)),
    markdown,
    html: textPage("Plan", text),
    verdict,
    commit,
    liveCommit,
    url,
  }
}

/** The same of a release of all components. */
export function productDeployed(product: ProductDeployment, settings: Settings, form: Form): string {
  const inForm = form.markdown ? productMarkdown : productText
  const report = inForm(product, (component) => budgetsOf(settings, component))
  if (isFailure(product.verdict)) throw deploymentEnded(report)
  return printed(report)
}

/** What a rollback of all components would do. */
export const productPlanned = (plans: RollbackPlan[], form: Form): string =>
  printed(form.markdown ? plans.map(planMarkdown).join("\n") : productPlanText(plans))

/** What a deployment or promotion of all components would do. */
export const productPlannedDeployed = (plans: DeploymentPlan[], form: Form): string =>
  printed(form.markdown ? deploymentPlansMarkdown(plans) : deploymentPlansText(plans))
