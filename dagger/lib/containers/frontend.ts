import { CacheSharingMode, type Container, type Directory, dag } from "@dagger.io/dagger"
import { noBuildScript, outputMissing } from "../checks/errors.js"
import { nearestAbove } from "../checks/files-above.js"
import { doesMore, withoutGitHooks } from "../checks/git-hooks.js"
import {
  installScriptsNeeded,
  licencesUnknown,
  lockFileMissing,
  lockFileOutOfStep,
  manifestMissing,
  noSuchRelease,
  npmFailed,
} from "../checks/install-errors.js"
import { type Licensed, npmLicences } from "../checks/licences.js"
import {
  installFiles,
  lockFileOf,
  lockFiles,
  missesInstallScript,
  type PackageManager,
  packageManager,
  scriptCommand,
  withInstallScripts,
} from "../checks/package-manager.js"
import { type PackageManifest, packageManifest } from "../checks/package-manifest.js"
import { nodeFiles, nodeTag, pinnedNode } from "../checks/runtime-version.js"
import { siteLinters } from "../checks/site-linters.js"
import type { FrontendSettings } from "../settings/settings-types.js"
import type { SiteNotes } from "../site/netlify-rules.js"
import { type Ran, ran } from "./exec.js"
import { noPointers } from "./lfs-pointers.js"
import { filesNamedAbove } from "./named-above.js"
import { builtFiles, netlifyRules, withNetlifyRules } from "./site-files.js"
import { type Around, textsOf } from "./sources.js"
import { inImage, withSystemPackages, withVariables } from "./system.js"

/** Where the lock file's folder lies in the container. */
export const folder = "/site"

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
}

/**
 * Installs the packages by the lock file, before the sources come, so that an edit of a page reuses them.
 * Install scripts run of those packages alone that the settings name; the project's own run. Throws when the lock file is missing or out
 * of step with package.json.
 * @param around where a workspace's lock file, and a release of Node.js, are looked for above `settings.source`.
 */
export async function installed(
  source: Directory,
  settings: FrontendSettings,
  around: Around = {},
): Promise<Installed> {
  const { manifest, manager, tag, root, include, below, named, own } = await described(source, settings, around)
  const image = `node:${tag}`
  // What lies above is found from the component's own place.
  const at = named ? `${folder}/${settings.source}` : folder
  const empty = withVariables(dag.container().from(image), { ...manager.env, CI: "true" })
    .withMountedCache("/root/.npm", dag.cacheVolume("npm"), { sharing: CacheSharingMode.Shared })
    .withWorkdir(at)
  const bare = named ? empty.withDirectory(folder, named) : empty
  const install = await inImage(image, "frontend.node", async () => {
    const system = await withSystemPackages(bare, settings.systemPackages, "frontend.systemPackages")
    const equipped = manager.itself ? await withManager(system, manager) : system
    return ran(equipped.withDirectory(".", root, { include, exclude: ["**/node_modules"] }), manager.install)
  })
  if (install.code !== 0) {
    const said = `${install.stdout}\n${install.stderr}`
    throw manager.outOfStep.test(said)
      ? lockFileOutOfStep(manager.lockFile, said, manager.install.slice(0, 2).join(" "))
      : npmFailed(`${manager.install.slice(0, 2).join(" ")} on Node.js ${tag.replace("-slim", "")}`, said)
  }
  const allowed =
    settings.installScripts.length > 0
      ? await succeed(install.container, [...manager.allow, ...settings.installScripts])
      : install.container
  const workdir = below ? `${folder}/${below}` : at
  const site: Installed = {
    container: withVariables(allowed.withDirectory(".", root).withWorkdir(workdir), settings.env),
    manager,
    manifest,
    names: own,
    workdir,
    lockText: () => root.file(manager.lockFile).contents(),
  }
  // The install ran without scripts; these are the project's own, and Nuxt or SvelteKit make files in them that the rest needs.
  const changed = withoutGitHooks(manifest.text)
  for (const name of ["postinstall", "prepare"]) {
    if (!doesMore(manifest.scripts[name] ?? "")) continue
    const ready = changed === manifest.text ? site.container : site.container.withNewFile("package.json", changed)
    const done = await scriptSucceeds({ ...site, container: ready }, name, settings)
    site.container = changed === manifest.text ? done : done.withNewFile("package.json", manifest.text)
  }
  return site
}

/** The project's scripts that look at its sources; what was said of each, and which linters none of them runs. */
export async function lint({
  container,
  manager,
  manifest,
  names,
}: Installed): Promise<{ runs: Ran[]; notRun: string[] }> {
  const { scripts, notRun } = siteLinters(manifest.scripts, names, manifest.text)
  const runs = await Promise.all(scripts.map((name) => ran(container, scriptCommand(manager, name, [], "--silent"))))
  return { runs, notRun }
}

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
  const files = await builtFiles(await scriptSucceeds(named, script, settings), settings.output)
  if ("missing" in files) throw outputMissing(settings.output, files.missing)
  const { site, notes } = await withNetlifyRules(files.site, rules, settings)
  const versionAdded = !(await site.entries()).includes("version.json")
  return {
    site: versionAdded ? site.withNewFile("version.json", `${JSON.stringify({ commit })}\n`) : site,
    local: files.facts.local,
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

/** npm comes with the image; it brings the others. */
async function withManager(container: Container, { itself, name, cache }: PackageManager): Promise<Container> {
  const install = ["npm", "install", "--global", "--no-audit", "--no-fund", itself]
  return (await succeed(container, install)).withMountedCache(cache, dag.cacheVolume(name), {
    sharing: CacheSharingMode.Shared,
  })
}

/** How a frontend is installed: by what, on what, from which files of which folder. */
async function described(source: Directory, settings: FrontendSettings, { repository, above, part }: Around) {
  const [own, manifest] = await Promise.all([source.entries(), manifestOf(source)])
  const place = (await lockedAt(own, settings.source, repository)) ?? { root: source, names: own, below: "" }
  const { root, names, below } = place
  const rootManifest = below ? await manifestOf(root) : manifest
  const wanted = rootManifest.packageManager || manifest.packageManager
  const lockFile = lockFileOf(names, wanted)
  if (!lockFile) throw lockFileMissing("package-lock.json")
  const textOf = async (name: string, from = names) =>
    from.includes(name) ? (from === names ? root : source).file(name).contents() : ""
  const [lock, yarnrc, nvmrc, texts, named] = await Promise.all([
    /^(?:pnpm|yarn)/.test(lockFile) ? textOf(lockFile) : "",
    textOf(".yarnrc.yml"),
    Promise.all(nodeFiles.map((name) => textOf(name, own))).then((all) => all.find(pinnedNode) ?? ""),
    textsOf(above),
    below ? undefined : filesNamedAbove(source, own, settings.source, part),
  ])
  const higher = nearestAbove(settings.source, nodeFiles, texts, pinnedNode)
  // A part of a workspace that says nothing of itself is its root's.
  const pinned = nvmrc || (below && !manifest.runtime ? higher : "")
  const declared = {
    setting: settings.node,
    nvmrc: pinned,
    above: higher,
    ...(manifest.runtime ?? rootManifest.runtime),
  }
  const tag = nodeTag({ engines: "", volta: "", devEngines: "", ...declared })
  if (!tag) throw noSuchRelease("Node.js", "frontend.node", JSON.stringify(manifest.runtime?.engines ?? pinned))
  return {
    manifest,
    manager: packageManager(lockFile, lock, wanted),
    tag,
    root,
    below,
    named,
    own,
    include: installFiles(rootManifest.text, lockFile, yarnrc),
  }
}

/** The folder with the lock file: the frontend's own, or the nearest above it, where the repository is given. */
async function lockedAt(names: string[], path: string, repository: Directory | undefined) {
  if (!repository || path === "." || lockFiles.some((name) => names.includes(name))) return undefined
  const parts = path.split("/").filter((part) => part && part !== ".")
  for (let depth = parts.length - 1; depth >= 0; depth--) {
    const above = parts.slice(0, depth).join("/")
    const root = above ? repository.directory(above) : repository
    const entries = await root.entries()
    if (lockFiles.some((name) => entries.includes(name)))
      return { root, names: entries, below: parts.slice(depth).join("/") }
  }
  return undefined
}

export async function manifestOf(source: Directory): Promise<PackageManifest> {
  const text = await source
    .file("package.json")
    .contents()
    .catch(() => "")
  const manifest = packageManifest(text)
  if (!manifest) throw manifestMissing("package.json")
  return manifest
}

/** A script of the project that must succeed. */
async function scriptSucceeds(site: Installed, script: string, settings?: FrontendSettings): Promise<Container> {
  const { container, manager, lockText } = site
  const command = scriptCommand(manager, script)
  const done = await ran(container, command)
  if (done.code === 0) return done.container
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

export async function succeed(container: Container, args: string[]): Promise<Container> {
  const done = await ran(container, args)
  if (done.code !== 0) throw npmFailed(args.slice(0, 3).join(" "), done.stderr || done.stdout)
  return done.container
}
