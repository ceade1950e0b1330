import { expect, it } from "vitest"
import {
  describedPlan,
  headOf,
  mayMigrate,
  type Revision,
  readRevision,
  schemaState,
  stepsBetween,
} from "../../src/database/migration.js"
import { MigrationClass, schemaConflict } from "../../src/database/schema.js"

const file = (revision: string, down: string | null, className = "expand") => `"""Do ${revision}.

Longer.
"""
import sqlalchemy as sa
revision: str = "${revision}"
down_revision: str | None = ${down === null ? "None" : `"${down}"`}
deployment_class = "${className}"
def upgrade() -> None:
    revision = "not this"
`
const chain: Revision[] = [
  readRevision("1.py", file("1", null)),
  readRevision("2.py", file("2", "1")),
  readRevision("3.py", file("3", "2", "contract")),
]

it("reads a revision file without running it", () => {
  expect(readRevision("2.py", file("2", "1", "data"))).toEqual({
    revision: "2",
    down: ["1"],
    class: MigrationClass.Data,
    title: "Do 2.",
  })
})

it("takes a revision that says nothing of itself for irreversible", () => {
  expect(readRevision("x.py", 'revision = "x"\ndown_revision = ("1", "2")\n')).toEqual({
    revision: "x",
    down: ["1", "2"],
    class: MigrationClass.Irreversible,
    title: "",
  })
})

it("refuses a class that it does not know", () => {
  expect(() => readRevision("x.py", file("x", null, "harmless"))).toThrowErrorMatchingInlineSnapshot(`
    [PipelineError: x.py can't be read as a schema revision.
      why: its deployment_class "harmless" is none of expand, contract, data, irreversible
      next: give it a \`revision\`, a \`down_revision\` and a \`deployment_class\` of "expand", "contract", "data" or "irreversible"]
  `)
})

it("names both heads when there are two", () => {
  expect(() => headOf([...chain, readRevision("4.py", file("4", "2"))])).toThrow("3 and 4 are both the newest")
})

it("lists what is to be done, oldest first", () => {
  const steps = stepsBetween(chain, "1", headOf(chain))
  expect(describedPlan({ from: "1", to: "3", steps })).toBe("1 → 3: 2 expand, 3 contract")
  expect(describedPlan({ from: "3", to: "3", steps: stepsBetween(chain, "3", "3") })).toBe("at 3, nothing to do")
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
