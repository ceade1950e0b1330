import { type Container, type Directory, dag, ReturnType, type Secret, type Service } from "@dagger.io/dagger"
import { type AlembicFacts, readAlembicFacts } from "../database/alembic-facts.js"
import { alembicFailed, alembicMissing } from "../database/alembic-failure.js"
import { migrationFailed } from "../database/errors.js"
import {
  atRevisions,
  describedPlan,
  headOf,
  type MigrationPlan,
  mayMigrate,
  type Revision,
  stepsBetween,
} from "../database/migration.js"
import { withVariables } from "./system.js"

type Variables = Readonly<Record<string, string>>

/** A database to migrate. */
export interface Database {
  /** Address as the migrations get it. */
  url: Secret
  /** Variable in which the project looks for the address. */
  variable: string
  /** Plain variables that the project's settings need to load. */
  env: Variables
  /** Serves the host that the URL names; for tests, rehearsals and databases behind a tunnel. */
  service?: { name: string; service: Service } | undefined
}

/** What Alembic finds in an image. */
export type Revisions = Pick<AlembicFacts, "revisions" | "folders">

/**
 * The schema revisions in a source folder, by its files alone: nothing of the project runs. None where no alembic.ini names a folder.
 * What Alembic itself makes of them, only an image with the project's packages can tell.
 */
export async function revisionsFrom(source: Directory): Promise<Revisions> {
  const names = await source.entries()
  if (!names.includes("alembic.ini") && !names.includes("pyproject.toml")) return { revisions: [], folders: [] }
  const container = dag.container().from("python:3.13-slim").withWorkdir("/source").withDirectory(".", source)
  const { facts, said } = await asked(container, ["python"], "read")
  return usable(facts, said, "read the revision files")
}

/** The same without their folders. */
export const revisionsIn = async (source: Directory): Promise<Revision[]> => (await revisionsFrom(source)).revisions

/** The schema revisions of an image, by its own Alembic. @param env for revision files that load the project's settings. */
export async function revisionsOf(image: Container, env: Variables): Promise<Revisions> {
  return told(withVariables(image, env), "revisions", "read the revisions")
}

/** Revision that a database has; "" for an empty one. */
export const currentRevision = async (image: Container, database: Database): Promise<string> =>
  atRevisions((await current(image, database)).current)

/** What upgrading a database to an image's newest revision would do. */
export async function plan(image: Container, database: Database): Promise<MigrationPlan> {
  const { revisions, folders, current: now } = await current(image, database)
  const [from, to] = [atRevisions(now), headOf(revisions, folders)]
  return { from, to, steps: stepsBetween(revisions, from, to) }
}

const current = (image: Container, database: Database) =>
  told(connected(image, database), "current", "ask the database for its revision")

/** The statements of a plan, without running them. */
export async function sql(image: Container, database: Database, { from, to }: MigrationPlan): Promise<string> {
  // Alembic writes statements from one revision only.
  if (from.includes(","))
    return `-- the database is at ${from}; no statements are written before its branches are merged`
  const range = from ? `${from}:${to}` : to
  return (await told(connected(image, database), "sql", "write the migration's statements", [range])).sql
}

/**
 * Upgrades a database to an image's newest revision, with that image. Steps run in one transaction each, as Alembic does;
 * a failure leaves the database where the last whole step left it, and the message names that revision.
 */
export async function upgrade(image: Container, database: Database, allowContract: string): Promise<string> {
  const planned = await plan(image, database)
  if (planned.steps.length === 0) return describedPlan(planned)
  mayMigrate(planned, allowContract)
  const { facts, said } = await asked(connected(image, database), await interpreter(image), "upgrade")
  const doing = "run the migration"
  const cause = facts ? facts.error && alembicFailed(facts.error, doing) : alembicMissing(said, doing)
  if (cause) throw migrationFailed(planned.from, await currentRevision(image, database), cause)
  return describedPlan(planned)
}

async function told(image: Container, mode: string, doing: string, more: string[] = []): Promise<AlembicFacts> {
  const { facts, said } = await asked(image, await interpreter(image), mode, more)
  return usable(facts, said, doing)
}

function usable(facts: AlembicFacts | undefined, said: string, doing: string): AlembicFacts {
  if (!facts) throw alembicMissing(said, doing)
  if (facts.error) throw alembicFailed(facts.error, doing)
  return facts
}

/** Python with the project's packages: that of its virtual environment, where uv and Poetry leave one in the working directory. */
async function interpreter(image: Container): Promise<string[]> {
  const own = (await image.directory(".").glob("*/bin/python")).find((path) => /^\.?venv\//.test(path))
  return own ? [`./${own}`] : ["python"]
}

const script = "/opt/delivery/alembic-facts.py"
const answer = "/opt/delivery/answer/facts.json"

/** What the script found, or what was said where it found nothing. */
async function asked(
  image: Container,
  python: string[],
  mode: string,
  more: string[] = [],
): Promise<{ facts: AlembicFacts | undefined; said: string }> {
  const done = image
    .withFile(script, dag.currentModule().source().file("assets/alembic-facts.py"), { permissions: 0o644 })
    // The image's user is not root.
    .withNewFile(answer, "", { permissions: 0o666 })
    .withExec([...python, script, mode, answer, ...more], { expect: ReturnType.Any })
  try {
    const text = await done.file(answer).contents()
    if (text !== "") return { facts: readAlembicFacts(text), said: "" }
    return { facts: undefined, said: `${await done.stdout()}\n${await done.stderr()}` }
  } catch (failure) {
    // No such program: the engine does not even begin.
    if (
      (failure as Error).name !== "ExecError" &&
      !/executable file not found|no such file/.test((failure as Error).message)
    )
      throw failure
    return { facts: undefined, said: (failure as Error).message }
  }
}

function connected(image: Container, { url, variable, env, service }: Database): Container {
  const bound = service ? image.withServiceBinding(service.name, service.service) : image
  // The database of the tests is not the one that is migrated.
  const { [variable]: _, ...plain } = env
  return (
    withVariables(bound, plain)
      .withSecretVariable(variable, url)
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
