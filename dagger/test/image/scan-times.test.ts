import { expect, it } from "vitest"
import { downloadedAt, scannedAt } from "../../lib/image/scan-times.js"

it("a scan has the time that Trivy writes into its report", () => {
  const report = '{"SchemaVersion":2,"CreatedAt":"2026-11-28T12:00:00.123456789Z","ArtifactName":"/image","Results":[]}'
  expect(scannedAt(report)).toBe(Date.UTC(2026, 10, 28, 12, 0, 0, 123))
})

it("a database has the time of its download, not of its making", () => {
  const metadata = '{"Version":2,"UpdatedAt":"2026-11-27T06:00:00Z","DownloadedAt":"2026-11-28T14:00:00.5+02:00"}'
  expect(downloadedAt(metadata)).toBe(Date.UTC(2026, 10, 28, 12, 0, 0, 500))
})

it.each([
  "",
  "{",
  "null",
  "[]",
  "{}",
  '{"CreatedAt":7}',
  '{"CreatedAt":"today"}',
  '{"CreatedAt":"0001-01-01T00:00:00Z"}',
])("nobody knows when a scan was whose report is %s", (report) => {
  expect(scannedAt(report)).toBeUndefined()
})
