import { hashed, page } from "../text/page.js"
import { tone } from "../text/page-style.js"
import { escaped } from "../text/untrusted.js"
import { oneLine, seconds } from "../text/wording.js"
import type { Budgets } from "./budgets.js"
import type { Deployment } from "./outcome.js"
import { cached, is, timed, was } from "./report.js"

/** The report of a deployment as one self-contained page. */
export function deploymentHtml(deployment: Deployment, budgets: Budgets = {}): string {
  const { component, environment, commit, verdict, startedAt, failed, reason, next, undo } = deployment
  const title = `${component} of ${environment}: ${commit.slice(0, 7) || "?"} ended ${verdict}`
  const rows = timed(deployment, budgets)
  const steps = rows.slice(0, -1)
  const whole = rows.slice(-1)
  const longest = Math.max(1, ...steps.map((step) => step.milliseconds))
  const facts = [
    ["Before", was(deployment)],
    ["Now", is(deployment)],
    ["Failed", failed],
    ["Why", reason],
    ["Next", next],
    ["Cache", cached(deployment).join("")],
    ["Undo", undo],
    ["Warning", (deployment.warnings ?? []).join("; ")],
    ["Undelivered", (deployment.undelivered ?? []).join("; ")],
  ].filter(([, text]) => text)
  return page(
    title,
    `<header class="head ${tone(verdict)}">
<h1>${escaped(title)}</h1>
<p>${whole.map(took).join("")}${startedAt && ` · began ${escaped(startedAt.slice(0, 19).replace("T", " "))} UTC`}</p>
</header>
<dl>
${facts.map(([name, text = ""]) => `<dt>${name}</dt><dd${name === "Undo" ? ' class="command"' : ""}>${escaped(oneLine(text))}</dd>`).join("\n")}
</dl>
<section class="steps ${tone(verdict)}">
<h2>Steps</h2>
<table>
<thead><tr><th scope="col">step</th><th scope="col" class="number">took</th><th scope="col">share</th><th scope="col">result</th></tr></thead>
<tbody>
${steps
  .map(
    (step) =>
      `<tr${step.overBudget ? ' class="over"' : ""}><th scope="row">${escaped(step.name)}</th><td class="number">${took(step)}</td><td class="wholeline">${bar(step, longest)}</td><td class="result">${hashed(oneLine(step.detail))}</td></tr>`,
  )
  .join("\n")}
</tbody>
</table>
</section>`,
    style,
  )
}

type Row = ReturnType<typeof timed>[number]

const described = ({ milliseconds, budgetSeconds, overBudget }: Row) =>
  `${seconds(milliseconds)}${budgetSeconds ? ` of ${budgetSeconds} s` : ""}${overBudget ? ", over budget" : ""}`

const took = (row: Row) =>
  row.overBudget ? described(row).replace(/, over budget$/, "<br/><strong>over budget</strong>") : described(row)

/** At least as wide as one can see; as wide as the column for the longest step. */
function bar(row: Row, longest: number): string {
  const label = escaped(`${row.name}: ${described(row)}`)
  const wide = Math.max(1, Math.round((100 * row.milliseconds) / longest))
  return `<svg class="bar" width="100%" height="9" role="img" aria-label="${label}"><rect${row.overBudget ? ' class="over"' : ""} width="${wide}%" height="9" rx="2"><title>${label}</title></rect></svg>`
}

const style = `
dl { margin: 0; padding: .75rem 1rem; background: var(--card); border: 1px solid var(--line); border-radius: .5rem }
dt { font-weight: 600 } dd { margin: 0 0 .5rem } dd:last-child { margin: 0 }
.command { font: .85rem/1.5 ui-monospace, monospace }
.wholeline { width: 12rem } .bar { margin: .45rem 0 }
@media screen and (max-width: 45rem) { .wholeline { width: auto } .bar { margin: .2rem 0 } }
`
