// Run by .ci/deployment-times. Writes what the deployments of a rehearsal took into docs/deployment/performance.md.
import { readFileSync, writeFileSync } from "node:fs"
import { availableParallelism, cpus } from "node:os"
import { join } from "node:path"
import { withSection } from "./pages/section.ts"

const top = join(import.meta.dirname, "..")
const page = join(top, "docs/deployment/performance.md")

/** Of a rehearsal's timeline.json, what is shown. */
export interface Event {
  name: string
  verdict: string
  milliseconds: number
  budgetSeconds: number
  steps: { name: string; milliseconds: number }[]
}

const title = "## What a deployment takes"

/** The page's last part: each deployment, promotion and rollback that changed something, with the steps that took longest. */
export function section(events: Event[], at: string, machine: string): string {
  const rows = events
    .filter(({ steps }) => steps.some(({ milliseconds }) => milliseconds >= 100))
    .map(({ name, verdict, milliseconds, budgetSeconds, steps }) => {
      const longest = steps
        .filter((step) => step.milliseconds >= 100)
        .toSorted((one, other) => other.milliseconds - one.milliseconds)
        .slice(0, 3)
        .map((step) => `${step.name} ${seconds(step.milliseconds)}`)
      return `| ${name} | ${verdict} | ${seconds(milliseconds)} | ${budgetSeconds} s | ${longest.join(", ")} |`
    })
  return `${title}

Of the rehearsal of ${at} on ${machine}, written by \`.ci/deployment-times\`: real checks, builds, image, registry and PostgreSQL, and stand-ins of Netlify, Hugging Face and GitHub on the same
machine. Real hosts take longer: a Space pulls the image and starts anew, and Netlify processes an upload. \`dagger call --github-token=env://GITHUB_TOKEN metrics-summary\` gives your own
times: average, median and 95 %, against the budgets of the settings.

| what | ended | took | budget | of it |
| --- | --- | ---: | ---: | --- |
${rows.join("\n")}
`
}

const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`

if (process.argv[1] === import.meta.filename) {
  const { events } = JSON.parse(readFileSync(join(top, "reports/rehearsal/timeline.json"), "utf8")) as {
    events: Event[]
  }
  const machine = `${availableParallelism()} processors (${cpus()[0]?.model.trim()})`
  const part = section(events, new Date().toISOString().slice(0, 10), machine)
  writeFileSync(page, withSection(readFileSync(page, "utf8"), part))
}
