import { expect, it } from "vitest"
import { MigrationClass, type SchemaState, schemaConflict } from "../../lib/database/schema.js"

const { Expand, Contract, Data, Irreversible } = MigrationClass

it.each<[string, SchemaState, string]>([
  ["an empty database", { database: "", known: [], between: [] }, ""],
  ["a revision that the version knows", { database: "r2", known: ["r1", "r2"], between: [] }, ""],
  [
    "only additions since",
    {
      database: "r4",
      known: ["r1", "r2"],
      between: [
        { revision: "r3", class: Expand },
        { revision: "r4", class: Expand },
      ],
    },
    "",
  ],
  [
    "a column taken away",
    {
      database: "r4",
      known: ["r1", "r2"],
      between: [
        { revision: "r3", class: Contract },
        { revision: "r4", class: Expand },
      ],
    },
    "the database is at revision r4; since then it was changed by r3 (contract), which that version does not know",
  ],
  [
    "rows changed and dropped",
    {
      database: "r4",
      known: ["r2"],
      between: [
        { revision: "r3", class: Data },
        { revision: "r4", class: Irreversible },
      ],
    },
    "the database is at revision r4; since then it was changed by r3 (data), r4 (irreversible), which that version does not know",
  ],
  [
    "a revision that nobody knows",
    { database: "r9", known: ["r1"], between: [] },
    "the database is at revision r9, and how it got there is not known",
  ],
  [
    "a path that ends elsewhere",
    { database: "r9", known: ["r1"], between: [{ revision: "r8", class: Expand }] },
    "the database is at revision r9, and how it got there is not known",
  ],
])("%s", (_, state, conflict) => {
  expect(schemaConflict(state)).toBe(conflict)
})
