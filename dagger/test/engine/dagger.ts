import { type ChildProcess, spawn } from "node:child_process"
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { networkInterfaces, tmpdir } from "node:os"
import { basename, join } from "node:path"

export const repository = join(import.meta.dirname, "../../..")

export interface Called {
  code: number
  stdout: string
  /** The error alone, without the engine's trace. */
  error: string
}

/** Runs `dagger call …` as a developer types it. */
export function call(
  args: string[],
  { cwd = repository, env = {} as Record<string, string>, started = (_: ChildProcess) => {} } = {},
): Promise<Called> {
  return run(["call", "--silent", ...args], cwd, env, "", started)
}

/** Dagger 0.21.8 now and then loses the module's sources while it loads them beside another call; nothing of the module has run then. */
const lostSources = /failed to load local module source context: \w+: not found/

/** Runs the command line; again, three times at most, when the engine lost the sources before it began. */
export async function run(
  args: string[],
  cwd: string,
  env: Record<string, string> = {},
  input = "",
  started = (_: ChildProcess) => {},
): Promise<Called> {
  for (let attempt = 1; ; attempt++) {
    const called = await once(args, cwd, env, input, started)
    if (called.code === 0 || attempt === 3 || !lostSources.test(called.error)) return called
    console.warn(`the engine lost the module's sources, run again: dagger ${args.slice(0, 3).join(" ")}`)
  }
}

function once(
  args: string[],
  cwd: string,
  env: Record<string, string>,
  input: string,
  started: (child: ChildProcess) => void,
): Promise<Called> {
  return new Promise((resolve, reject) => {
    const child = spawn("dagger", args, { cwd, env: { ...process.env, ...env }, stdio: "pipe" })
    started(child)
    child.stdin.end(input)
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on("data", (data: Buffer) => out.push(data))
    child.stderr.on("data", (data: Buffer) => err.push(data))
    child.on("error", reject)
    child.on("close", (code) =>
      resolve({
        code: code ?? -1,
        stdout: Buffer.concat(out).toString(),
        error: Buffer.concat(err)
          .toString()
          .replace(/ \[traceparent:[0-9a-f-]+\]/g, "")
          // A clone's origin is a folder here.
          .replace(/^.* WARN failed to parse git remote URL .*\n\n*/gm, ""),
      }),
    )
  })
}

/** A copy of a folder of this repository that a test may break. */
export function copyOf(folder: string) {
  const path = mkdtempSync(join(tmpdir(), `${basename(folder)}-`))
  const heavy = /(?:^|\/)(?:node_modules|build|\.docusaurus|coverage|\.venv|__pycache__)(?:\/|$)/
  cpSync(join(repository, folder), path, {
    recursive: true,
    filter: (source) => !heavy.test(source.slice(repository.length)),
  })
  return {
    path,
    edit(file: string, change: (text: string) => string) {
      writeFileSync(join(path, file), change(readFileSync(join(path, file), "utf8")))
    },
    write: (file: string, text: string) => writeFileSync(join(path, file), text),
    remove: (file: string) => rmSync(join(path, file), { recursive: true }),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  }
}

/** The repository's settings, changed; in a file of its own. */
export function settingsFile(change: (settings: Record<string, unknown>) => Record<string, unknown>) {
  const folder = mkdtempSync(join(tmpdir(), "settings-"))
  const path = join(folder, "delivery.json")
  const own = JSON.parse(readFileSync(join(repository, "delivery.json"), "utf8")) as Record<string, unknown>
  writeFileSync(path, JSON.stringify(change(own)))
  return { path, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) }
}

/** This machine's address on the engine's own network, where its containers reach a stand-in. */
export function hostAddress(): string {
  const bridge = process.env.DAGGER_ENGINE_NETWORK_NAME ?? "dagger"
  for (const name of [`${bridge}0`, "docker0"]) {
    const address = networkInterfaces()[name]?.find(({ family }) => family === "IPv4")?.address
    if (address) return address
  }
  throw new Error("no network of the engine is up: is an engine running on this machine?")
}
