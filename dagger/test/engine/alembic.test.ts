import { mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { type Checkout, checkout } from "./checkout.js"
import { call } from "./dagger.js"
import { type PostgreSQL, postgreSQL } from "./database.js"

const revision = (name: string, down: string, table: string) => `"""Make ${table}."""
from alembic import op

revision = "${name}"
down_revision = ${down}
deployment_class = "expand"


def upgrade():
    op.execute("CREATE TABLE ${table} (id int)")
`

/** A service as many write it: revisions in alembic/versions, an env.py that is asynchronous, prints, and logs to standard output. */
const service = {
  Dockerfile: `FROM python:3.13-slim
WORKDIR /srv
RUN pip install alembic==1.20.1 "psycopg[binary]>=3.2,<4" greenlet
COPY . .
USER 1000
ARG COMMIT
ENV COMMIT=$COMMIT
`,
  "alembic.ini": "[alembic]\nscript_location = alembic\nprepend_sys_path = .\n",
  "alembic/env.py": `import asyncio, logging, os, sys
from alembic import context
from sqlalchemy.ext.asyncio import create_async_engine

logging.basicConfig(stream=sys.stdout, level=logging.INFO)
print("Connecting …")
url = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://")


def migrate(connection):
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()


async def main():
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
        await connection.commit()
    await engine.dispose()


if context.is_offline_mode():
    context.configure(url=url, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    asyncio.run(main())
`,
  "alembic/versions/1.py": revision("1.4.0", 'None  # was "older"', "one"),
  "alembic/versions/2.py": revision("left", '"1.4.0"', "two"),
  "alembic/versions/3.py": revision("right", '"1.4.0"\nbranch_labels = ("api",)', "three"),
  "alembic/versions/4.py": `${revision("merged", '(\n    "left",\n    "right",\n)', "four")}    op.execute("CREATE TABLE limits AS SELECT current_setting('lock_timeout') AS lock, current_setting('statement_timeout') AS statement")
`,
}

let clone: Checkout
let postgres: PostgreSQL
beforeAll(async () => {
  clone = checkout()
  clone.git("rm", "-r", "--quiet", "backend")
  mkdirSync(join(clone.path, "backend/alembic/versions"), { recursive: true })
  clone.commit(
    "a service",
    Object.fromEntries(Object.entries(service).map(([name, text]) => [`backend/${name}`, text])),
  )
  postgres = await postgreSQL()
})
afterAll(async () => {
  clone?.[Symbol.dispose]()
  await postgres?.[Symbol.asyncDispose]()
})

const migrating = (what: string, url: string) =>
  call(["backend", what, "--database-url=env://DATABASE_URL"], { cwd: clone.path, env: { DATABASE_URL: url } })

it("migrates where revisions lie in alembic/versions, branches are merged, and env.py prints", async () => {
  await postgres.create("printing")
  // As a file or a form hands it over, and in the scheme that many hosts still write.
  const url = `${postgres.url("printing").replace("postgresql://", "postgres://")}\n`

  const planned = await migrating("migration-plan", url)
  expect(planned.code, planned.error).toBe(0)
  expect(planned.stdout).toMatch(
    /^empty → merged: 1\.4\.0 expand, (?:left expand, right|right expand, left) expand, merged expand\n/,
  )
  expect(planned.stdout).toContain("CREATE TABLE four (id int);")
  expect(planned.stdout).not.toContain("Connecting")

  const done = await migrating("migrate", url)
  expect(done.code, done.error).toBe(0)
  expect(await postgres.query("printing", "SELECT version_num FROM alembic_version")).toBe("merged")
  // Set by SQL in the transaction itself, for a pooler refuses start-up options.
  expect(await postgres.query("printing", "SELECT * FROM limits")).toBe("10s|5min")

  const again = await migrating("migration-plan", url)
  expect(again.stdout.trim()).toBe("at merged, nothing to do")
})

it("goes through PgBouncer, whose one connection serves somebody else after each transaction", async () => {
  await postgres.create("pooled")
  await using pooler = await postgres.pooler()
  const through = (what: string) =>
    call([`--database-service=${pooler.service}`, "backend", what, "--database-url=env://DATABASE_URL"], {
      cwd: clone.path,
      env: { DATABASE_URL: pooler.url("pooled") },
    })

  const done = await through("migrate")
  const again = await through("migration-plan")

  expect(done.code, done.error).toBe(0)
  expect(again.stdout.trim(), again.error).toBe("at merged, nothing to do")
  // The limits hold for the migration, and are not left to the next client of the connection.
  expect(await postgres.query("pooled", "SELECT * FROM limits")).toBe("10s|5min")
})

it("goes to the one of several hosts that answers and takes writes", async () => {
  await postgres.create("several")
  const url = postgres.url("several").replace(/@([^:/]+):(\d+)/, "@$1:1,$1:$2")

  const planned = await migrating("migration-plan", url)

  expect(planned.stdout, planned.error).toMatch(/^empty → /)
})

it("goes on from a revision with points in its name, and from two branches", async () => {
  await postgres.create("branched")
  const versions = "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)"
  await postgres.query("branched", `${versions}; INSERT INTO alembic_version VALUES ('1.4.0')`)
  const { stdout, error } = await migrating("migration-plan", postgres.url("branched"))
  expect(stdout, error).toMatch(/^1\.4\.0 → merged: /)

  await postgres.query(
    "branched",
    "UPDATE alembic_version SET version_num = 'left'; INSERT INTO alembic_version VALUES ('right')",
  )
  const both = await migrating("migration-plan", postgres.url("branched"))
  expect(both.stdout, both.error).toMatch(/^left,right → merged: merged expand\n/)
})

it("gives the settings class the variables of its environment, and the database in the variable that it reads", async () => {
  await postgres.create("named")
  const settings = JSON.parse(readFileSync(join(clone.path, "delivery.json"), "utf8")) as object
  const env = { SHOP_DATABASE: "postgresql://tests@nowhere.example/none" }
  const environments = {
    staging: { branch: "main", backend: { space: "acme/shop", variables: { TENANT: "acme" } } },
  }
  clone.commit("a settings class", {
    "backend/alembic/env.py": `TENANT = __import__("os").environ["TENANT"]\n${service["alembic/env.py"].replace("DATABASE_URL", "SHOP_DATABASE")}`,
    "backend/alembic/versions/1.py": revision("1.4.0", "None", "one").replace(
      "from alembic",
      'import os\n\nTENANT = os.environ["TENANT"]\nfrom alembic',
    ),
    "delivery.json": JSON.stringify({ ...settings, backend: { databaseVariable: "SHOP_DATABASE" } }),
  })

  const without = await migrating("migration-plan", postgres.url("named"))
  clone.commit("its variables", {
    "delivery.json": JSON.stringify({
      ...{ ...settings, environments, frontend: undefined },
      backend: { databaseVariable: "SHOP_DATABASE", env },
    }),
  })
  const planned = await migrating("migration-plan", postgres.url("named"))
  const done = await migrating("migrate", postgres.url("named"))

  expect(without.error.trim().split("\n").slice(0, 2)).toEqual([
    "Error: The migrations lack a variable of the project.",
    "  why: KeyError: 'TENANT' (alembic/versions/1.py, line 4)",
  ])
  expect(without.error).toContain("next: give the variables that are named in backend.env of the settings")
  expect(planned.stdout, planned.error).toContain("CREATE TABLE four (id int);")
  // Of the tests' database and of the one that is migrated, the latter.
  expect(done.code, done.error).toBe(0)
  expect(await postgres.query("named", "SELECT version_num FROM alembic_version")).toBe("merged")
})

it("tells a wrong password, a database at the caller's own address, and a module that is missing", async () => {
  const wrong = await migrating("migration-plan", postgres.url("postgres").replace(/:[^:@/]+@/, ":wr%40ng/?#@"))
  expect(wrong.error).toContain("The database does not let the migrations in.")
  expect(wrong.error).toContain("password authentication failed")
  expect(wrong.error).not.toContain("wr%40ng")

  const local = await migrating("migration-plan", "postgresql://app:pw@localhost:5432/app")
  expect(local.error).toContain("The database's URL names this machine itself.")

  clone.commit("an import", { "backend/alembic/env.py": `import pgvector\n${service["alembic/env.py"]}` })
  const missing = await migrating("migration-plan", postgres.url("postgres"))
  expect(missing.error.trim().split("\n").slice(0, 2)).toEqual([
    "Error: A migration or env.py imports what the image does not have.",
    "  why: ModuleNotFoundError: No module named 'pgvector' (alembic/env.py, line 1)",
  ])
})
