import { Verdict } from "../../src/exposed-types.js"
import { DeploymentError } from "../errors.js"

export const brokenRevisionFile = (file: string, why: string) =>
  new DeploymentError(`${file} can't be read as a schema revision.`, {
    why,
    next: 'give it a `revision`, a `down_revision` and a `deployment_class` of "expand", "contract", "data" or "irreversible"',
  })

/** @param folders that were read for revision files. */
export const noHead = (heads: string[], folders: string[] = []) =>
  new DeploymentError("The schema revisions have no single head.", {
    why:
      heads.length > 1
        ? `${heads.join(" and ")} are both the newest`
        : `${folders.length > 0 ? `${folders.join(" and ")} held` : "alembic.ini named no folder that holds"} no revision file, or they go in a circle`,
    next:
      heads.length > 1
        ? "join them with `alembic merge heads`, then deploy again"
        : "check script_location and version_locations in alembic.ini, and that the image holds that folder",
  })

/** The answer of our own script. */
export const factsUnreadable = (why: string) =>
  new DeploymentError("What Alembic knows of the project can't be read.", {
    why,
    next: "run the same command again; if it fails again, look whether env.py ends the program by itself",
  })

export const unknownDatabaseRevision = (database: string, head: string) =>
  new DeploymentError(
    "The database is ahead of this release.",
    {
      why: `the database is at revision ${database}, which this release (head ${head}) does not know`,
      next: "deploy a release that knows it; nothing was changed",
    },
    Verdict.Refused,
  )

export const contractNotAllowed = (steps: string[]) =>
  new DeploymentError(
    "The migration would break the version that is live.",
    {
      why: `${steps.join(", ")} would take away what the live version may still read`,
      next: "deploy a version that no longer reads it first, or allow it with --allow-contract and the reason",
    },
    Verdict.Refused,
  )

/** @param cause of the failure as it was told. */
export const migrationFailed = (from: string, now: string, cause: DeploymentError) => {
  const where = `the previous version serves on; the database was at ${from || "no revision"} and is at ${now || "no revision"} now`
  const { why, next } = cause.parts
  // PostgreSQL's words when lock_timeout ends a statement; this backend's own migrations use them too.
  if (/\block timeout\b/.test(why))
    return new DeploymentError("The migration waited too long for a lock.", {
      why,
      next: `let the other migration or transaction end, then run the same command again; ${where}`,
    })
  return new DeploymentError("The migration failed.", {
    why,
    next: cause.what.startsWith("Alembic could not") ? where : `${next}; ${where}`,
  })
}

export const notAnAddress = () =>
  new DeploymentError("The database's URL can't be read.", {
    why: "the value of --database-url names no host; it is not shown here, for it holds a password",
    next: "store it in the form postgresql+psycopg://USER:PASSWORD@HOST:PORT/DATABASE",
  })

/** https://www.postgresql.org/docs/17/libpq-connect.html#LIBPQ-CONNSTRING-KEYWORD-VALUE */
export const connectionString = () =>
  new DeploymentError("The database's URL can't be read.", {
    why: "the value of --database-url is a list of keywords, as libpq takes it, and no URL; it is not shown here, for it holds a password",
    next: "store it in the form postgresql+psycopg://USER:PASSWORD@HOST:PORT/DATABASE",
  })

/** @param count of the hosts; they are not shown, for a password that is not encoded could be taken for one. @param wanted of libpq's kinds. */
export const leadsToCopy = (count: number, wanted: string) =>
  new DeploymentError("The database's URL may lead to a copy.", {
    why: `it lists ${count} hosts and asks for ${/^[a-z-]{1,20}$/.test(wanted) ? wanted : "another kind"}, and a migration must reach the one that takes writes`,
    next: "give target_session_attrs=read-write, or leave it out",
  })

export const databaseSocket = () =>
  new DeploymentError("The database's URL names a socket.", {
    why: "migrations run in a container of the engine, which no socket of another machine reaches",
    next: "give a URL with a host, or --database-service=tcp://HOST:PORT with a URL of localhost",
  })

export const databaseAtLoopback = (host: string) =>
  new DeploymentError("The database's URL names this machine itself.", {
    why: `migrations run in a container of the engine, where ${host} is that container`,
    next: "give --database-service=tcp://localhost:5432 to lead them to a database on this machine, or a URL with a host that others reach too",
  })

/** @param variable that the settings name for the environment's database. */
export const databaseNeeded = (schema: string, variable: string) =>
  new DeploymentError(
    "The release has a schema, and no database was given.",
    {
      why: `whether it fits the database can't be told without asking: it needs revision ${schema}, and --database-url is missing or empty`,
      next: `store the database's URL as ${variable} and give --database-url=env://${variable}; a service that keeps a database of its own is deployed without the flag`,
    },
    Verdict.Refused,
  )
