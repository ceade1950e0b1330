import { createHash } from "node:crypto"
import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { notTheSameSite } from "../deployment-errors.js"

/** Told to the host or written by the deployer, so it is no part of what was built. */
const ownToEach = new Set(["config.json", "_headers", "_redirects"])

/** Confirms that an address serves a built site byte for byte. Throws with the first files that differ. */
export async function mustBeServed(folder: string, url: string): Promise<void> {
  const { request } = await import("undici")
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((path) => !ownToEach.has(path))
  const differing: string[] = []
  const compare = async (path: string) => {
    // A page is asked for as visitors do.
    const address = new URL(path.replace(/(^|\/)index\.html$/, "$1"), `${url.replace(/\/$/, "")}/`)
    const answer = await request(address, { signal: AbortSignal.timeout(30_000) })
    const served = Buffer.from(await answer.body.arrayBuffer())
    if (answer.statusCode !== 200 || digest(served) !== digest(await readFile(join(folder, path)))) differing.push(path)
  }
  const queue = [...paths]
  const worker = async () => {
    for (let path = queue.pop(); path !== undefined; path = queue.pop()) await compare(path)
  }
  await Promise.all(Array.from({ length: 8 }, worker))
  if (differing.length > 0) throw notTheSameSite(url, differing.sort())
}

const digest = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex")
