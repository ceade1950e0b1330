import { readFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, beforeEach, expect, it } from "vitest"
import { type Project, project, repository } from "./dagger.js"

let linted: Project
beforeEach(() => {
  linted = project({ backend: "backend/tests" })
})
afterEach(() => linted[Symbol.dispose]())

const lint = () => linted.call(["checks", "workflow-lint"])
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
    /^passed {2}workflow lint +\d+\.\d s {2}no workflows and no Dockerfile to check$/,
  )

  linted.write("backend/Dockerfile", readFileSync(join(repository, "backend/Dockerfile"), "utf8"))
  expect((await lint()).stdout).toMatch(/no workflows to check$/)
})
