/** When Trivy made a report, in milliseconds since 1970; `undefined` where it does not say. @param report with `--format json`. */
export const scannedAt = (report: string): number | undefined => timeAt(report, "CreatedAt")

/** When Trivy downloaded its database, in the same way. @param metadata the database's metadata.json. */
export const downloadedAt = (metadata: string): number | undefined => timeAt(metadata, "DownloadedAt")

function timeAt(text: string, key: string): number | undefined {
  try {
    const value: unknown = JSON.parse(text)
    const time = typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined
    const at = typeof time === "string" ? Date.parse(time) : Number.NaN
    // Go writes a time that nobody set as that of the year 1.
    return at > 0 ? at : undefined
  } catch {
    return undefined
  }
}
