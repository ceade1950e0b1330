/** What a migration does to a version that does not know it. */
export enum MigrationClass {
  /** Only adds: older versions go on working. */
  Expand = "expand",
  /** Takes away or renames what older versions use. */
  Contract = "contract",
  /** Changes rows; whether older versions can read them is not known. */
  Data = "data",
  /** Destroys what no downgrade brings back. */
  Irreversible = "irreversible",
}

/** The database, and what one version makes of it. */
export interface SchemaState {
  /** Revision that the database has now; "" for an empty one, several parted by commas. */
  database: string
  /** Revisions that the version to go back to knows. */
  known: string[]
  /** Revisions that the database has and that version does not know, oldest first. */
  between: { revision: string; class: MigrationClass }[]
}

/**
 * Why a version cannot work with the database as it is, or "". It can when it knows the database's revision, or when everything
 * that came after it only added.
 */
export function schemaConflict({ database, known, between }: SchemaState): string {
  const current = database === "" ? [] : database.split(",")
  if (current.every((one) => known.includes(one))) return ""
  const told = between.map(({ revision }) => revision)
  if (!current.every((one) => known.includes(one) || told.includes(one)))
    return `the database is at revision ${database}, and how it got there is not known`
  const harmful = between.filter((step) => step.class !== MigrationClass.Expand)
  if (harmful.length === 0) return ""
  const list = harmful.map((step) => `${step.revision} (${step.class})`).join(", ")
  return `the database is at revision ${database}; since then it was changed by ${list}, which that version does not know`
}
