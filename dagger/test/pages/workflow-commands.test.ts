import { execFileSync } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { repositoryRoot, type Workflow, workflowOf } from "../support/workflows.js"

const folder = (path: string): Workflow[] =>
  readdirSync(join(repositoryRoot, path)).map((file) =>
    workflowOf(file, readFileSync(join(repositoryRoot, path, file), "utf8")),
  )
/** Of this repository, and those that `init` writes into another one. */
const [own, written] = [folder(".github/workflows"), folder("dagger/assets/workflows")]
/** A page for a repository that `init` made ready. */
const ofAnother = ["docs/deployment/first-deployment.md"]

/** Words as a shell would split them. */
const split = (line: string) =>
  [...line.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map(([word]) => word.replaceAll(/["']/g, ""))

/** What of a `gh workflow run` line its workflow does not take, or lacks. https://cli.github.com/manual/gh_workflow_run */
function mistakesOf(line: string, workflows: Workflow[]): string[] {
  const [file = "", ...words] = split(line)
  const found = workflows.find((one) => one.file === file)
  if (!found) return [`there is no workflow ${file}`]
  if (!("workflow_dispatch" in found.on)) return [`${file} is not started by hand`]
  const inputs = found.on.workflow_dispatch?.inputs ?? {}
  const mistakes: string[] = []
  const given = new Map<string, string>()
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === "--ref") words.shift()
    else if (word === "--field") {
      const [, name = "", value = ""] = /^([^=]+)=(.*)$/.exec(words.shift() ?? "") ?? []
      given.set(name, value)
    } else mistakes.push(`gh workflow run has no ${word}`)
  }
  for (const [name, value] of given) {
    const input = inputs[name]
    if (!input) mistakes.push(`${file} has no input ${name}`)
    else if (input.options && !input.options.includes(value))
      mistakes.push(`${name} is one of ${input.options.join(", ")}`)
    else if (input.type === "boolean" && !["true", "false"].includes(value)) mistakes.push(`${name} is true or false`)
  }
  for (const [name, input] of Object.entries(inputs))
    if (input.required && input.default === undefined && !given.has(name)) mistakes.push(`${file} is not given ${name}`)
  return mistakes
}

const lines = execFileSync("git", ["ls-files", "*.md"], { cwd: repositoryRoot, encoding: "utf8" })
  .trim()
  .split("\n")
  // A name in capitals stands for one of the reader's own.
  .flatMap((page) =>
    [...readFileSync(join(repositoryRoot, page), "utf8").matchAll(/\bgh workflow run (?![A-Z]+\b)([^\n`#&]+)/g)].map(
      ([, line = ""]) => ({ page, line: line.trim() }),
    ),
  )

it("every `gh workflow run` of the pages starts a workflow that is there, with inputs that it takes", () => {
  const mistakes = lines.flatMap(({ page, line }) =>
    mistakesOf(line, ofAnother.includes(page) ? written : own).map((mistake) => `${page}: ${mistake}`),
  )

  expect(mistakes).toEqual([])
  expect(lines.length).toBeGreaterThanOrEqual(8)
})

it.each([
  ["rollbak.yml", "there is no workflow rollbak.yml"],
  ["deploy.yml", "deploy.yml is not started by hand"],
  ["rollback.yml --field environment=production", "rollback.yml is not given reason"],
  ['rollback.yml --field reason="x y" --field environment=prod', "environment is one of staging, production"],
  ["promote-to-prod.yml --field plan=yes", "plan is true or false"],
  ["status.yml --filed a=b", "gh workflow run has no --filed"],
])("a line that its workflow does not take is named: %s", (line, mistake) => {
  expect(mistakesOf(line, own)).toContain(mistake)
})
