import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, it } from "vitest"
import { call, repository } from "./dagger.js"

let folder = ""
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "workflows-"))
  mkdirSync(join(folder, ".github/workflows"), { recursive: true })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const lint = () => call(["workflow-lint", `--checkout=${folder}`, `--backend=${folder}`])
const workflow = (...steps: string[]) =>
  writeFileSync(
    join(folder, ".github/workflows/ci.yml"),
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
  writeFileSync(join(folder, "Dockerfile"), "FROM python:latest\n")

  const { code, error } = await lint()

  expect(code).toBe(1)
  expect(error).toMatch(
    /actionlint:\n[\s\S]*property "node"[\s\S]*zizmor:\n[\s\S]*unpinned-uses[\s\S]*hadolint:\n[\s\S]*DL3007/,
  )
})

it("skips what the project does not have, and says so", async () => {
  rmSync(join(folder, ".github"), { recursive: true })
  expect((await lint()).stdout).toMatch(
    /^passed {2}workflow lint +\d+\.\d s {2}no workflows and no Dockerfile to check$/,
  )

  cpSync(join(repository, "backend/Dockerfile"), join(folder, "Dockerfile"))
  expect((await lint()).stdout).toMatch(/no workflows to check$/)
})
