import { link, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import type { LeaseRecord, LeaseStore } from "../../lib/deployment/lock.js"
import { leaseFrom } from "../../lib/deployment/stored-lease.js"

/** Locks as files of one folder. Each version is a separate file; two cannot have one name. */
export class LocalLocks implements LeaseStore {
  constructor(private readonly folder: string) {}

  by = () => this

  async read(lock: string): Promise<{ record: LeaseRecord; version: string } | undefined> {
    const newest = (await this.versions(lock)).at(-1)
    if (newest === undefined) return undefined
    const text = await readFile(this.path(lock, newest), "utf8")
    return { record: leaseFrom(text), version: String(newest) }
  }

  async write(lock: string, record: LeaseRecord, over: string | undefined): Promise<boolean> {
    await mkdir(this.folder, { recursive: true })
    const versions = await this.versions(lock)
    if (over !== undefined && Number(over) !== versions.at(-1)) return false
    const next = Number(over ?? 0) + 1
    // Written completely under a temporary name first: a killed writer leaves no partial record under the lock's name.
    const draft = join(this.folder, `${lock}.draft-${process.pid}-${Math.random().toString(36).slice(2)}`)
    await writeFile(draft, JSON.stringify(record))
    try {
      await link(draft, this.path(lock, next))
    } catch (failure) {
      if ((failure as { code?: string }).code === "EEXIST") return false
      throw failure
    } finally {
      await rm(draft, { force: true })
    }
    // Two versions stay, so that a reader that listed the folder can still read what it found.
    await Promise.all(versions.slice(0, -1).map((old) => rm(this.path(lock, old), { force: true })))
    return true
  }

  private path = (lock: string, version: number) => join(this.folder, `${lock}.lock-${version}`)

  private async versions(lock: string): Promise<number[]> {
    const names = await readdir(this.folder).catch(() => [])
    const prefix = `${lock}.lock-`
    return names
      .filter((name) => name.startsWith(prefix))
      .map((name) => Number(name.slice(prefix.length)))
      .sort((a, b) => a - b)
  }
}
