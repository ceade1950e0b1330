import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { z } from "zod"
import type { Attempt, Closing, Ledger, Opening } from "../../lib/deployment/ledger.js"
import { storedAttempt } from "../../lib/deployment/stored-attempt.js"
import { Verdict } from "../../src/exposed-types.js"

const Entry = z.object({
  ...storedAttempt,
  entry: z.string(),
  component: z.string(),
  environment: z.string(),
  commit: z.string(),
  endedAt: z.string(),
  verdict: z.enum(Verdict).optional(),
  reason: z.string(),
})

/** The ledger as one JSON file for each attempt. */
export class LocalLedger implements Ledger {
  constructor(private readonly folder: string) {}

  async open(attempt: Opening): Promise<string> {
    await mkdir(this.folder, { recursive: true })
    // Names sort in the order of opening, whatever the clocks say; the end keeps two environments apart.
    const count = (await this.names()).length
    const entry = `${String(count + 1).padStart(6, "0")}-${attempt.component}-${attempt.environment}-${Math.random().toString(36).slice(2, 8)}`
    await this.write({ ...attempt, entry, endedAt: "", verdict: undefined, reason: "" })
    return entry
  }

  async close(entry: string, closing: Closing): Promise<void> {
    await this.write({ ...(await this.read(`${entry}.json`)), ...closing })
  }

  async list(component: string, environment: string): Promise<Attempt[]> {
    const names = (await this.names()).sort().reverse()
    const attempts = await Promise.all(names.map((name) => this.read(name)))
    return attempts.filter((attempt) => attempt.component === component && attempt.environment === environment)
  }

  private async names(): Promise<string[]> {
    return (await readdir(this.folder).catch(() => [])).filter((name) => name.endsWith(".json"))
  }

  private async read(name: string): Promise<Attempt> {
    const { verdict, ...rest } = Entry.parse(JSON.parse(await readFile(join(this.folder, name), "utf8")))
    return { ...rest, verdict }
  }

  /** Moved into place complete: a killed writer leaves the old entry, not a part of a new one. */
  private async write(attempt: Attempt): Promise<void> {
    const path = join(this.folder, `${attempt.entry}.json`)
    const draft = `${path}.${process.pid}`
    await writeFile(draft, `${JSON.stringify(attempt, null, 2)}\n`)
    await rename(draft, path)
  }
}
