import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { expect, it } from "vitest"
import { readAlembicFacts } from "../../lib/database/alembic-facts.js"
import { headOf } from "../../lib/database/migration.js"
import { MigrationClass } from "../../lib/database/schema.js"

const script = join(import.meta.dirname, "../../assets/alembic-facts.py")

/** What the script reads of files alone, with nothing of the project installed. */
function found(files: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), "alembic-"))
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), text)
    }
    const answer = join(folder, "facts.json")
    try {
      execFileSync("python3", [script, "read", answer], { cwd: folder, stdio: "pipe" })
    } catch {
      // What failed stands in the answer.
    }
    return readAlembicFacts(readFileSync(answer, "utf8"))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const ini = "[alembic]\nscript_location = %(here)s/alembic\n"

it("reads a merge revision on several lines, comments and annotations as Python does", () => {
  const { revisions, folders } = found({
    "alembic.ini": ini,
    "alembic/versions/1_base.py":
      '"""Begin.\n\nLonger."""\nrevision = "base"\ndown_revision = None  # was "older"\ndeployment_class = "expand"\n',
    "alembic/versions/2_left.py": 'revision: str = "left"\ndown_revision: str | None = "base"  # was "older"\n',
    "alembic/versions/3_right.py":
      'revision = "1.4.0"\ndown_revision = "base"\nbranch_labels = ("api",)\n\ndef upgrade():\n    revision = "not this"\n',
    "alembic/versions/4_merge.py":
      'revision = "merge"\ndown_revision = (\n    "left",\n    "1.4.0",\n)\ndeployment_class = "data"\n',
    "alembic/versions/__init__.py": "",
  })
  expect(folders).toEqual(["alembic/versions"])
  expect(revisions).toEqual([
    { revision: "base", down: [], depends: [], class: MigrationClass.Expand, title: "Begin." },
    {
      revision: "left",
      down: ["base"],
      depends: [],
      class: MigrationClass.Irreversible,
      title: "",
    },
    {
      revision: "1.4.0",
      down: ["base"],
      depends: [],
      class: MigrationClass.Irreversible,
      title: "",
    },
    {
      revision: "merge",
      down: ["left", "1.4.0"],
      depends: [],
      class: MigrationClass.Data,
      title: "",
    },
  ])
  expect(headOf(revisions)).toBe("merge")
})

it.each([
  ["a folder of its own", "[alembic]\nscript_location = db\n", "db/versions"],
  ["a package", "[alembic]\nscript_location = app:migrations\n", "app/migrations/versions"],
  ["version_locations", "[alembic]\nscript_location = db\nversion_locations = %(here)s/x/versions\n", "x/versions"],
  ["a % in its URL", "[alembic]\nscript_location = db\nsqlalchemy.url = postgresql://u:a%40b@db/app\n", "db/versions"],
])("looks in %s", (_, alembicIni, folder) => {
  const facts = found({ "alembic.ini": alembicIni, [`${folder}/1.py`]: 'revision = "1"\ndown_revision = None\n' })
  expect([facts.folders, facts.revisions.map(({ revision }) => revision)]).toEqual([[folder], ["1"]])
})

it("looks in each of several folders", () => {
  const facts = found({
    "alembic.ini": "[alembic]\nscript_location = db\npath_separator = space\nversion_locations = a b\n",
    "a/1.py": 'revision = "1"',
    "b/2.py": 'revision = "2"\ndown_revision = ["1"]',
  })
  expect(facts.folders).toEqual(["a", "b"])
  expect(headOf(facts.revisions)).toBe("2")
})

it("finds none where nothing is configured", () => {
  expect(found({ "pyproject.toml": "[project]\nname = 'x'\n" })).toMatchObject({ folders: [], revisions: [] })
})

it("tells the line of a file that is no Python", () => {
  const { error } = found({ "alembic.ini": ini, "alembic/versions/1.py": "revision = (\n" })
  expect(error?.chain[0]?.type).toBe("builtins.SyntaxError")
})

const facts = (revision: object) =>
  JSON.stringify({
    folders: [],
    revisions: [{ file: "x.py", revision: "x", down: [], depends: [], class: null, title: "", ...revision }],
    current: [],
    sql: "",
    error: null,
  })

it("refuses a class that it does not know", () => {
  expect(() => readAlembicFacts(facts({ class: "harmless" }))).toThrowErrorMatchingInlineSnapshot(`
    [PipelineError: x.py can't be read as a schema revision.
      why: its deployment_class "harmless" is none of expand, contract, data, irreversible
      next: give it a \`revision\`, a \`down_revision\` and a \`deployment_class\` of "expand", "contract", "data" or "irreversible"]
  `)
})

it("refuses a file without a revision", () => {
  expect(() => readAlembicFacts(facts({ revision: null }))).toThrow("x.py can't be read as a schema revision.")
})

it.each(["", "{", "[]", '{"folders": 1}'])("refuses %j, which no script of ours writes", (text) => {
  expect(() => readAlembicFacts(text)).toThrow("What Alembic knows of the project can't be read.")
})
