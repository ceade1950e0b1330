import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { networkInterfaces, tmpdir } from "node:os"
import { dirname, join, resolve } from "node:path"
import { promisify } from "node:util"

const execute = promisify(execFile)

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

const ofConstructor =
  /^--(?:settings|github-token|slack-webhook|registry-(?:user|token|service)|signing-key|scan-database(?:-service)?|database-service|actor|run)=/

/** The words of a call: flags of the module itself come before the function, such as `backend deploy`, its own after it. */
export const words = (name: string, flags: string[]): string[] => [
  ...flags.filter((flag) => ofConstructor.test(flag)),
  ...name.split(" "),
  ...flags.filter((flag) => !ofConstructor.test(flag)),
]

/** Dagger 0.21.8 now and then loses the module's or the caller's files while it loads them beside another call; nothing has been done then. */
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

const once = (
  args: string[],
  cwd: string,
  env: Record<string, string>,
  input: string,
  started: (child: ChildProcess) => void,
): Promise<Called> => program("dagger", args, cwd, env, input, started)

/** Runs a line with calls in it, as a shell reads it. */
export const inShell = (line: string, cwd: string, env: Record<string, string> = {}): Promise<Called> =>
  program("bash", ["--noprofile", "--norc", "-c", line], cwd, env)

function program(
  name: string,
  args: string[],
  cwd: string,
  env: Record<string, string>,
  input = "",
  started: (child: ChildProcess) => void = () => {},
): Promise<Called> {
  return new Promise((resolve, reject) => {
    const child = spawn(name, args, { cwd, env: { ...process.env, ...env }, stdio: "pipe" })
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

/**
 * What a test's project is made of: folders that are copied to `frontend/` and `backend/`, or a whole one with settings of its own;
 * a relative one is this repository's.
 */
export interface Folders {
  frontend?: string
  backend?: string
  "."?: string
}

export type Project = ReturnType<typeof project>

/** The fewest settings that describe these components. */
const described = ({ frontend, backend }: Folders) => ({
  project: { title: "Test", source: "https://github.com/acme/test" },
  ...(backend !== undefined && { image: { repository: "registry:5000/acme/backend" } }),
  environments: {
    staging: {
      branch: "staging",
      ...(frontend !== undefined && { frontend: { site: "acme-test" } }),
      ...(backend !== undefined && { backend: { space: "acme/test" } }),
    },
  },
})

/** A repository of its own that has never heard of the module, with copies that a test may break, and one commit. */
export function project(folders: Folders, settings: object = {}) {
  const path = mkdtempSync(join(tmpdir(), "project-"))
  const heavy = /(?:^|\/)(?:node_modules|build|\.docusaurus|coverage|\.venv|__pycache__)(?:\/|$)/
  for (const [name, folder] of Object.entries(folders)) {
    const from = resolve(repository, folder)
    cpSync(from, join(path, name), { recursive: true, filter: (source) => !heavy.test(source.slice(from.length)) })
  }
  const write = (file: string, text: string | Buffer) => {
    mkdirSync(dirname(join(path, file)), { recursive: true })
    writeFileSync(join(path, file), text)
  }
  if (!folders["."]) write("delivery.json", JSON.stringify({ ...described(folders), ...settings }))
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=test", "-c", "user.email=test@example.com", ...args], {
      cwd: path,
      encoding: "utf8",
    }).trim()
  const commit = (message: string) => {
    git("add", "--all")
    git("commit", "--quiet", "--allow-empty", "--message", message)
    return git("rev-parse", "HEAD")
  }
  git("init", "--quiet", "--initial-branch=main")
  commit("a project")
  return {
    path,
    git,
    commit,
    write,
    edit: (file: string, change: (text: string) => string) =>
      write(file, change(readFileSync(join(path, file), "utf8"))),
    remove: (file: string) => rmSync(join(path, file), { recursive: true }),
    /** Runs a command in the project, such as one that writes a lock file. */
    run: (command: string) => execute("sh", ["-c", command], { cwd: path }),
    /** Calls this repository's module from the project, as its owner would. */
    call: (args: string[], env: Record<string, string> = {}) => call(["-m", repository, ...args], { cwd: path, env }),
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

/** Where pip itself looks for packages, by its own configuration. */
export const packageIndex = () =>
  execFileSync(
    "python3",
    [
      "-c",
      "import subprocess; from pip._internal.models.index import PyPI; asked = subprocess.run(['pip', 'config', 'get', 'global.index-url'], capture_output=True, text=True).stdout.strip(); print(asked or PyPI.simple_url)",
    ],
    { encoding: "utf8" },
  ).trim()
