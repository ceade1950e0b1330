import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { MigrationClass } from "../../lib/database/schema.js"
import { isFailure } from "../../lib/verdict.js"
import { Verdict } from "../../src/exposed-types.js"
import { repositoryRoot } from "../support/workflows.js"

const page = readFileSync(join(repositoryRoot, "docs/deployment/rollback-guide.md"), "utf8")

it("the rollback guide says what to do after each end of a deployment, and for each class of a migration", () => {
  const ends = [...page.matchAll(/^ {2}auto -- "?([a-z-]+)/gm)].map(([, end]) => end)
  // These change nothing: there is nothing to go back from.
  const untouched = [Verdict.Locked, Verdict.Refused]
  const failures = Object.values(Verdict).filter((verdict) => isFailure(verdict) && !untouched.includes(verdict))
  expect(ends.toSorted()).toEqual([...failures, Verdict.Success].toSorted())

  const classes = [...page.matchAll(/^\| (\w+) \| .* \| (?:works|unknown|breaks): (?:roll back|refused).* \|$/gm)]
  expect(classes.map(([, name]) => name).toSorted()).toEqual(Object.values(MigrationClass).toSorted())
  expect(page.match(/^\*\*[^*]+\.\*\* /gm)?.length).toBeGreaterThanOrEqual(8)
})
