import { type CheckOutcome, ciLine } from "../checks/ci-report.js"
import type { ProbeResult } from "../deployment/health-probe.js"
import { describedHealth, isHealthy } from "../deployment/outcome.js"
import type { Known } from "../status/known.js"
import { webAddress } from "../text/untrusted.js"
import { code, oneLine } from "../text/wording.js"

/** All that is told of a preview. */
export interface PreviewFacts {
  pull: number
  commit: string
  environment: string
  draft: { id: string; url: string }
  health: ProbeResult
  checks: CheckOutcome[]
  /** Of the site's files. */
  bytes: number
  /** Bytes of what is published now; `undefined` where nothing is. */
  published: Known<number | undefined>
  schema: Known<string>
  image: Known<string>
  /** IDs of older drafts that were removed. */
  removed: Known<string[]>
  run: string
}

const knownOr = (known: Known<string>) => (known.known ? known.value : `not known: ${known.why}`)

/** A change of size, such as `1.25 MB, 12.0 kB more than what staging publishes`. */
export function sizeChange(bytes: number, before: Known<number | undefined>, environment: string): string {
  const size = sizeText(bytes)
  if (!before.known) return `${size}; what ${environment} publishes is not known: ${before.why}`
  if (before.value === undefined) return `${size}; ${environment} publishes nothing yet`
  const change = bytes - before.value
  if (change === 0) return `${size}, as much as ${environment} publishes`
  return `${size}, ${sizeText(Math.abs(change))} ${change > 0 ? "more" : "less"} than what ${environment} publishes`
}

/** In the units of the image's budget. */
const sizeText = (bytes: number) =>
  bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(2)} MB`

const rowsOf = (facts: PreviewFacts): [string, string][] => [
  ["commit", facts.commit],
  ["probe", describedHealth(facts.health)],
  ["checks", facts.checks.length > 0 ? ciLine(facts.checks) : "none ran"],
  ["site", sizeChange(facts.bytes, facts.published, facts.environment)],
  ["image", knownOr(facts.image)],
  ["schema", knownOr(facts.schema)],
  ...(facts.removed.known
    ? facts.removed.value.length > 0
      ? [["older drafts", `${facts.removed.value.length} removed`] satisfies [string, string]]
      : []
    : [["older drafts", `not removed: ${facts.removed.why}`] satisfies [string, string]]),
]

/** For a terminal. */
export function previewText(facts: PreviewFacts): string {
  const { pull, draft, health } = facts
  const rows = rowsOf(facts)
  const width = Math.max(...rows.map(([name]) => name.length))
  return [
    `preview of #${pull}: ${draft.url} is ${health.state}`,
    ...rows.map(([name, text]) => `  ${name.padEnd(width)}  ${oneLine(text)}`),
  ].join("\n")
}

/** For the comment. Text of others is shown as code, so that it formats nothing and mentions nobody. */
export function previewMarkdown(facts: PreviewFacts): string {
  const { draft, health, environment, checks } = facts
  const address = webAddress(draft.url)
  const isGood = isHealthy(health) && checks.every(({ passed }) => passed)
  return [
    `### ${isGood ? "🟢" : "🔴"} Preview of the site`,
    "",
    address ? `<${address}>` : code(draft.url),
    "",
    "| | |",
    "| --- | --- |",
    ...rowsOf(facts).map(([name, text]) => `| ${name} | ${code(text)} |`),
    "",
    `A draft beside ${environment}, with its settings: what visitors get did not change. It is removed when this pull request closes.${runLink(facts.run)}`,
  ].join("\n")
}

/** For the comment, when there is no draft to look at. */
export const previewFailedMarkdown = (
  { commit, run }: Pick<PreviewFacts, "commit" | "run">,
  { what, why, next }: { what: string; why: string; next: string },
): string =>
  [
    `### 🔴 There is no preview of ${code(commit.slice(0, 7))}`,
    "",
    `- **failed**: ${code(what)}`,
    `- **why**: ${code(why)}`,
    `- **next**: ${code(next)}`,
    "",
    `What visitors get did not change.${runLink(run)}`,
  ].join("\n")

export const previewClosedMarkdown = () =>
  "### Preview of the site\n\nThe pull request is closed, and no draft of it is left."

const runLink = (run: string) => (webAddress(run) ? ` [Run](<${webAddress(run)}>)` : "")
