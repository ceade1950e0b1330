import { contractNotAllowed, noHead, unknownDatabaseRevision } from "./errors.js"
import { MigrationClass, type SchemaState } from "./schema.js"

/** One step of the schema, as Alembic tells it. https://alembic.sqlalchemy.org/en/latest/tutorial.html */
export interface Revision {
  revision: string
  /** The revisions it builds on; none for the first, several where branches are merged. */
  down: string[]
  /** Revisions of other branches that must come before it. */
  depends: string[]
  class: MigrationClass
  /** First line of its docstring. */
  title: string
}

/** What an upgrade to the newest revision has to do. */
export interface MigrationPlan {
  /** Revision that the database has; "" for an empty one, several parted by commas where branches wait for their merge. */
  from: string
  /** Newest revision that the release knows. */
  to: string
  /** Oldest first. */
  steps: Revision[]
}

/** Several revisions that one database has, as one word; none of them holds a comma. */
export const atRevisions = (current: string[]) => current.toSorted().join(",")

const revisionsOf = (database: string) => (database === "" ? [] : database.split(","))

/** The one revision that no other builds on. Throws when there are two heads, or none. @param folders that were read, for that message */
export function headOf(revisions: Revision[], folders: string[] = []): string {
  const built = new Set(revisions.flatMap(({ down }) => down))
  const heads = revisions.map(({ revision }) => revision).filter((revision) => !built.has(revision))
  if (heads.length !== 1 || !heads[0]) throw noHead(heads, folders)
  return heads[0]
}

/** The revisions after `database` up to `head`, oldest first. Throws when the database is at a revision that none of them leads to. */
export function stepsBetween(revisions: Revision[], database: string, head: string): Revision[] {
  const byName = new Map(revisions.map((one) => [one.revision, one]))
  const current = revisionsOf(database)
  if (current.some((name) => !byName.has(name))) throw unknownDatabaseRevision(database, head)
  const has = ancestors(byName, current)
  const steps: Revision[] = []
  const visit = (name: string) => {
    const one = byName.get(name)
    if (!one || has.has(name)) return
    has.add(name)
    for (const below of [...one.down, ...one.depends]) visit(below)
    steps.push(one)
  }
  visit(head)
  return steps
}

function ancestors(byName: Map<string, Revision>, from: string[]): Set<string> {
  const seen = new Set<string>()
  const left = [...from]
  for (let name = left.pop(); name !== undefined; name = left.pop()) {
    if (seen.has(name)) continue
    seen.add(name)
    const one = byName.get(name)
    left.push(...(one?.down ?? []), ...(one?.depends ?? []))
  }
  return seen
}

/**
 * Whether a plan may run while the version before still reads the database. Throws when a step takes something away and
 * `allowed` gives no reason.
 */
export function mayMigrate(plan: MigrationPlan, allowed: string): void {
  const harmful = plan.steps.filter(
    (step) => step.class === MigrationClass.Contract || step.class === MigrationClass.Irreversible,
  )
  // An empty database has no readers.
  if (harmful.length > 0 && plan.from !== "" && allowed.trim() === "")
    throw contractNotAllowed(harmful.map((step) => `${step.revision} (${step.class})`))
}

/** A plan in a line: `0002 → 0003: 0003 expand, Record which model wrote an answer`. */
export function describedPlan({ from, to, steps }: MigrationPlan): string {
  if (steps.length === 0) return `at ${to}, nothing to do`
  return `${from || "empty"} → ${to}: ${steps.map((step) => `${step.revision} ${step.class}`).join(", ")}`
}

/** What a version that knows `known` makes of a database; `newest` are the revisions of a version that knows the database's own. */
export function schemaState(database: string, known: Revision[], newest: Revision[]): SchemaState {
  const names = known.map(({ revision }) => revision)
  const missing = revisionsOf(database)
    .flatMap((one) => stepsBetween(newest, "", one))
    .filter(
      (step, at, all) => !names.includes(step.revision) && all.findIndex((it) => it.revision === step.revision) === at,
    )
  return { database, known: names, between: missing.map((step) => ({ revision: step.revision, class: step.class })) }
}
