import { expect, it } from "vitest"
import { alembicFailed, alembicMissing } from "../../lib/database/alembic-failure.js"

const failed = (...chain: [type: string, message: string][]) =>
  alembicFailed(
    { chain: chain.map(([type, message]) => ({ type, message })), place: "migrations/env.py, line 12" },
    "ask the database for its revision",
  ).message

it("names the variables that a settings class lacks", () => {
  expect(
    failed([
      "pydantic_core._pydantic_core.ValidationError",
      "1 validation error for Settings\nOPENAI_API_KEY\n  Field required [type=missing, input_value={}, input_type=dict]\n    For further information visit https://errors.pydantic.dev/2.14/v/missing",
    ]),
  ).toMatchInlineSnapshot(`
    "The migrations lack a variable of the project.
      why: pydantic_core._pydantic_core.ValidationError: 1 validation error for Settings; OPENAI_API_KEY; Field required [type=missing, input_value={}, input_type=dict] (migrations/env.py, line 12)
      next: give the variables that are named in backend.env of the settings, or to the image (a default in the settings class, or ENV in the Dockerfile); else only COMMIT and the variable that backend.databaseVariable names are set here"
  `)
})

it.each<[string, [type: string, message: string][], string]>([
  ["a variable", [["builtins.KeyError", "'SECRET_KEY'"]], "The migrations lack a variable of the project."],
  [
    "a driver",
    [["builtins.ModuleNotFoundError", "No module named 'psycopg2'"]],
    "The image has no driver that fits the database's URL.",
  ],
  [
    "a dialect",
    [["sqlalchemy.exc.NoSuchModuleError", "Can't load plugin: sqlalchemy.dialects:postgres"]],
    "The image has no driver that fits the database's URL.",
  ],
  [
    "an async driver",
    [["sqlalchemy.exc.MissingGreenlet", "greenlet_spawn has not been called"]],
    "The image has no driver that fits the database's URL.",
  ],
  [
    "a package",
    [["builtins.ModuleNotFoundError", "No module named 'pgvector'"]],
    "A migration or env.py imports what the image does not have.",
  ],
  [
    "a % in a password",
    [["builtins.ValueError", "invalid interpolation syntax in 'postgresql://u:a%40b@db/app' at position 16"]],
    "env.py can't take the database's URL.",
  ],
  [
    "a password",
    [
      [
        "sqlalchemy.exc.OperationalError",
        '(psycopg.OperationalError) connection failed: FATAL:  password authentication failed for user "app"',
      ],
      [
        "psycopg.OperationalError",
        'connection failed: connection to server at "10.0.0.1", port 5432 failed: FATAL:  password authentication failed for user "app"',
      ],
    ],
    "The database does not let the migrations in.",
  ],
  ["silence", [["psycopg.OperationalError", "[Errno -2] Name or service not known"]], "The database does not answer."],
  [
    "no configuration",
    [["alembic.util.exc.CommandError", "No 'script_location' key found in configuration."]],
    "Alembic's configuration can't be found.",
  ],
  ["anything else", [["builtins.RuntimeError", "odd"]], "Alembic could not ask the database for its revision."],
])("tells %s apart", (_, chain, what) => {
  expect(failed(...chain).split("\n")[0]).toBe(what)
})

it("takes a lock that was not had in time for no silence of the database", () => {
  expect(failed(["psycopg.errors.LockNotAvailable", "canceling statement due to lock timeout"]).split("\n")[0]).toBe(
    "Alembic could not ask the database for its revision.",
  )
})

it("shows neither a password nor the advice of tools", () => {
  const message = failed([
    "builtins.ValueError",
    "invalid interpolation syntax in 'postgresql://u:pass%40word@db/app' at position 1\n(Background on this error at: https://sqlalche.me/e/20/e3q8)",
  ])
  expect(message).not.toMatch(/pass%40word|Background/)
})

it("says what an interpreter that is missing said", () => {
  expect(
    alembicMissing('exec: "python": executable file not found in $PATH', "read the revisions").message,
  ).toMatchInlineSnapshot(`
    "Alembic could not read the revisions.
      why: the image's Python ended without an answer: exec: "python": executable file not found in $PATH
      next: install alembic in the image, with its \`python\` in PATH or in .venv of the working directory"
  `)
})
