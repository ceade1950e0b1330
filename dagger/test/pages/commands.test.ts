import { beforeAll, expect, it } from "vitest"
import { type Module, moduleFromSource } from "../../../.ci/pages/module.js"
import { undoDeployment, undoProduct, undoProductRollback, undoRollback } from "../../lib/deployment/undo.js"
import { Component } from "../../src/exposed-types.js"
import { docusaurus, fastApi, proposed } from "../init/repositories.js"
import { always, mistakesOf, ofDocs, ofWorkflows, split } from "../support/commands.js"
import { workflowOf } from "../support/workflows.js"

// A test through the engine proves that this description is the one that the command line shows.
let module: Module
beforeAll(async () => {
  module = await moduleFromSource()
}, 120_000)

/** What the lines lack for their functions. @param withDatabase whether each change must name one */
const mistakesIn = (lines: ReturnType<typeof ofWorkflows>, withDatabase: boolean) =>
  lines.flatMap((line) => {
    // Without it nothing stops a rollback onto a schema that the release does not know.
    const isBlind = /^(?:backend )?(?:deploy|rollback)$|^promote$/.test(
      line.words.filter((word) => !/^-|^report$/.test(word)).join(" "),
    )
    return [
      ...mistakesOf(line, module),
      ...mistakesOf({ ...line, words: line.least }, module).filter((mistake) => mistake.includes("is not given")),
      ...(withDatabase && isBlind && !line.words.some((word) => word.startsWith("--database-url="))
        ? [`${line.where}: no database`]
        : []),
    ]
  })

it("each workflow calls a function that the module has, with flags that it takes and all that it needs", () => {
  const lines = ofWorkflows()

  expect(mistakesIn(lines, true)).toEqual([])
  expect(lines.length).toBeGreaterThanOrEqual(14)
  expect(always()).toContain("--github-token=env://GITHUB_TOKEN")
})

const database = 'import os\nfrom fastapi import FastAPI\napp = FastAPI()\nurl = os.environ["DATABASE_URL"]\n'
it.each([
  ["a site and a service with a database", { ...docusaurus("web"), ...fastApi("api", database) }, true],
  ["a site and a service", { ...docusaurus("web"), ...fastApi("api") }, false],
  ["a site", docusaurus("web"), false],
  ["a service", fastApi("api"), false],
])(
  "each workflow that `init` writes for %s calls what the module has, and gives what it needs",
  (_, files, withDatabase) => {
    const written = Object.entries(proposed(files).files).filter(([path]) => path.startsWith(".github/workflows/"))

    const lines = ofWorkflows(written.map(([path, text]) => workflowOf(path, text)))

    expect(mistakesIn(lines, withDatabase)).toEqual([])
    expect(lines.map(({ where }) => where.replace(/.*\//, ""))).toEqual(
      expect.arrayContaining(["ci.yml", "deploy.yml", "promote.yml", "rollback.yml"]),
    )
  },
)

it("every command of the pages and of the help is one that the module takes", () => {
  const lines = ofDocs()

  expect(lines.flatMap((line) => mistakesOf(line, module))).toEqual([])
  expect(lines.length).toBeGreaterThanOrEqual(60)
})

it("every command that a report shows to undo it is one that the module takes, with all that it needs", () => {
  const places = [
    { environment: "staging" },
    { environment: "production", hasDatabase: true, registry: { user: "ana", token: "GITHUB_TOKEN" } },
  ]
  const lines = places.flatMap((place) => [
    ...Object.values(Component).flatMap((component) => [
      undoDeployment(component, place, "an-id"),
      undoRollback(component, place, "a-commit"),
    ]),
    ...[undoProduct(place), undoProductRollback(place, "a-commit")],
  ])

  expect(
    lines.flatMap((line) => mistakesOf({ where: line, words: split(line.replace(/^.*dagger call /, "")) }, module)),
  ).toEqual([])
  expect(lines).toHaveLength(12)
})

it.each([
  ["frontend-tests", "there is no function frontend-tests"],
  ["--githubtoken=env://X ci", "the module has no flag githubtoken"],
  ["frontend deploy report", "deploy is not given netlify-token"],
  ["notify --kind=GREAT", "--kind is one of STARTED, SUCCESS"],
  ["ci --half=BACKEND", "ci has no flag half"],
])("a line that the module does not take is named: %s", (line, mistake) => {
  expect(mistakesOf({ where: "here", words: split(line) }, module)).toEqual([expect.stringContaining(mistake)])
})
