import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { workflowFrom } from "../../lib/init/workflows.js"
import { repositoryRoot, workflow, workflowOf } from "../support/workflows.js"
import { module, templates } from "./repositories.js"

const facts = {
  module,
  staging: { name: "staging", branch: "staging" },
  production: { name: "production", branch: "main" },
  has: { frontend: true, backend: true, database: true },
}
const parts = Object.keys(facts.has) as (keyof typeof facts.has)[]

it.each(["delivery.yml", "preview.yml", "status.yml"])(
  "%s is this repository's own: copy it to dagger/assets/workflows when it changes",
  (name) => {
    expect(templates.workflows[name]).toBe(workflow(name).text)
  },
)

it("the called workflow calls the module by its address", () => {
  const { MODULE, ...own } = workflowOf("", workflowFrom(workflow("delivery.yml").text, facts)).jobs.call?.env ?? {}

  expect(MODULE).toBe(module)
  expect(own).toEqual(workflow("delivery.yml").jobs.call?.env)
  const lines = workflowFrom(workflow("delivery.yml").text, facts).match(/dagger call .*/g)
  expect(lines?.filter((line) => line.includes("always"))).toEqual([
    expect.stringMatching(/^dagger call -m "\$MODULE" "\$\{always/),
    expect.stringMatching(/^dagger call -m "\$MODULE" "\$\{always/),
  ])
})

it.each(Object.keys(templates.workflows))(
  "%s names nothing of a part that the project lacks, and no placeholder",
  (name) => {
    const words = {
      frontend: /netlify-token|NETLIFY/,
      backend: /hugging|HF_TOKEN|SPACE_SECRETS|identi|id-token/i,
      database: /database/i,
    }
    for (const part of parts) {
      const has = { ...facts.has, [part]: false, ...(part === "backend" && { database: false }) }
      const text = workflowFrom(templates.workflows[name] ?? "", { ...facts, has })

      if (name !== "preview.yml" || part !== "frontend") expect(text).not.toMatch(words[part])
      expect(text).not.toMatch(/#: |MODULE_ADDRESS|STAGING_(?:NAME|BRANCH)|PRODUCTION_(?:NAME|BRANCH)/)
    }
  },
)

it("forms mean staging where nobody names an environment, as the functions and this repository's own do", () => {
  const chosen = Object.entries(templates.workflows).flatMap(([name, template]) => {
    const input = workflowOf(name, workflowFrom(template, facts)).on.workflow_dispatch?.inputs?.environment
    return input ? [[name, input.default]] : []
  })

  expect(chosen).toEqual([
    ["deploy.yml", "staging"],
    ["rollback.yml", "staging"],
  ])
})

it.each([
  ["deploy.yml", "deploy-staging.yml"],
  ["promote.yml", "promote-to-prod.yml"],
  ["rollback.yml", "rollback.yml"],
])("the form of %s asks for what %s of this repository asks for", (name, own) => {
  const inputsOf = (one: ReturnType<typeof workflowOf>) => ({
    environment: undefined,
    ...one.on.workflow_dispatch?.inputs,
  })
  const { environment: _, ...written } = inputsOf(
    workflowOf(name, workflowFrom(templates.workflows[name] ?? "", facts)),
  )
  const { environment: __, ...here } = inputsOf(workflow(own))

  expect(written).toEqual(here)
  expect(Object.keys(written)).toContain("plan")
})

it("a branch's name stays one word of YAML, and secrets follow the environment's name", () => {
  const odd = { ...facts, staging: { name: "pre-live", branch: 'a"b' } }

  expect(workflowFrom(templates.workflows["deploy.yml"] ?? "", odd)).toContain('branches: ["a\\"b"]')
  expect(workflowFrom(templates.workflows["promote.yml"] ?? "", odd)).toContain(
    "--from-netlify-token=env://NETLIFY_TOKEN_PRE_LIVE",
  )
})

it.each(Object.entries(templates.lint))("the linters are told what they are told here: %s", (name, text) => {
  expect(text).toBe(readFileSync(join(repositoryRoot, ".github", name), "utf8"))
})
