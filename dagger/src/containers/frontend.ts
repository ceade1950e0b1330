import { CacheSharingMode, type Container, type Directory, dag } from "@dagger.io/dagger"
import { lockFileMissing, lockFileOutOfStep, noTestScript, npmFailed } from "../errors.js"
import { type Ran, ran } from "./exec.js"

/** Node.js 24 on Debian. */
const node = "node:24-slim"

/**
 * The frontend with its packages installed; lock file first, so that an edit of a page reuses the install.
 * Install scripts of packages don't run. Throws when the lock file is missing or out of step with package.json.
 */
export async function installed(source: Directory): Promise<Container> {
  const names = await source.entries()
  if (!names.includes("package-lock.json")) throw lockFileMissing("package-lock.json")
  const manifests = ["package.json", "package-lock.json", ".npmrc"].filter((name) => names.includes(name))
  const bare = dag
    .container()
    .from(node)
    .withMountedCache("/root/.npm", dag.cacheVolume("npm"), { sharing: CacheSharingMode.Shared })
    .withEnvVariable("CI", "true")
    .withWorkdir("/site")
  const described = manifests.reduce((container, name) => container.withFile(name, source.file(name)), bare)
  const install = await ran(described, ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"])
  if (install.code !== 0) {
    throw /in sync|from lock file/.test(install.stderr)
      ? lockFileOutOfStep("package-lock.json", install.stderr)
      : npmFailed("npm ci", install.stderr)
  }
  return install.container.withDirectory(".", source)
}

/** The scripts of package.json; throws when there is no `test` among them. */
export async function scripts(source: Directory): Promise<Record<string, string>> {
  const manifest = JSON.parse(await source.file("package.json").contents()) as { scripts?: Record<string, string> }
  if (!manifest.scripts?.test) throw noTestScript()
  return manifest.scripts
}

/** `npm test`, with what it wrote. */
export async function tests(source: Directory, report: { junit: string; coverage: string }): Promise<Ran> {
  await scripts(source)
  // A report that came with the sources must not pass for one of this run.
  const fresh = (await installed(source)).withoutFiles([report.junit, report.coverage])
  return ran(fresh, ["npm", "test"])
}

/** `npm run lint`, then `npm run typecheck`, where package.json has them; what was said of both. */
export async function lint(source: Directory): Promise<Ran[]> {
  const known = await scripts(source)
  const ready = await installed(source)
  return Promise.all(
    ["lint", "typecheck"].filter((name) => known[name]).map((name) => ran(ready, ["npm", "run", "--silent", name])),
  )
}

/** The site as `npm run build` makes it; `commit` is what it says of itself in version.json. */
export async function build(source: Directory, commit: string, output: string): Promise<Directory> {
  const built = await ran((await installed(source)).withEnvVariable("COMMIT", commit), ["npm", "run", "build"])
  if (built.code !== 0) throw npmFailed("npm run build", built.stderr || built.stdout)
  return built.container.directory(output)
}
