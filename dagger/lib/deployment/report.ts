import { Verdict } from "../../src/exposed-types.js"
import { type CacheUse, cacheUseText } from "../cache/slow-step.js"
import { code, oneLine, seconds } from "../text/wording.js"
import { isFailure } from "../verdict.js"
import type { Budgets } from "./budgets.js"
import type { Deployment } from "./outcome.js"
import type { ProductDeployment } from "./product-release.js"
import type { PastRelease } from "./rollback.js"

/** The report of a deployment for a terminal: what was live, each step with its time and budget, what is live now, how to undo it. */
export function deploymentText(deployment: Deployment, budgets: Budgets = {}): string {
  const { component, environment, commit, verdict } = deployment
  const rows = timed(deployment, budgets).map((step) => ({
    ...step,
    time: `${seconds(step.milliseconds).padStart(8)}${step.budgetSeconds > 0 ? ` of ${step.budgetSeconds} s` : ""}`,
  }))
  const [width, times] = [
    Math.max(...rows.map(({ name }) => name.length), 10),
    Math.max(...rows.map(({ time }) => time.length)),
  ]
  return [
    `${component} of ${environment}: ${commit.slice(0, 7) || "?"} ended ${verdict}`,
    `  before   ${was(deployment)}`,
    ...rows.map(({ name, time, detail, overBudget }) =>
      `  ${name.padEnd(width)}  ${time.padEnd(times)}  ${overBudget ? "OVER ITS BUDGET  " : ""}${detail}`.trimEnd(),
    ),
    `  now      ${is(deployment)}`,
    ...cached(deployment).map((line) => `  cache    ${line}`),
    ...(deployment.undo ? [`  undo     ${deployment.undo}`] : []),
    ...warned(deployment),
    ...undelivered(deployment),
    ...(isFailure(verdict) ? fourLines(deployment) : noted(deployment)),
  ].join("\n")
}

/** What is still to be done after a success. */
const noted = ({ reason, next }: Deployment) => [
  ...(reason ? [`  note     ${reason}`] : []),
  ...(reason && next ? [`  next     ${next}`] : []),
]

/** What came from a cache; nothing where there is nothing to say of it. */
export const cached = ({ cache }: { cache?: CacheUse }) => [cache ? cacheUseText(cache) : ""].filter(Boolean)

/** What needs a person's eye although it went well, a line each. */
const warned = ({ warnings = [] }: { warnings?: string[] }) => warnings.map((line) => `  warning  ${oneLine(line)}`)

/** The notifications that were not delivered, a line each. */
const undelivered = ({ undelivered = [] }: { undelivered?: string[] }) =>
  undelivered.map((line) => `  undelivered   ${oneLine(line)}`)

/** The steps and, last, the whole, each with its budget; 0 for none. */
export const timed = ({ steps, milliseconds }: Deployment, budgets: Budgets) =>
  [...steps, { name: "", milliseconds, detail: "" }].map((step) => {
    const budgetSeconds = budgets[step.name] ?? 0
    const overBudget = budgetSeconds > 0 && step.milliseconds > budgetSeconds * 1000
    return { ...step, name: step.name || "in all", budgetSeconds, overBudget }
  })

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
export function deploymentJson(deployment: Deployment, budgets: Budgets = {}): string {
  const rows = timed(deployment, budgets)
  const whole = rows.at(-1)
  const report = {
    ...deployment,
    steps: rows.slice(0, -1),
    budgetSeconds: whole?.budgetSeconds,
    overBudget: whole?.overBudget,
  }
  return JSON.stringify(report, null, 2)
}

/** The same for a pull request or a job summary. Untrusted text is shown as code, so that it formats nothing and mentions nobody. */
export function deploymentMarkdown(deployment: Deployment, budgets: Budgets = {}): string {
  const { component, environment, commit, verdict } = deployment
  return [
    `### ${mark(verdict)} ${component} of ${environment}: ${code(commit.slice(0, 7) || "?")} ended ${verdict}`,
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
    ...cached(deployment).flatMap((line) => [`Cache: ${line}.`, ""]),
    ...(deployment.undo ? [`Undo: ${code(deployment.undo)}`, ""] : []),
    ...(deployment.warnings ?? []).flatMap((line) => [`Warning: ${code(line)}`, ""]),
    ...(deployment.undelivered ?? []).flatMap((line) => [`Undelivered: ${code(line)}`, ""]),
    "| step | time | budget | result |",
    "| --- | ---: | ---: | --- |",
    ...timed(deployment, budgets).map(
      ({ name, milliseconds, budgetSeconds, overBudget, detail }) =>
        `| ${name} | ${seconds(milliseconds)} | ${budgetSeconds ? `${budgetSeconds} s` : ""}${overBudget ? " **over**" : ""} | ${code(detail)} |`,
    ),
    "",
  ].join("\n")
}

/** Both components, one below the other, and the verdict of the release. */
export function productText(
  product: ProductDeployment,
  budgets: (component: Deployment) => Budgets = () => ({}),
): string {
  const { environment, commit, verdict, components, failed, reason, next, undo } = product
  return [
    ...components.map((component) => deploymentText(component, budgets(component))),
    `both components of ${environment}: ${commit.slice(0, 7) || "?"} ended ${verdict}`,
    ...undelivered(product),
    ...(isFailure(verdict)
      ? [
          `failed: ${oneLine(failed)}`,
          `live:   ${served(product)}`,
          `why:    ${oneLine(reason)}`,
          `next:   ${oneLine(next)}`,
        ]
      : []),
    ...(undo ? [`  undo     ${undo}`] : []),
  ].join("\n")
}

/** The same for a job summary. Untrusted text is shown as code. */
export function productMarkdown(
  product: ProductDeployment,
  budgets: (component: Deployment) => Budgets = () => ({}),
): string {
  const { environment, commit, verdict, components, failed, reason, next, undo } = product
  return [
    `### ${mark(verdict)} both components of ${environment}: ${code(commit.slice(0, 7) || "?")} ended ${verdict}`,
    "",
    ...(isFailure(verdict)
      ? [
          `- **failed**: ${code(failed)}`,
          `- **live**: ${code(served(product))}`,
          `- **why**: ${code(reason)}`,
          `- **next**: ${code(next)}`,
          "",
        ]
      : []),
    ...(undo ? [`Undo: ${code(undo)}`, ""] : []),
    ...(product.undelivered ?? []).flatMap((line) => [`Undelivered: ${code(line)}`, ""]),
    ...components.map((component) => deploymentMarkdown(component, budgets(component))),
  ].join("\n")
}

/** What each component serves at the end. */
function served({ components }: ProductDeployment): string {
  const newest = components.filter(
    ({ component }, at) => !components.slice(at + 1).some((later) => later.component === component),
  )
  return newest.map((it) => `${it.component} serves ${is(it)}`).join("; ") || "as before"
}

/** Releases to roll back to, a line each, newest first. */
export function releasesText(releases: PastRelease[]): string {
  if (releases.length === 0) return "No release is recorded yet."
  return releases
    .map(({ commit, at, ageSeconds, author, verdict, id, usable, reason }) => {
      const state = usable ? "usable" : oneLine(reason)
      return `${commit.slice(0, 7)}  ${at}  ${age(ageSeconds).padStart(5)}  ${oneLine(author) || "?"}  ${verdict}  ${id}  ${state}`
    })
    .join("\n")
}

/** How long ago: `12 m`, `3 h`, `9 d`. */
export function age(seconds: number): string {
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m`
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} d`
}

/** What was live before, in words. */
export const was = ({ previousId, previousCommit }: Deployment) =>
  previousId ? `${previousCommit || "an unknown commit"} as ${previousId}` : "nothing was live"

/** What is live at the end, in words. */
export function is({ liveId, liveCommit, url }: Deployment): string {
  if (liveId === "unknown") return "unknown: the host did not answer"
  return liveId ? `${liveCommit || "an unknown commit"} as ${liveId} at ${url}` : "nothing"
}

const mark = (verdict: Verdict) => (verdict === Verdict.RolledBack ? "🟡" : isFailure(verdict) ? "🔴" : "🟢")
