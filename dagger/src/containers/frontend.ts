import { CacheSharingMode, type Container, type Directory, dag } from "@dagger.io/dagger"
import { type Licensed, npmLicences } from "../checks/licences.js"
import { lockFiles, type PackageManager, packageManager } from "../checks/package-manager.js"
import { jestReporter, type ReportPaths, Runner, reportArguments, testScript } from "../checks/test-runner.js"
import { licencesUnknown, lockFileMissing, lockFileOutOfStep, manifestMissing, npmFailed } from "../errors.js"
import { type Ran, ran } from "./exec.js"

/** Node.js 24 on Debian. */
const node = "node:24-slim"
const folder = "/site"

interface Manifest {
  scripts: Record<string, string>
  /** Such as `pnpm@9.1.0`. */
  packageManager: string
}

/** A frontend with its packages and sources in place. */
export interface Installed {
  container: Container
  manager: PackageManager
  scripts: Record<string, string>
}

/**
 * Installs the packages by the lock file, before the sources come, so that an edit of a page reuses them.
 * Install scripts of packages don't run, the project's own do. Throws when the lock file is missing or out of step with package.json.
 */
export async function installed(source: Directory): Promise<Installed> {
  const { scripts, manager, names } = await described(source)
  const bare = Object.entries({ ...manager.env, CI: "true" })
    .reduce((container, [name, value]) => container.withEnvVariable(name, value), dag.container().from(node))
    .withMountedCache("/root/.npm", dag.cacheVolume("npm"), { sharing: CacheSharingMode.Shared })
    .withWorkdir(folder)
  const equipped = manager.itself ? await withManager(bare, manager) : bare
  const manifests = ["package.json", manager.lockFile, ...manager.settings].filter((name) => names.includes(name))
  const ready = manifests.reduce((container, name) => container.withFile(name, source.file(name)), equipped)
  const install = await ran(ready, manager.install)
  if (install.code !== 0) {
    const said = `${install.stdout}\n${install.stderr}`
    throw manager.outOfStep.test(said)
      ? lockFileOutOfStep(manager.lockFile, said, manager.install.slice(0, 2).join(" "))
      : npmFailed(manager.install.slice(0, 2).join(" "), said)
  }
  let container = install.container.withDirectory(".", source)
  // The install ran without scripts; these are the project's own, and Nuxt or SvelteKit make files in them that the rest needs.
  for (const name of ["postinstall", "prepare"]) {
    if (scripts[name]) container = await succeed(container, ["npm", "run", name])
  }
  return { container, manager, scripts }
}

/** `npm test`, asked for both reports where the runner is known; `undefined`, without waiting for the packages, when there is no such script. */
export async function tests(
  source: Directory,
  report: ReportPaths,
  site = installed(source),
): Promise<Ran | undefined> {
  // What the install fails with is told by whoever waits for it.
  site.catch(() => {})
  if (!(await manifestOf(source)).scripts.test) return undefined
  const { container, manager, scripts } = await site
  // A report that came with the sources must not pass for one of this run.
  const fresh = container.withoutFiles([report.junit, report.coverage])
  const { script, runner } = testScript(scripts)
  // Absolute, because runners count from a root of their own choice.
  const absolute = { junit: `${folder}/${report.junit}`, coverage: `${folder}/${report.coverage}` }
  const flags = reportArguments(runner, scripts[script] ?? "", absolute)
  const equipped = flags.length === 0 ? fresh : await withReporters(fresh, runner, manager, absolute)
  return ran(equipped, script === "test" ? ["npm", "test", ...after(flags)] : ["npm", "run", script, ...after(flags)])
}

/** `npm run lint` and `npm run typecheck`, where package.json has them; what was said of both. */
export async function lint(source: Directory, site = installed(source)): Promise<Ran[]> {
  const { container, scripts } = await site
  return Promise.all(
    ["lint", "typecheck"]
      .filter((name) => scripts[name])
      .map((name) => ran(container, ["npm", "run", "--silent", name])),
  )
}

/** Packages that the site is made of. Only npm's own lock file tells their licences. */
export async function licences(source: Directory): Promise<Licensed[]> {
  const { manager } = await described(source)
  if (manager.name !== "npm") throw licencesUnknown(manager.lockFile)
  return npmLicences(await source.file(manager.lockFile).contents(), manager.lockFile)
}

/** The site as `npm run build` makes it; `commit` is what it says of itself in version.json. */
export async function build(source: Directory, commit: string, output: string): Promise<Directory> {
  const { container } = await installed(source)
  const built = await succeed(container.withEnvVariable("COMMIT", commit), ["npm", "run", "build"])
  return built.directory(output)
}

/** npm comes with the image; it brings the others. */
async function withManager(container: Container, { itself, name, cache }: PackageManager): Promise<Container> {
  const install = ["npm", "install", "--global", "--no-audit", "--no-fund", itself]
  return (await succeed(container, install)).withMountedCache(cache, dag.cacheVolume(name), {
    sharing: CacheSharingMode.Shared,
  })
}

/** What the runner needs for the reports and the project may lack. */
async function withReporters(
  container: Container,
  runner: Runner,
  manager: PackageManager,
  report: ReportPaths,
): Promise<Container> {
  if (runner === Runner.Jest) {
    return container
      .withFile(jestReporter, dag.currentModule().source().file("assets/jest-junit.cjs"))
      .withEnvVariable("JUNIT_REPORT", report.junit)
  }
  const packages = container.directory("node_modules")
  const found = await packages.glob("@vitest/coverage-*/package.json")
  if (found.length > 0) return container
  const { version } = JSON.parse(await packages.file("vitest/package.json").contents()) as { version: string }
  // Vitest takes only a provider of its own version.
  return succeed(container, [...manager.add, `@vitest/coverage-v8@${version}`])
}

async function described(source: Directory): Promise<Manifest & { manager: PackageManager; names: string[] }> {
  const [names, manifest] = await Promise.all([source.entries(), manifestOf(source)])
  const lockFile = lockFiles.find((name) => names.includes(name))
  if (!lockFile) throw lockFileMissing("package-lock.json")
  const lock = /^(?:pnpm|yarn)/.test(lockFile) ? await source.file(lockFile).contents() : ""
  return { ...manifest, manager: packageManager(lockFile, lock, manifest.packageManager), names }
}

async function manifestOf(source: Directory): Promise<Manifest> {
  const text = await source
    .file("package.json")
    .contents()
    .catch(() => {
      throw manifestMissing("package.json")
    })
  try {
    const { scripts = {}, packageManager: wanted = "" } = JSON.parse(text) as Partial<Manifest>
    return { scripts, packageManager: wanted }
  } catch {
    throw manifestMissing("package.json")
  }
}

async function succeed(container: Container, args: string[]): Promise<Container> {
  const done = await ran(container, args)
  if (done.code !== 0) throw npmFailed(args.slice(0, 3).join(" "), done.stderr || done.stdout)
  return done.container
}

const after = (flags: string[]) => (flags.length === 0 ? [] : ["--", ...flags])
