import { type Directory, dag, type GitRef, type Workspace } from "@dagger.io/dagger"
import { filesAbove } from "../checks/files-above.js"
import { linterFiles } from "../checks/python-linters.js"
import { nodeFiles, pythonFiles } from "../checks/runtime-version.js"
import { workspaceFiles } from "../checks/uv-workspace.js"
import { lintFiles } from "../checks/workflow-linters.js"
import { isCommit } from "../deployment/release.js"
import { PipelineError } from "../errors.js"
import type { BackendSettings, FrontendSettings, Settings } from "../settings/settings-types.js"
import { noCheckout, notACommit, sourceMissing, sourceNoFolder, sourceUnseen, trackedButIgnored } from "./errors.js"
import { commitDate } from "./git.js"

/** The folders of the components that the project has, and of its workflows. */
export interface Sources {
  frontend?: Directory
  backend?: Directory
  /** What the service's image is built from: its own folder, or a larger one. */
  context?: Directory
  /** In the folders above the components, configurations of linters and what names a release of Node.js or Python; from the repository's root. */
  above?: Directory
  /** All of it, where the site lies below a workspace's lock file; nothing is uploaded of it until it is asked for. */
  repository?: Directory
  /** Files of the repository by patterns, from its root, without what matches the others. */
  part?: (include: string[], without?: string[]) => Promise<Directory>
  /** `.github`, and the configurations of what lints it. */
  workflows: Directory
}

/** What of the repository lies around a component. */
export type Around = Partial<Pick<Sources, "above" | "repository" | "part">>

/** A commit of the project with its sources; what isn't committed is left out. */
export interface Commit {
  /** Full hash. */
  commit: string
  /** When it was made, ISO 8601 in UTC; "" when unknown. */
  created: string
  sources: Sources
}

/** Nowhere a source; where a project's .gitignore lacks them, they would still come from a developer's machine. */
export const neverSources = ["**/node_modules", "**/.git", "**/__pycache__", "**/.venv"]

/** What the component's own commands write: exactly that, for a folder of the same name elsewhere may be a source. */
const written = (component: FrontendSettings | BackendSettings) => [
  ...("output" in component && !component.output.startsWith("../") ? [component.output] : []),
  component.coverage,
  component.junit,
]

/** A folder of the project as .gitignore has it, without what matches `exclude`. */
type Folder = (path: string, filter: { exclude: string[]; include?: string[] }) => Directory

/**
 * The sources of each component, from wherever `folder` takes them. Both a working copy and a commit come through here, so a
 * deployment takes what `ci` tested.
 * @param known the same folder as the engine should know it.
 */
async function sourcesBy(
  { frontend, backend }: Settings,
  folder: Folder,
  known: (...of: Parameters<Folder>) => Promise<Directory>,
): Promise<Sources> {
  const of = (component: FrontendSettings | BackendSettings) =>
    known(component.source, { exclude: [...neverSources, ...written(component)] })
  const above = [
    ...(frontend ? filesAbove(frontend.source, nodeFiles) : []),
    ...(backend ? filesAbove(backend.source, [...linterFiles, ...pythonFiles, ...workspaceFiles]) : []),
  ]
  const [site, service, context, higher, workflows] = await Promise.all([
    frontend && of(frontend),
    backend && of(backend),
    backend && backend.context !== backend.source ? of({ ...backend, source: backend.context }) : undefined,
    above.length > 0 ? known(".", { include: above, exclude: neverSources }) : undefined,
    known(".", { include: lintFiles, exclude: neverSources }),
  ])
  return {
    ...(site && { frontend: site }),
    ...(frontend && frontend.source !== "." && { repository: folder(".", { exclude: neverSources }) }),
    ...(service && { backend: service, context: context ?? service }),
    ...(higher && { above: higher }),
    part: (include, without = []) => known(".", { include, exclude: [...neverSources, ...without] }),
    workflows,
  }
}

const rooted = (path: string) => (path === "." ? "/" : `/${path}`)

/**
 * The project as it lies on the caller's disk, without what .gitignore names.
 * @throws PipelineError when a component's folder is not there, or is a link.
 */
export async function workingCopy(workspace: Workspace, settings: Settings): Promise<Sources> {
  await mustBeOnDisk(workspace, settings)
  const folder = onDisk(workspace)
  return await sourcesBy(settings, folder, async (...of) => folder(...of))
}

const onDisk =
  (workspace: Workspace): Folder =>
  (path, filter) =>
    workspace.directory(rooted(path), { ...filter, gitignore: true })

/** Asked before the folders themselves: the engine does not survive a link in a folder's place. */
const mustBeOnDisk = (workspace: Workspace, settings: Settings): Promise<unknown> =>
  Promise.all(
    foldersOf(settings).map((folder) =>
      mustBeFolder(folder, (path, filter) => workspace.directory(rooted(path), filter)),
    ),
  )

type Filter = { include?: string[]; exclude?: string[]; gitignore?: boolean }

/** Folders that the settings name, each once. */
const foldersOf = ({ frontend, backend }: Settings): string[] => [
  ...new Set([...(frontend ? [frontend.source] : []), ...(backend ? [backend.source, backend.context] : [])]),
]

/** Looks at a folder and those above it by their names alone: nothing in them is taken along. */
async function mustBeFolder(folder: string, look: (path: string, filter: Filter) => Directory): Promise<void> {
  if (folder === ".") return
  const parts = folder.split("/")
  for (const [at, name] of parts.entries()) {
    const above = parts.slice(0, at).join("/") || "."
    // An engine of Dagger 0.21.8 that prunes its cache beside calls takes files that they have just sent (seen in its log); the same question in other words makes it read them anew.
    const namesBy = (exclude: string) => look(above, { include: [name], exclude: [exclude] }).entries()
    const entries = await namesBy(`${name}/*`)
      .catch(() => namesBy(`${name}/**`))
      .catch((failure: Error) => {
        throw sourceUnseen(folder, failure.message)
      })
    if (entries.includes(`${name}/`)) continue
    throw entries.includes(name) ? sourceNoFolder(folder, parts.slice(0, at + 1).join("/")) : sourceMissing(folder)
  }
}

/** The caller's checkout; nothing but `.git` is uploaded for it. */
const gitOf = (workspace: Workspace): Directory => workspace.directory("/", { include: [".git"] })
const headOf = (workspace: Workspace): GitRef => gitOf(workspace).asGit().head()

/**
 * Full hash of the checkout's commit, unless one is given.
 * @throws PipelineError when there is none: no repository, no commit yet, a worktree, whose `.git` is a file.
 */
export async function commitOf(workspace: Workspace, given = ""): Promise<string> {
  if (given) {
    if (!isCommit(given)) throw notACommit(given)
    return given
  }
  try {
    return await headOf(workspace).commit()
  } catch (failure) {
    throw noCheckout(await whatIsThere(gitOf(workspace)), (failure as Error).message)
  }
}

/** When the checkout's commit was made, ISO 8601 in UTC; "" when unknown. */
export const dateOf = (workspace: Workspace): Promise<string> => commitDate(headOf(workspace))

async function whatIsThere(git: Directory): Promise<"nothing" | "worktree" | "unborn" | "repository"> {
  const [isFile, head] = await Promise.all([
    git
      .file(".git")
      .contents()
      .then(
        () => true,
        () => false,
      ),
    git
      .file(".git/HEAD")
      .contents()
      .catch(() => ""),
  ])
  if (isFile) return "worktree"
  if (!head) return "nothing"
  const branch = /^ref: (.+)$/m.exec(head)?.[1]?.trim()
  if (!branch) return "repository"
  const packed = await git
    .file(".git/packed-refs")
    .contents()
    .catch(() => "")
  const loose = await git.exists(`.git/${branch}`)
  return loose || packed.includes(` ${branch}`) ? "repository" : "unborn"
}

/**
 * The checkout's commit.
 * @throws PipelineError when there is none, when Git can't read its files, when a component's folder is not in it, or when .gitignore
 * names a file of it.
 */
export async function committed(workspace: Workspace, settings: Settings): Promise<Commit> {
  const commit = await commitOf(workspace)
  const head = headOf(workspace)
  const tree = head.tree({ depth: 1 }).withoutDirectory(".git")
  const kept = tree.filter({ gitignore: true })
  const folder: Folder = (path, filter) => within(kept, path).filter(filter)
  const folders = foldersOf(settings)
  try {
    const look = (path: string, filter: Filter) => within(tree, path).filter(filter)
    const [created] = await Promise.all([
      commitDate(head),
      ...folders.map((folder) => mustBeFolder(folder, look)),
      mustBeWhole(tree, kept, folders),
    ])
    return {
      commit,
      created,
      sources: await sourcesBy(settings, folder, await sameOnDisk(workspace, settings, folder)),
    }
  } catch (failure) {
    if (failure instanceof PipelineError) throw failure
    // Such as a clone that borrows its objects from another one.
    throw noCheckout("repository", (failure as Error).message)
  }
}

/**
 * Folders of a commit, from the disk where the very same lies there. What comes from the disk the engine knows by what is in it, what comes from Git by
 * the commit (seen with Dagger 0.21.8): each commit would install, test and build all of it anew, also what `ci` has just tested.
 */
async function sameOnDisk(workspace: Workspace, settings: Settings, folder: Folder) {
  // A folder that is only in the commit, or a link on the disk, is no failure of a deployment.
  const isThere = await mustBeOnDisk(workspace, settings).then(
    () => true,
    () => false,
  )
  return async (...of: Parameters<Folder>): Promise<Directory> => {
    const committed = folder(...of)
    if (!isThere) return committed
    const there = onDisk(workspace)(...of)
    // Compares as Git does: contents, links, whether a file may be run. What can't be compared comes from the commit: that costs time alone.
    const isSame = await there
      .changes(committed)
      .isEmpty()
      .catch(() => false)
    return isSame ? there : committed
  }
}

const within = (tree: Directory, path: string) => (path === "." ? tree : tree.directory(path))

/**
 * What a build of the files on disk would lose without a word: files that are committed although .gitignore names them.
 * @throws PipelineError that names them. A checkout without a commit is told elsewhere.
 */
export async function nothingLost(workspace: Workspace, settings: Settings): Promise<void> {
  const tree = headOf(workspace).tree({ depth: 1 }).withoutDirectory(".git")
  try {
    await mustBeWhole(tree, tree.filter({ gitignore: true }), foldersOf(settings))
  } catch (failure) {
    if (failure instanceof PipelineError) throw failure
    throw noCheckout("repository", (failure as Error).message)
  }
}

/** Files that are committed although .gitignore names them: `ci` would never have seen them. */
async function mustBeWhole(tree: Directory, kept: Directory, folders: string[]): Promise<void> {
  const [all, own] = await Promise.all([tree.glob("**"), kept.glob("**")])
  const seen = new Set(own)
  const lost = all.filter(
    (path) =>
      !seen.has(path) &&
      !path.endsWith("/") &&
      folders.some((folder) => folder === "." || path.startsWith(`${folder}/`)),
  )
  if (lost.length > 0) throw trackedButIgnored(lost)
}

/** Text of each file of a small folder, by its path; "" for lock files, which nobody reads here. */
export async function textsOf(folder: Directory | undefined): Promise<Record<string, string>> {
  if (!folder) return {}
  const files = (await folder.glob("**")).filter((path) => !path.endsWith("/"))
  const texts = await Promise.all(files.map((path) => (path.endsWith(".lock") ? "" : textOf(folder, path))))
  return Object.fromEntries(files.map((path, at) => [path, texts[at] ?? ""]))
}

/** What can't be read, such as a link to nowhere, is told by the tool that wants it. */
export const textOf = (folder: Directory, path: string): Promise<string> =>
  folder
    .file(path)
    .contents()
    .catch(() => "")

/** An empty folder, where a component has no sources. */
export const noSources = (): Directory => dag.directory()

/**
 * Some files of a folder, for a container. A folder of its own, which the engine knows by what is in it: what a container makes of patterns
 * given to `withDirectory` is made anew whenever any other file of the folder changes. Seen with Dagger 0.21.8.
 */
export const only = (folder: Directory, include: string[], exclude: string[] = []): Directory =>
  folder.filter({ include, exclude })

/** All of a folder of the repository. */
export async function wholeFolder(folder: string, part: NonNullable<Around["part"]>): Promise<Directory> {
  return folder === "." ? await part(["**"]) : (await part([`${folder}/**`])).directory(folder)
}

/** What an image is built from, with another folder of the service in place of its own. */
export function contextWith({ context }: Sources, service: Directory, settings: BackendSettings): Directory {
  if (!context || settings.context === settings.source) return service
  const inside = settings.context === "." ? settings.source : settings.source.slice(settings.context.length + 1)
  return context.withDirectory(inside, service)
}
