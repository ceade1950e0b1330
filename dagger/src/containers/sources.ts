import { type Directory, dag, type GitRef, type Workspace } from "@dagger.io/dagger"
import { lintFiles } from "../checks/workflow-linters.js"
import { isCommit } from "../deployment/release.js"
import { noCheckout, notACommit, sourceMissing, trackedButIgnored } from "../errors.js"
import type { BackendSettings, FrontendSettings, Settings } from "../settings/settings-types.js"
import { commitDate } from "./git.js"

/** The folders of the components that the project has, and of its workflows. */
export interface Sources {
  frontend?: Directory
  backend?: Directory
  /** What the service's image is built from: its own folder, or a larger one. */
  context?: Directory
  /** All of it, where the site lies below a workspace's lock file; nothing is uploaded of it until it is asked for. */
  repository?: Directory
  /** `.github`, and the configurations of what lints it. */
  workflows: Directory
}

/** A commit of the project with its sources; what isn't committed is left out. */
export interface Commit {
  /** Full hash. */
  commit: string
  /** When it was made, ISO 8601 in UTC; "" when unknown. */
  created: string
  sources: Sources
}

/** Nowhere a source; where a project's .gitignore lacks them, they would still come from a developer's machine. */
const neverSources = ["**/node_modules", "**/.git", "**/__pycache__", "**/.venv"]

/** What the component's own commands write: exactly that, for a folder of the same name elsewhere may be a source. */
const written = (component: FrontendSettings | BackendSettings) => [
  ...("output" in component && !component.output.startsWith("../") ? [component.output] : []),
  component.coverage,
  component.junit,
]

/**
 * The sources of each component, from wherever `folder` takes them. Both a working copy and a commit come through here, so a
 * deployment takes what `ci` tested.
 * @param folder a folder of the project as .gitignore has it, without what matches `exclude`.
 */
function sourcesBy(
  { frontend, backend }: Settings,
  folder: (path: string, filter: { exclude: string[]; include?: string[] }) => Directory,
): Sources {
  const of = (component: FrontendSettings | BackendSettings) =>
    folder(component.source, { exclude: [...neverSources, ...written(component)] })
  return {
    ...(frontend && { frontend: of(frontend) }),
    ...(frontend && frontend.source !== "." && { repository: folder(".", { exclude: neverSources }) }),
    ...(backend && { backend: of(backend), context: of({ ...backend, source: backend.context }) }),
    workflows: folder(".", { include: lintFiles, exclude: neverSources }),
  }
}

const rooted = (path: string) => (path === "." ? "/" : `/${path}`)

/**
 * The project as it lies on the caller's disk, without what .gitignore names.
 * @throws PipelineError when a component's folder is not there.
 */
export async function workingCopy(workspace: Workspace, settings: Settings): Promise<Sources> {
  const sources = sourcesBy(settings, (path, filter) =>
    workspace.directory(rooted(path), { ...filter, gitignore: true }),
  )
  const described = [
    { source: settings.frontend?.source, folder: sources.frontend },
    { source: settings.backend?.source, folder: sources.backend },
  ]
  await Promise.all(
    described.map(({ source, folder }) =>
      folder?.entries().catch((failure: Error) => {
        throw /no such file|not found|does not exist/i.test(failure.message) ? sourceMissing(source ?? "") : failure
      }),
    ),
  )
  return sources
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

/** The checkout's commit. */
export async function committed(workspace: Workspace, settings: Settings): Promise<Commit> {
  const commit = await commitOf(workspace)
  const head = headOf(workspace)
  const tree = head.tree({ depth: 1 }).withoutDirectory(".git")
  const kept = tree.filter({ gitignore: true })
  const sources = sourcesBy(settings, (path, filter) => within(kept, path).filter(filter))
  const folders = [settings.frontend, settings.backend].flatMap((one) => (one ? [one.source] : []))
  const [created] = await Promise.all([
    commitDate(head),
    ...folders.map((folder) => mustBeThere(tree, folder)),
    mustBeWhole(tree, kept, folders),
  ])
  return { commit, created, sources }
}

const within = (tree: Directory, path: string) => (path === "." ? tree : tree.directory(path))

async function mustBeThere(tree: Directory, folder: string): Promise<void> {
  if (folder !== "." && !(await tree.exists(folder))) throw sourceMissing(folder)
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

/** An empty folder, where a component has no sources. */
export const noSources = (): Directory => dag.directory()

/** What an image is built from, with another folder of the service in place of its own. */
export function contextWith({ context }: Sources, service: Directory, settings: BackendSettings): Directory {
  if (!context || settings.context === settings.source) return service
  const inside = settings.context === "." ? settings.source : settings.source.slice(settings.context.length + 1)
  return context.withDirectory(inside, service)
}
