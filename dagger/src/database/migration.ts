import { brokenRevisionFile, contractNotAllowed, noHead, unknownDatabaseRevision } from "./errors.js"
import { MigrationClass, type SchemaState } from "./schema.js"

/** One step of the schema, as its Alembic revision file tells it. */
export interface Revision {
  revision: string
  /** The revisions it builds on; none for the first. */
  down: string[]
  class: MigrationClass
  /** First line of its docstring. */
  title: string
}

/** What an upgrade to the newest revision has to do. */
export interface MigrationPlan {
  /** Revision that the database has; "" for an empty one. */
  from: string
  /** Newest revision that the release knows. */
  to: string
  /** Oldest first. */
  steps: Revision[]
}

/**
 * Reads a revision file's own constants; the file is never run.
 * A file without `deployment_class` counts as irreversible: nothing is known of it. https://alembic.sqlalchemy.org/en/latest/tutorial.html
 */
export function readRevision(file: string, text: string): Revision {
  const value = (name: string) => new RegExp(`^${name}\\s*(?::[^=\\n]*)?=\\s*(.+)$`, "m").exec(text)?.[1]?.trim() ?? ""
  const strings = (source: string) => [...source.matchAll(/["']([^"']*)["']/g)].map(([, found = ""]) => found)
  const [revision] = strings(value("revision"))
  if (!revision) throw brokenRevisionFile(file, "it has no `revision`")
  const [named] = strings(value("deployment_class"))
  const known = Object.values(MigrationClass).find((one) => one === named)
  if (named !== undefined && !known)
    throw brokenRevisionFile(
      file,
      `its deployment_class ${JSON.stringify(named)} is none of ${Object.values(MigrationClass).join(", ")}`,
    )
  const title = /^\s*(?:"""|''')\s*(.*?)\s*(?:"""|'''|$)/m.exec(text)?.[1] ?? ""
  return { revision, down: strings(value("down_revision")), class: known ?? MigrationClass.Irreversible, title }
}

/** The one revision that no other builds on. Throws when there are two heads, or none. */
export function headOf(revisions: Revision[]): string {
  const built = new Set(revisions.flatMap(({ down }) => down))
  const heads = revisions.map(({ revision }) => revision).filter((revision) => !built.has(revision))
  if (heads.length !== 1 || !heads[0]) throw noHead(heads)
  return heads[0]
}

/** The revisions after `database` up to `head`, oldest first. Throws when the database is at a revision that none of them leads to. */
export function stepsBetween(revisions: Revision[], database: string, head: string): Revision[] {
  const byName = new Map(revisions.map((one) => [one.revision, one]))
  if (database !== "" && !byName.has(database)) throw unknownDatabaseRevision(database, head)
  const has = ancestors(byName, database)
  const steps: Revision[] = []
  const visit = (name: string) => {
    const one = byName.get(name)
    if (!one || has.has(name)) return
    has.add(name)
    one.down.forEach(visit)
    steps.push(one)
  }
  visit(head)
  return steps
}

function ancestors(byName: Map<string, Revision>, from: string): Set<string> {
  const seen = new Set<string>()
  const left = from === "" ? [] : [from]
  for (let name = left.pop(); name !== undefined; name = left.pop()) {
    if (seen.has(name)) continue
    seen.add(name)
    left.push(...(byName.get(name)?.down ?? []))
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
  const missing = stepsBetween(newest, "", database).filter(({ revision }) => !names.includes(revision))
  return { database, known: names, between: missing.map((step) => ({ revision: step.revision, class: step.class })) }
}
