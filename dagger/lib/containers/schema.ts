import { type Container, type Directory, dag, type Secret } from "@dagger.io/dagger"
import { databaseUrl, reachable } from "../database/database-url.js"
import { databaseNeeded } from "../database/errors.js"
import { describedPlan, headOf, mayMigrate, schemaState } from "../database/migration.js"
import type { SchemaState } from "../database/schema.js"
import type { Live } from "../deployment/host.js"
import type { Attempt } from "../deployment/ledger.js"
import { imageNamed } from "../deployment/release.js"
import { environmentOf, migrationSettings } from "../settings/settings.js"
import type { Settings } from "../settings/settings-types.js"
import { keepSecret } from "../text/secret-values.js"
import type { Schema } from "../wiring/targets.js"
import { currentRevision, type Database, plan, revisionsIn, revisionsOf, upgrade } from "./alembic.js"
import type { Project } from "./project.js"
import { pull, type RegistryAccess } from "./registry.js"
import { isEmpty, plaintext } from "./secrets.js"

/** What a call says of an environment's database. */
export interface DatabaseCall {
  environment: string
  databaseUrl: Secret | undefined
}

/** The database that a call was given; none also when its URL is empty, as a workflow gives a secret that nobody stored. */
export async function databaseOf(
  { databaseService: service }: Pick<Project, "databaseService">,
  settings: Settings,
  { environment, databaseUrl: url }: DatabaseCall,
): Promise<Database | undefined> {
  if (!url || (await isEmpty(url))) return undefined
  const { databaseVariable: variable, env } = migrationSettings(settings, environment)
  const { url: address, host } = reachable(databaseUrl(await plaintext(url, "database-url")), service !== undefined)
  // What is written otherwise must not be shown either.
  return {
    url: dag.setSecret("database-url", keepSecret(address)),
    variable,
    env,
    service: service && { name: host, service },
  }
}

/**
 * The database that a deployment of `source` migrates. Two heads, and a URL that came empty though there is a schema to keep, are
 * refused; ask before anything is built.
 */
export async function databaseFor(
  source: Directory,
  project: Pick<Project, "databaseService">,
  settings: Settings,
  call: DatabaseCall,
): Promise<Database | undefined> {
  const database = await databaseOf(project, settings, call)
  if (!call.databaseUrl) return undefined
  const revisions = await revisionsIn(source)
  // Where none is found by the files alone, the image's own Alembic may still find them.
  const head = revisions.length > 0 ? headOf(revisions) : ""
  if (!database && head) throw databaseNeeded(head, environmentOf(settings, call.environment).secrets.database)
  return database
}

/** What a deployment of `image` does to its database. */
export async function schemaOf(
  image: Container,
  database: Database,
  allowContract: string,
  access: RegistryAccess,
): Promise<Schema> {
  const { revisions, folders } = await revisionsOf(image, database.env)
  return {
    url: await database.url.plaintext(),
    migrate: () => upgrade(image, database, allowContract),
    head: headOf(revisions, folders),
    stateFor: async ({ id }) => {
      const [revision, known] = await Promise.all([
        currentRevision(image, database),
        revisionsOf(pull(imageNamed(id), access), database.env),
      ])
      return schemaState(revision, known.revisions, revisions)
    },
  }
}

/** What a deployment of `image` would do to its database. Changes nothing. @throws PipelineError for a step that is not allowed. */
export async function migrationOf(image: Container, database: Database, allowContract: string): Promise<string> {
  const planned = await plan(image, database)
  mayMigrate(planned, allowContract)
  return [describedPlan(planned), ...planned.steps.map(({ revision, title }) => `${revision} is "${title}"`)].join("; ")
}

/** What an earlier release makes of the database as it is now. @param secret name of the environment's secret, for the message. */
export function schemaAt(
  live: () => Promise<Live | undefined>,
  database: Database | undefined,
  access: RegistryAccess,
  secret: string,
) {
  return async (release: Attempt): Promise<SchemaState> => {
    if (!database) {
      if (release.schema) throw databaseNeeded(release.schema, secret)
      return { database: "", known: [], between: [] }
    }
    const [wanted, now] = [
      pull(imageNamed(release.id), access),
      pull(imageNamed((await live())?.id ?? release.id), access),
    ]
    const [revision, known, all] = await Promise.all([
      currentRevision(now, database),
      revisionsOf(wanted, database.env),
      revisionsOf(now, database.env),
    ])
    return schemaState(revision, known.revisions, all.revisions)
  }
}
