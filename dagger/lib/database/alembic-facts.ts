import { z } from "zod"
import { brokenRevisionFile, factsUnreadable } from "./errors.js"
import type { Revision } from "./migration.js"
import { MigrationClass } from "./schema.js"

/** A failure of the project or of Alembic, as Python tells it. */
export interface PythonFailure {
  /** Outermost first. */
  chain: { type: string; message: string }[]
  /** The project's own line that took part, such as `migrations/env.py, line 12`; "" when none did. */
  place: string
}

/** What `assets/alembic-facts.py` found. */
export interface AlembicFacts {
  /** Folders of revision files that were read, from the folder with alembic.ini. */
  folders: string[]
  revisions: Revision[]
  /** Revisions that the database has; none for an empty one. */
  current: string[]
  sql: string
  error: PythonFailure | undefined
}

/** Reads what `assets/alembic-facts.py` wrote. A revision without `deployment_class` counts as irreversible: nothing is known of it. */
export function readAlembicFacts(text: string): AlembicFacts {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw factsUnreadable("it is no JSON, or is cut off")
  }
  const { data, error } = shape().safeParse(json)
  if (error) throw factsUnreadable(`${error.issues[0]?.path.join(".") || "it"} is not as expected`)
  return { ...data, error: data.error ?? undefined, revisions: data.revisions.map(revisionOf) }
}

function revisionOf({ file, revision, class: named, ...rest }: FoundRevision): Revision {
  if (!revision) throw brokenRevisionFile(file, "it has no `revision`")
  const known = Object.values(MigrationClass).find((one) => one === named)
  if (named !== null && !known)
    throw brokenRevisionFile(
      file,
      `its deployment_class ${JSON.stringify(named).slice(0, 80)} is none of ${Object.values(MigrationClass).join(", ")}`,
    )
  return { revision, ...rest, class: known ?? MigrationClass.Irreversible }
}

type FoundRevision = z.infer<ReturnType<typeof shape>>["revisions"][number]

// Built when facts are read: this file is loaded by every call.
const shape = () => {
  const words = z.array(z.string())
  return z.object({
    folders: words,
    revisions: z.array(
      z.object({
        file: z.string(),
        revision: z.string().nullable(),
        down: words,
        depends: words,
        class: z.unknown().transform((it) => it ?? null),
        title: z.string(),
      }),
    ),
    current: words.nullable().transform((it) => it ?? []),
    sql: z.string(),
    error: z
      .object({ chain: z.array(z.object({ type: z.string(), message: z.string() })), place: z.string() })
      .nullable(),
  })
}
