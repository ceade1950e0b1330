import type { Container, Directory } from "@dagger.io/dagger"
import type { SlowStep } from "../cache/slow-step.js"
import { noBuildScript, outputMissing } from "../checks/errors.js"
import { doesMore, withoutGitHooks } from "../checks/git-hooks.js"
import { installScriptsNeeded, licencesUnknown, npmFailed } from "../checks/install-errors.js"
import { type Licensed, npmLicences } from "../checks/licences.js"
import {
  missesInstallScript,
  type PackageManager,
  scriptCommand,
  withInstallScripts,
} from "../checks/package-manager.js"
import type { PackageManifest } from "../checks/package-manifest.js"
import { siteLinters } from "../checks/site-linters.js"
import type { FrontendSettings } from "../settings/settings-types.js"
import type { SiteNotes } from "../site/netlify-rules.js"
import { type Ran, ranSlowly, type SlowRan } from "./exec.js"
import { noPointers } from "./lfs-pointers.js"
import { type PackageSource, take } from "./packages.js"
import { builtFiles, netlifyRules, withNetlifyRules } from "./site-files.js"
import { described, manifestOf, withCaches } from "./site-packages.js"
import type { Around } from "./sources.js"
import { withVariables } from "./system.js"

/** A frontend with its packages and sources in place. */
export interface Installed {
  container: Container
  manager: PackageManager
  manifest: PackageManifest
  /** Files and folders beside its package.json. */
  names: string[]
  /** Folder of the sources in the container: that of the lock file, or in a workspace one below it. */
  workdir: string
  lockText: () => Promise<string>
  /** Where the packages came from, for the summary; "" where no cache was asked. */
  packages: string
  /** What the install did, or a cache spared it. */
  steps: SlowStep[]
}

/**
 * Installs the packages by the lock file, before the sources come, so that an edit of a page reuses them.
 * Install scripts run of those packages alone that the settings name; the project's own run. Throws when the lock file is missing or out
 * of step with package.json.
 * @param around where a workspace's lock file, and a release of Node.js, are looked for above `settings.source`.
 * @param cache where the packages may be already.
 */
export async function installed(
  source: Directory,
  settings: FrontendSettings,
  around: Around = {},
  cache?: PackageSource,
): Promise<Installed> {
  const { manifest, manager, own, root, at, workdir, packages } = await described(source, settings, around)
  const taken = await take(packages, cache)
  const container = withCaches(taken.container, manager).withDirectory(at, root).withWorkdir(workdir)
  const site: Installed = {
    container: withVariables(container, settings.env),
    manager,
    manifest,
    names: own,
    workdir,
    lockText: () => root.file(manager.lockFile).contents(),
    packages: taken.told,
    steps: [stepOf("packages", taken.origin)],
  }
  // The install ran without scripts; these are the project's own, and Nuxt or SvelteKit make files in them that the rest needs.
  const changed = withoutGitHooks(manifest.text)
  for (const name of ["postinstall", "prepare"]) {
    if (!doesMore(manifest.scripts[name] ?? "")) continue
    const ready = changed === manifest.text ? site.container : site.container.withNewFile("package.json", changed)
    const done = await scriptSucceeds({ ...site, container: ready }, name, settings)
    const after = done.container
    site.container = changed === manifest.text ? after : after.withNewFile("package.json", manifest.text)
    site.steps.push(stepOf(name, done.origin))
  }
  return site
}

/** The project's scripts that look at its sources; what was said of each, and which linters none of them runs. */
export async function lint({
  container,
  manager,
  manifest,
  names,
}: Installed): Promise<{ runs: Ran[]; notRun: string[]; steps: SlowStep[] }> {
  const { scripts, notRun } = siteLinters(manifest.scripts, names, manifest.text)
  const runs = await Promise.all(
    scripts.map((name) => ranSlowly(container, scriptCommand(manager, name, [], "--silent"))),
  )
  return { runs, notRun, steps: scripts.flatMap((name, at) => (runs[at] ? stepOf(name, runs[at].origin) : [])) }
}

const stepOf = (name: string, origin: SlowStep["origin"]): SlowStep => ({ component: "frontend", name, origin })

/** Packages that the site is made of. Only npm's own lock file tells their licences. */
export async function licences(
  source: Directory,
  settings: FrontendSettings,
  around: Around = {},
): Promise<Licensed[]> {
  const { manager, root } = await described(source, settings, around)
  if (manager.name !== "npm") throw licencesUnknown(manager.lockFile)
  return npmLicences(await root.file(manager.lockFile).contents(), manager.lockFile)
}

/** A site as it is uploaded. */
export interface Built {
  site: Directory
  /** Addresses of the builder's own machine that its programs name. */
  local: string[]
  notes: SiteNotes
  steps: SlowStep[]
}

/**
 * The site as its `build` script makes it: links have become what they point to, and what netlify.toml says is in its `_redirects` and
 * `_headers`. What can't be uploaded as it is, is refused; before the build, where the sources show it.
 * @param commit what the site says of itself in version.json.
 */
export async function build(
  source: Directory,
  commit: string,
  settings: FrontendSettings,
  around: Around = {},
): Promise<Built> {
  const { scripts } = await manifestOf(source)
  const script = settings.buildScript
  if (!scripts[script]) throw noBuildScript(script, Object.keys(scripts))
  const [ready, rules] = await Promise.all([
    installed(source, settings, around),
    netlifyRules(source, settings, around.repository),
    noPointers(source, "the site's source", "node:24-slim"),
  ])
  const named = { ...ready, container: ready.container.withEnvVariable("COMMIT", commit) }
  const done = await scriptSucceeds(named, script, settings)
  const files = await builtFiles(done.container, settings.output)
  if ("missing" in files) throw outputMissing(settings.output, files.missing)
  const { site, notes } = await withNetlifyRules(files.site, rules, settings)
  const versionAdded = !(await site.entries()).includes("version.json")
  return {
    site: versionAdded ? site.withNewFile("version.json", `${JSON.stringify({ commit })}\n`) : site,
    local: files.facts.local,
    steps: [...ready.steps, stepOf("build", done.origin)],
    notes: {
      done: [
        ...files.notes,
        ...notes.done,
        ...(versionAdded ? ["the build made no version.json: added one with the commit"] : []),
      ],
      doubts: notes.doubts,
    },
  }
}

/** A script of the project that must succeed. */
async function scriptSucceeds(site: Installed, script: string, settings?: FrontendSettings): Promise<SlowRan> {
  const { container, manager, lockText } = site
  const command = scriptCommand(manager, script)
  const done = await ranSlowly(container, command)
  if (done.code === 0) return done
  const said = `${done.stdout}\n${done.stderr}`
  const packages = missesInstallScript(said) ? await withoutTheirScripts(manager, lockText, settings) : []
  throw packages.length > 0
    ? installScriptsNeeded(command.join(" "), packages, said)
    : npmFailed(command.join(" "), done.stderr || done.stdout)
}

/** Packages whose install scripts the settings leave out, as far as the lock file knows them. */
export async function withoutTheirScripts(
  { name }: PackageManager,
  lockText: () => Promise<string>,
  settings?: FrontendSettings,
): Promise<string[]> {
  const known = name === "npm" ? withInstallScripts(await lockText()) : []
  return known.filter((it) => !settings?.installScripts.includes(it))
}
