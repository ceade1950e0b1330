import { expect, it } from "vitest"
import {
  atRevisions,
  describedPlan,
  headOf,
  mayMigrate,
  type Revision,
  schemaState,
  stepsBetween,
} from "../../lib/database/migration.js"
import { MigrationClass, schemaConflict } from "../../lib/database/schema.js"

const step = (revision: string, down: string[], kind = MigrationClass.Expand, depends: string[] = []): Revision => ({
  revision,
  down,
  depends,
  class: kind,
  title: `Do ${revision}.`,
})
const chain = [step("1", []), step("2", ["1"]), step("3", ["2"], MigrationClass.Contract)]

it("names both heads when there are two", () => {
  expect(() => headOf([...chain, step("4", ["2"])])).toThrow("3 and 4 are both the newest")
})

it("lists what is to be done, oldest first", () => {
  const steps = stepsBetween(chain, "1", headOf(chain))
  expect(describedPlan({ from: "1", to: "3", steps })).toBe("1 → 3: 2 expand, 3 contract")
  expect(describedPlan({ from: "3", to: "3", steps: stepsBetween(chain, "3", "3") })).toBe("at 3, nothing to do")
})

it("names the folders that were read when they hold no revision", () => {
  expect(() => headOf([], ["alembic/versions"])).toThrowErrorMatchingInlineSnapshot(`
    [PipelineError: The schema revisions have no single head.
      why: alembic/versions held no revision file, or they go in a circle
      next: check script_location and version_locations in alembic.ini, and that the image holds that folder]
  `)
})

it("goes on from every branch that a database has, up to their merge", () => {
  const tree = [...chain, step("a", ["1"]), step("m", ["3", "a"]), step("z", ["m"], MigrationClass.Data, ["other"])]
  expect(headOf(tree)).toBe("z")
  expect(stepsBetween(tree, atRevisions(["a", "3"]), "z").map(({ revision }) => revision)).toEqual(["m", "z"])
  expect(stepsBetween(tree, "a", "z").map(({ revision }) => revision)).toEqual(["2", "3", "m", "z"])
  expect(schemaConflict(schemaState("3,a", tree.slice(0, 3), tree))).toBe("")
})

it("puts what a revision depends on before it", () => {
  const tree = [step("x", []), step("y", []), step("z", ["y"], MigrationClass.Expand, ["x"])]
  expect(stepsBetween(tree, "y", "z").map(({ revision }) => revision)).toEqual(["x", "z"])
})

it("refuses a database that is ahead of the release", () => {
  expect(() => stepsBetween(chain, "9", "3")).toThrow(
    "the database is at revision 9, which this release (head 3) does not know",
  )
})

it("runs a step that takes something away only where that is allowed, or where nobody reads yet", () => {
  const plan = { from: "2", to: "3", steps: stepsBetween(chain, "2", "3") }
  expect(() => mayMigrate(plan, " ")).toThrow("3 (contract) would take away what the live version may still read")
  expect(() => mayMigrate(plan, "no reader is left")).not.toThrow()
  expect(() => mayMigrate({ ...plan, from: "", steps: chain }, "")).not.toThrow()
})

it("tells what a database has that an earlier version does not know", () => {
  const state = schemaState("3", chain.slice(0, 1), chain)
  expect(state).toEqual({
    database: "3",
    known: ["1"],
    between: [
      { revision: "2", class: MigrationClass.Expand },
      { revision: "3", class: MigrationClass.Contract },
    ],
  })
  expect(schemaConflict(state)).toBe(
    "the database is at revision 3; since then it was changed by 3 (contract), which that version does not know",
  )
})
