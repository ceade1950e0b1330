import type { Deployment } from "./deployment.js"
import type { DeploymentStep } from "./logbook.js"
import { masked, plain, shortened } from "./untrusted.js"
import { isFailure, Verdict } from "./verdict.js"

/** Whole seconds that a step, by its name, should not exceed; `""` is the whole deployment. */
export type Budgets = Record<string, number>

/** The account of a deployment for a terminal: what was live, each step with its time, what is live now, how to undo it. */
export function deploymentText(deployment: Deployment, budgets: Budgets = {}): string {
  const { half, environment, commit, steps, milliseconds, verdict } = deployment
  const width = Math.max(...steps.map(({ name }) => name.length), 10)
  return [
    `${half} of ${environment}: ${commit.slice(0, 7) || "?"} ended ${verdict}`,
    `  before   ${was(deployment)}`,
    ...steps.map(
      (step) =>
        `  ${step.name.padEnd(width)}  ${seconds(step.milliseconds).padStart(8)}  ${step.detail}${over(step, budgets)}`,
    ),
    `  ${"in all".padEnd(width)}  ${seconds(milliseconds).padStart(8)}${over({ name: "", milliseconds, detail: "" }, budgets)}`,
    `  now      ${is(deployment)}`,
    ...(deployment.undo ? [`  undo     ${deployment.undo}`] : []),
    ...(isFailure(verdict) ? fourLines(deployment) : deployment.reason ? [`  note     ${deployment.reason}`] : []),
  ].join("\n")
}

/** A failure in four lines: what failed, what is live, why, what to do next. */
export function fourLines(deployment: Deployment): string[] {
  return [
    `failed: ${oneLine(deployment.failed)}`,
    `live:   ${is(deployment)}`,
    `why:    ${oneLine(deployment.reason)}`,
    `next:   ${oneLine(deployment.next)}`,
  ]
}

/** The same as data, for other programs. */
export const deploymentJson = (deployment: Deployment, budgets: Budgets = {}) =>
  JSON.stringify(
    {
      ...deployment,
      steps: deployment.steps.map((step) => ({ ...step, budgetSeconds: budgets[step.name] ?? 0 })),
      budgetSeconds: budgets[""] ?? 0,
    },
    null,
    2,
  )

/** The same for a pull request or a job summary. Text of others is shown as code, so that it formats nothing and names nobody. */
export function deploymentMarkdown(deployment: Deployment, budgets: Budgets = {}): string {
  const { half, environment, commit, steps, milliseconds, verdict } = deployment
  return [
    `### ${mark(verdict)} ${half} of ${environment}: ${code(commit.slice(0, 7) || "?")} ended ${verdict}`,
    "",
    `Before: ${code(was(deployment))}. Now: ${code(is(deployment))}.`,
    "",
    ...(isFailure(verdict)
      ? [
          `- **failed**: ${code(deployment.failed)}`,
          `- **why**: ${code(deployment.reason)}`,
          `- **next**: ${code(deployment.next)}`,
          "",
        ]
      : []),
    ...(deployment.undo ? [`Undo: ${code(deployment.undo)}`, ""] : []),
    "| step | time | result |",
    "| --- | ---: | --- |",
    ...steps.map(
      (step) => `| ${step.name} | ${seconds(step.milliseconds)}${over(step, budgets)} | ${code(step.detail)} |`,
    ),
    `| in all | ${seconds(milliseconds)}${over({ name: "", milliseconds, detail: "" }, budgets)} | |`,
    "",
  ].join("\n")
}

const was = ({ previousId, previousCommit }: Deployment) =>
  previousId ? `${previousCommit || "an unknown commit"} as ${previousId}` : "nothing was live"

function is({ liveId, liveCommit, url }: Deployment): string {
  if (liveId === "unknown") return "unknown: the host could not be asked"
  return liveId ? `${liveCommit || "an unknown commit"} as ${liveId} at ${url}` : "nothing"
}

function over({ name, milliseconds }: DeploymentStep, budgets: Budgets): string {
  const budget = budgets[name]
  return budget !== undefined && milliseconds > budget * 1000 ? ` (over its budget of ${budget} s)` : ""
}

const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`
const mark = (verdict: Verdict) => (verdict === Verdict.RolledBack ? "🟡" : isFailure(verdict) ? "🔴" : "🟢")

const oneLine = (text: string) => shortened(masked(plain(text)).replace(/\s+/g, " ").trim(), 2000)

function code(text: string): string {
  const line = oneLine(text).replaceAll("|", "\\|")
  const fence = "`".repeat(Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length)) + 1)
  const pad = line.startsWith("`") || line.endsWith("`") ? " " : ""
  return line && `${fence}${pad}${line}${pad}${fence}`
}
