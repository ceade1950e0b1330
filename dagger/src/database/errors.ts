import { DeploymentError } from "../errors.js"
import { tail } from "../text/untrusted.js"
import { Verdict } from "../verdict.js"

export const brokenRevisionFile = (file: string, why: string) =>
  new DeploymentError(`${file} can't be read as a schema revision.`, {
    why,
    next: 'give it a `revision`, a `down_revision` and a `deployment_class` of "expand", "contract", "data" or "irreversible"',
  })

export const noHead = (heads: string[]) =>
  new DeploymentError("The schema revisions have no single head.", {
    why:
      heads.length > 1
        ? `${heads.join(" and ")} are both the newest`
        : "no revision file was found, or they go in a circle",
    next:
      heads.length > 1
        ? "join them with `alembic merge heads`, then deploy again"
        : "check the folder of the revision files",
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

export const migrationFailed = (from: string, now: string, said: string) => {
  const where = `the previous version serves on; the database was at ${from || "no revision"} and is at ${now || "no revision"} now`
  const why = `alembic said: ${tail(said, 6).join("; ")}`
  // PostgreSQL's words when lock_timeout ends a statement; this backend's own migrations use them too.
  return /\block timeout\b/.test(said)
    ? new DeploymentError("The migration waited too long for a lock.", {
        why,
        next: `let the other migration or transaction end, then run the same command again; ${where}`,
      })
    : new DeploymentError("The migration failed.", { why, next: where })
}

export const databaseUnreachable = (said: string) =>
  new DeploymentError("The database could not be asked for its revision.", {
    why: `alembic said: ${tail(said, 4).join("; ")}`,
    next: "check that the database answers and that its URL and password are right, then run the same command again",
  })

export const notAnAddress = () =>
  new DeploymentError("The database's URL can't be read.", {
    why: "the value of --database-url names no host; it is not shown here, for it holds a password",
    next: "store it in the form postgresql+psycopg://USER:PASSWORD@HOST:PORT/DATABASE",
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
