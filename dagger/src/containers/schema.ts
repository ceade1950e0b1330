import type { Container, Secret, Service } from "@dagger.io/dagger"
import { missingSecret } from "../errors.js"
import type { Attempt } from "../ledger.js"
import { headOf, schemaState } from "../migration.js"
import { notAnAddress } from "../migration-errors.js"
import type { Live } from "../providers/host.js"
import { imageNamed } from "../release.js"
import type { SchemaState } from "../schema.js"
import type { Schema } from "../targets.js"
import { currentRevision, type Database, revisionsIn, upgrade } from "./alembic.js"
import { pull, type RegistryAccess } from "./registry.js"
import { plaintext } from "./secrets.js"

/** The database that a call was given. */
export async function databaseOf(url: Secret | undefined, service: Service | undefined): Promise<Database | undefined> {
  if (!url) return undefined
  const hostname = URL.parse(await plaintext(url, "database-url"))?.hostname
  if (!hostname) throw notAnAddress()
  return { url, service: service && { name: hostname, service } }
}

/** What a deployment of `image` does to its database. */
export async function schemaOf(
  image: Container,
  database: Database,
  allowContract: string,
  access: RegistryAccess,
): Promise<Schema> {
  const revisions = await revisionsIn(image.directory("."))
  return {
    url: await database.url.plaintext(),
    migrate: () => upgrade(image, database, allowContract),
    head: headOf(revisions),
    stateFor: async ({ id }) => {
      const earlier = revisionsIn(pull(imageNamed(id), access).directory("."))
      const [revision, known] = await Promise.all([currentRevision(image, database), earlier])
      return schemaState(revision, known, revisions)
    },
  }
}

/** What an earlier release makes of the database as it is now. */
export function schemaAt(
  live: () => Promise<Live | undefined>,
  database: Database | undefined,
  access: RegistryAccess,
) {
  return async (release: Attempt): Promise<SchemaState> => {
    if (!database) {
      if (release.schema) throw missingSecret("database-url")
      return { database: "", known: [], between: [] }
    }
    const [wanted, now] = [
      pull(imageNamed(release.id), access),
      pull(imageNamed((await live())?.id ?? release.id), access),
    ]
    const [revision, known, all] = await Promise.all([
      currentRevision(now, database),
      revisionsIn(wanted.directory(".")),
      revisionsIn(now.directory(".")),
    ])
    return schemaState(revision, known, all)
  }
}
