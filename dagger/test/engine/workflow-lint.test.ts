import { readFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, expect, it } from "vitest"
import { docusaurus, fastApi, proposed } from "../init/repositories.js"
import { type Project, project, repository } from "./dagger.js"

let linted: Project
beforeEach(() => {
  linted = project({ backend: "backend/tests" })
})
afterEach(() => linted[Symbol.dispose]())

function lint(level: "bugs" | "all" = "all") {
  linted.edit("delivery.json", (text) => JSON.stringify({ ...(JSON.parse(text) as object), lint: level }))
  return linted.call(["checks", "workflow-lint"])
}
const workflow = (...steps: string[]) =>
  linted.write(
    ".github/workflows/ci.yml",
    [
      "name: ci",
      "on: { push: {} }",
      "permissions: {}",
      "concurrency: ci",
      "jobs:",
      "  ci:",
      "    name: ci",
      "    runs-on: ubuntu-latest",
      "    steps:",
      ...steps.map((step) => `      - ${step}`),
      "",
    ].join("\n"),
  )

it("shows what only actionlint finds, in a workflow and in its script", async () => {
  workflow(`run: echo "\${{ matrix.node }}"`, "run: ls $RUNNER_TEMP")

  const { code, error } = await lint()

  expect(code).toBe(1)
  expect(error).toContain('property "node" is not defined in object type {} [expression]')
  expect(error).toContain("SC2086:info:1:4: Double quote to prevent globbing and word splitting")
  expect(error).toContain("workflow lint failed")
  expect(error).not.toContain("zizmor:")
})

it("shows the findings of each linter, not only of the first", async () => {
  workflow("uses: actions/checkout@main", `run: echo "\${{ matrix.node }}"`)
  linted.write("backend/Dockerfile", "FROM python:latest\n")

  const { code, error } = await lint()

  expect(code).toBe(1)
  expect(error).toMatch(
    /actionlint:\n[\s\S]*property "node"[\s\S]*zizmor:\n[\s\S]*unpinned-uses[\s\S]*hadolint:\n[\s\S]*DL3007/,
  )
})

it("skips what the project does not have, and says so", async () => {
  expect((await lint()).stdout).toMatch(
    /^not run workflow lint +\d+\.\d s {2}no workflows and no Dockerfile to check$/m,
  )

  linted.write("backend/Dockerfile", readFileSync(join(repository, "backend/Dockerfile"), "utf8"))
  expect((await lint()).stdout).toMatch(/no workflows to check\n$/)
})

it("asks for what is always a bug where nobody configured a linter, and counts what is left", async () => {
  workflow("uses: actions/checkout@9c091bb21b7c1c1d1991bb908d89e4e9dddfe3e0", "run: ls $RUNNER_TEMP")
  linted.write("backend/Dockerfile", "FROM debian:12\nRUN apt-get update\n")

  const { stdout, error } = await lint("bugs")

  expect(stdout, error).toMatch(
    /^passed {2}workflow lint.*actionlint: only errors, without shellcheck's advice \(no configuration\); 1 more with "lint": "all"; zizmor: only high severity \(no configuration\); \d+ more/m,
  )
})

it("obeys the project's own configuration of each linter, and looks into actions too", async () => {
  workflow("run: ls $RUNNER_TEMP")
  linted.write(".shellcheckrc", "disable=SC2086\n")
  linted.write("zizmor.yml", "rules:\n  anonymous-definition:\n    disable: true\n")
  linted.write("backend/.hadolint.yml", "ignored:\n  - DL3007\n")
  linted.write("backend/Dockerfile", "FROM python:latest\n")
  linted.write(
    ".github/actions/greet/action.yml",
    [
      "name: greet",
      "description: says hello",
      "inputs: { title: { description: of the issue, required: true } }",
      "runs:",
      "  using: composite",
      "  steps:",
      "    - shell: bash",
      `      run: echo "\${{ inputs.title }}"`,
      "",
    ].join("\n"),
  )

  const { code, error } = await lint("bugs")

  expect(code).toBe(1)
  expect(error).toContain("template-injection")
  expect(error).not.toMatch(/SC2086|anonymous-definition|DL3007/)
})

it.each([
  ["a site and a service", { ...docusaurus("web"), ...fastApi("backend") }],
  ["a site", docusaurus("web")],
])("passes all that the linters know with what `init` writes for %s", async (_, texts) => {
  for (const [path, text] of Object.entries(proposed(texts).files))
    if (path !== "delivery.json") linted.write(path, text)

  const { code, stdout, error } = await lint()

  expect(code, error).toBe(0)
  expect(stdout).toMatch(/^passed {2}workflow lint/m)
})
