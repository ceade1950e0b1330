import type { ChildProcess } from "node:child_process"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Checkout, checkout } from "./checkout.js"
import { call } from "./dagger.js"
import { type PostgreSQL, postgreSQL } from "./database.js"

/** A revision whose upgrade takes as long, waits for another migrator, and fails, as the database's own table says. */
const revision = `"""Does what the table says."""

from alembic import op

revision = "0004"
down_revision = "0003"
deployment_class = "expand"


def upgrade() -> None:
    op.execute("CREATE TABLE fresh AS SELECT 1 AS one")
    op.execute("SELECT pg_sleep(seconds), 1 / divisor FROM script")
    op.execute("""DO $$ BEGIN
      WHILE (SELECT company FROM script) AND NOT EXISTS (
        SELECT FROM pg_locks JOIN pg_database ON database = pg_database.oid
        WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted
      ) LOOP
        PERFORM pg_sleep(0.1);
      END LOOP;
    END $$""")


def downgrade() -> None:
    pass
`
const sleeping =
  "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_sleep%FROM script'"
const applied = "SELECT version_num, to_regclass('fresh') IS NOT NULL FROM alembic_version"
const locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"

let clone: Checkout
let postgres: PostgreSQL
beforeAll(async () => {
  clone = checkout()
  clone.commit("a revision", { "backend/migrations/versions/0004_script.py": revision })
  postgres = await postgreSQL()
})
afterAll(async () => {
  clone[Symbol.dispose]()
  await postgres[Symbol.asyncDispose]()
})

/** A database at revision 0003, in which the next one sleeps, divides, and ends when another migrator waits for it. */
async function database(name: string, { seconds = 0, divisor = 1, company = false } = {}) {
  await postgres.create(name)
  await postgres.query(
    name,
    `CREATE TABLE script AS SELECT ${seconds} AS seconds, ${divisor} AS divisor, ${company} AS company;
     CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY); INSERT INTO alembic_version VALUES ('0003')`,
  )
  const ask = (sql: string) => postgres.query(name, sql)
  const withDatabase = (what: string, started = (_: ChildProcess) => {}) =>
    call(["backend", what, "--database-url=env://DATABASE_URL"], {
      cwd: clone.path,
      env: { DATABASE_URL: postgres.url(name) },
      started,
    })
  return {
    ask,
    plan: () => withDatabase("migration-plan"),
    migrate: (started?: (child: ChildProcess) => void) => withDatabase("migrate", started),
    async until(sql: string, answer: string): Promise<void> {
      // Long, for the first call builds the image.
      for (const began = Date.now(); Date.now() - began < 400_000; ) {
        if ((await ask(sql)) === answer) return
        await new Promise((wake) => setTimeout(wake, 500))
      }
      throw new Error(`${sql} never answered ${answer}`)
    },
  }
}

describe("a migration of a PostgreSQL database", () => {
  it("is applied once when two start at the same time: one waits for the other, and both succeed", async () => {
    const { migrate, ask } = await database("twice", { company: true })

    const both = await Promise.all([migrate(), migrate()])

    for (const { code, error } of both) expect(code, error).toBe(0)
    expect(await ask(applied)).toBe("0004|t")
  })

  it("that is killed leaves the old revision and no lock, and the same call again converges", async () => {
    const { migrate, ask, until } = await database("killed", { seconds: 120 })
    let running: ChildProcess | undefined
    const killed = migrate((child) => {
      running = child
    })
    await until(sleeping, "1")
    running?.kill("SIGKILL")
    await killed

    await until(`${locks} AND database = (SELECT oid FROM pg_database WHERE datname = 'killed')`, "0")
    expect(await ask(applied)).toBe("0003|f")
    await ask("UPDATE script SET seconds = 0")
    const again = await migrate()

    expect(again.code, again.error).toBe(0)
    expect(again.stdout).toBe("0003 → 0004: 0004 expand\n")
    expect(await ask(applied)).toBe("0004|t")
  })

  it("is planned with its class and its SQL, without a change", async () => {
    const { plan, ask } = await database("planned")

    const { code, error, stdout } = await plan()

    expect(code, error).toBe(0)
    expect(stdout).toMatch(/^0003 → 0004: 0004 expand\n {2}0004 {2}expand {2}Does what the table says\.\n/)
    expect(stdout).toContain("CREATE TABLE fresh AS SELECT 1 AS one;")
    expect(await ask(applied)).toBe("0003|f")
  })

  it("that fails halfway leaves no changes, and names the revision of the database", async () => {
    const { migrate, ask } = await database("component", { divisor: 0 })

    const { code, error } = await migrate()

    expect(code).toBe(1)
    expect(error).toContain("The migration failed.")
    expect(error).toContain("division by zero")
    expect(error).toContain("next: the previous version serves on; the database was at 0003 and is at 0003 now")
    expect(await ask(applied)).toBe("0003|f")
  })

  it("that gets no lock in time reports it, and changes nothing", async () => {
    const { migrate, ask, until } = await database("held")
    const holder = ask("SELECT pg_advisory_lock(7860313), pg_sleep(120)").catch(() => {})
    await until(`${locks} AND granted AND database = (SELECT oid FROM pg_database WHERE datname = 'held')`, "1")

    const { code, error } = await migrate()

    expect(code).toBe(1)
    expect(error).toContain("The migration waited too long for a lock.")
    expect(error).toContain("another migration of this database is running (lock timeout after 20 s)")
    expect(error).toContain("run the same command again; the previous version serves on; the database was at 0003")
    await ask("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted")
    await holder
  })
})

it("is refused before anything is built when there are two newest revisions", async () => {
  using other = checkout()
  other.commit("a revision beside another", {
    "backend/migrations/versions/0004_script.py": revision,
    "backend/migrations/versions/0004_other.py": revision.replace('"0004"', '"0005"'),
  })

  const { code, error } = await call(
    ["backend", "deploy", "--hugging-face-token=env://HF_TOKEN", "--database-url=env://DATABASE_URL", "report"],
    { cwd: other.path, env: { HF_TOKEN: "hf_a-token-for-tests", DATABASE_URL: "postgresql://nobody@nowhere/nothing" } },
  )

  expect(code).toBe(1)
  expect(error.trim()).toMatchInlineSnapshot(`
    "Error: The schema revisions have no single head.
      why: 0005 and 0004 are both the newest
      next: join them with \`alembic merge heads\`, then deploy again"
  `)
})

it("is not skipped when the database's secret is empty: a release with a schema is refused before anything is built", async () => {
  const { code, error } = await call(
    ["backend", "deploy", "--hugging-face-token=env://HF_TOKEN", "--database-url=env://DATABASE_URL", "report"],
    { cwd: clone.path, env: { HF_TOKEN: "hf_a-token-for-tests", DATABASE_URL: "" } },
  )

  expect(code).toBe(1)
  expect(error.trim()).toMatchInlineSnapshot(`
    "Error: The release has a schema, and no database was given.
      why: whether it fits the database can't be told without asking: it needs revision 0004, and --database-url is missing or empty
      next: store the database's URL as DATABASE_URL_STAGING and give --database-url=env://DATABASE_URL_STAGING; a service that keeps a database of its own is deployed without the flag"
  `)
})
