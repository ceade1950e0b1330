import { type Container, type Directory, dag, type Secret, type Service } from "@dagger.io/dagger"
import { databaseUnreachable, migrationFailed } from "../database/errors.js"
import {
  describedPlan,
  headOf,
  type MigrationPlan,
  mayMigrate,
  type Revision,
  readRevision,
  stepsBetween,
} from "../database/migration.js"
import { answered, ran } from "./exec.js"

/** A database to migrate. */
export interface Database {
  url: Secret
  /** Serves the host that the URL names; for tests, rehearsals and databases behind a tunnel. */
  service?: { name: string; service: Service } | undefined
}

/** Where Alembic's revision files are, below the folder with alembic.ini. */
const folder = "migrations/versions"

/** The schema revisions in a source folder, or in an image's working directory; none where there is no such folder. */
export async function revisionsIn(source: Directory): Promise<Revision[]> {
  const files = await source.glob(`${folder}/*.py`)
  const named = files.filter((file) => !file.endsWith("__init__.py"))
  return Promise.all(named.map(async (file) => readRevision(file, await source.file(file).contents())))
}

/** Revision that a database has; "" for an empty one. */
export async function currentRevision(image: Container, database: Database): Promise<string> {
  const asked = await answered(connected(image, database), ["alembic", "current"])
  if (asked.code !== 0) throw databaseUnreachable(asked.stderr)
  return /^([A-Za-z0-9_]+)\b/m.exec(asked.stdout)?.[1] ?? ""
}

/** What upgrading a database to an image's newest revision would do. */
export async function plan(image: Container, database: Database): Promise<MigrationPlan> {
  const [revisions, from] = await Promise.all([revisionsIn(image.directory(".")), currentRevision(image, database)])
  const to = headOf(revisions)
  return { from, to, steps: stepsBetween(revisions, from, to) }
}

/** The statements of a plan, without running them. */
export async function sql(image: Container, database: Database, { from, to }: MigrationPlan): Promise<string> {
  const asked = await answered(connected(image, database), ["alembic", "upgrade", from ? `${from}:${to}` : to, "--sql"])
  if (asked.code !== 0) throw databaseUnreachable(asked.stderr)
  return asked.stdout
}

/**
 * Upgrades a database to an image's newest revision, with that image. Steps run in one transaction each, as Alembic does;
 * a failure leaves the database where the last whole step left it, and the message names that revision.
 */
export async function upgrade(image: Container, database: Database, allowContract: string): Promise<string> {
  const planned = await plan(image, database)
  if (planned.steps.length === 0) return describedPlan(planned)
  mayMigrate(planned, allowContract)
  const done = await ran(connected(image, database), ["alembic", "upgrade", "head"])
  if (done.code !== 0) throw migrationFailed(planned.from, await currentRevision(image, database), done.stderr)
  return describedPlan(planned)
}

function connected(image: Container, { url, service }: Database): Container {
  const bound = service ? image.withServiceBinding(service.name, service.service) : image
  return (
    bound
      .withSecretVariable("DATABASE_URL", url)
      // A migration waits for nobody's lock for long, and never runs on for hours.
      .withEnvVariable("PGOPTIONS", "-c lock_timeout=10s -c statement_timeout=300s")
      .withEnvVariable("PGCONNECT_TIMEOUT", "15")
      // What a database answers must never come from the engine's cache.
      .withEnvVariable("RUN_ID", crypto.randomUUID())
  )
}

/** An empty PostgreSQL that lives as long as the call. */
export const ownDatabase = (name: string): Service =>
  dag
    .container()
    .from("postgres:17")
    .withEnvVariable("POSTGRES_DB", name)
    .withEnvVariable("POSTGRES_PASSWORD", "rehearsal")
    .withExposedPort(5432)
    .asService({ useEntrypoint: true })
