import { CacheSharingMode, type Container, type Directory, dag } from "@dagger.io/dagger"
import { nearestAbove } from "../checks/files-above.js"
import {
  noPythonProject,
  noSuchRelease,
  pyprojectUnreadable,
  pythonInstallFailed,
  pythonLockOutOfStep,
} from "../checks/install-errors.js"
import { type PythonInstall, pythonInstall } from "../checks/python-install.js"
import { type PythonProject, pythonProject } from "../checks/python-project.js"
import { type Requirements, requirementFiles, requirements } from "../checks/requirements.js"
import { dockerfileInSource, pinnedPython, pythonFiles, pythonTag } from "../checks/runtime-version.js"
import { uvWorkspace } from "../checks/uv-workspace.js"
import type { BackendSettings } from "../settings/settings-types.js"
import { ran, stamped } from "./exec.js"
import { filesNamedAbove } from "./named-above.js"
import { type Installable, recipeOf } from "./packages.js"
import { type Around, only, textsOf, wholeFolder } from "./sources.js"
import { inImage, withSystemPackages, withVariables } from "./system.js"

/** Where what is installed lies in the container: the folder of the lock file, or with what lies above it the repository's root. */
const folder = "/service"

/** What is known of a backend from its files alone. */
export interface Described {
  names: string[]
  project: PythonProject
  /** Of Python's image, such as `3.12-slim`. */
  tag: string
  plan: PythonInstall
  /** Each requirements file that is installed, or that one of these names. */
  requirements: Record<string, Requirements>
  /** Packages that the other requirements files name. */
  mentioned: string[]
  /** Texts of the files that say how tools are to work, by name. */
  texts: Record<string, string>
  /** Folder of the lock file: the service's own, or that of its workspace. */
  root: Directory
  /** Path of the service from there. */
  below: string
  /** Files above it that its configuration names, from the repository's root. */
  named: Directory | undefined
}

/** Folders in the container: that of the lock file, and that of the sources. What lies above is found from the service's own place. */
export function placesOf({ named, below }: Described, { source }: BackendSettings): { at: string; workdir: string } {
  const at = named ? `${folder}/${source}` : folder
  return { at, workdir: below ? `${folder}/${below}` : at }
}

/** What is installed before the sources come. */
export function packagesOf(known: Described, settings: BackendSettings): Installable {
  const { plan, tag, root, named } = known
  const { systemPackages } = settings
  const { workdir } = placesOf(known, settings)
  const image = `python:${tag}`
  const own = plan.files.length > 0 ? only(root, plan.files) : dag.directory()
  const files = named ? named.withDirectory(settings.source, own) : own
  return {
    kind: "backend",
    recipe: () =>
      recipeOf({
        kind: "backend",
        image,
        files,
        folder,
        workdir,
        lock: plan.lockFile && named ? `${settings.source}/${plan.lockFile}` : plan.lockFile,
        commands: [["apt-get", ...systemPackages], ...plan.equip, ...plan.early],
        variables: plan.env,
        // What obeys a lock file is none of pip's commands.
        isPinned: plan.lockFile !== "" && systemPackages.length === 0 && plan.early.every(([tool]) => tool !== "pip"),
      }),
    build: async () => {
      const equipped = await inImage(image, "backend.python", async () => {
        const base = await withSystemPackages(bare(image), systemPackages, "backend.systemPackages")
        return all(withEnvironment(withCaches(base, plan)), plan.equip, known)
      })
      const ready = withVariables(equipped, plan.env).withDirectory(folder, files).withWorkdir(workdir)
      return all(ready, plan.early, known)
    },
  }
}

export const bare = (image: string): Container =>
  withCaches(dag.container().from(image)).withEnvVariable("PIP_DISABLE_PIP_VERSION_CHECK", "1").withWorkdir(folder)

/** With the folders of downloaded packages that runs on this engine share: pip's, and that of what obeys the lock file. */
export function withCaches(container: Container, plan?: PythonInstall): Container {
  const cached = (path: string, name: string) => (it: Container) =>
    it.withMountedCache(path, dag.cacheVolume(name), { sharing: CacheSharingMode.Shared })
  const pip = cached("/root/.cache/pip", "pip")(container)
  return plan?.cache ? cached(plan.cache, plan.cache.replace(/^.*\//, ""))(pip) : pip
}

export const withEnvironment = (container: Container): Container =>
  container
    // Where the image's Python is the system's, pip must not touch the system's packages.
    .withExec(["python", "-m", "venv", "/opt/venv"])
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the engine expands it
    .withEnvVariable("PATH", "/opt/venv/bin:${PATH}", { expand: true })

/** Commands one after the other; the first that fails ends them. */
export async function all(container: Container, commands: string[][], { plan, tag }: Described): Promise<Container> {
  let reached = container
  for (const args of commands) {
    const install = await ran(reached, stamped(args))
    if (install.code !== 0) {
      const said = `${install.stdout}\n${install.stderr}`
      throw plan.lockFile && plan.outOfStep.test(said)
        ? pythonLockOutOfStep(plan.lockFile, plan.update, said)
        : pythonInstallFailed(args[0] === "sh" ? (args[2] ?? "") : args.join(" "), tag, said)
    }
    reached = install.container
  }
  return reached
}

/** Files whose text says how a tool is to work. https://docs.pytest.org/en/stable/reference/customize.html */
const told = [
  ...["pytest.ini", "tox.ini", "setup.cfg", "setup.py", ".coveragerc", "mypy.ini", ".mypy.ini"],
  ...[".pre-commit-config.yaml", ...pythonFiles],
]

/** Reads a backend's files; installs nothing. */
export async function described(
  source: Directory,
  settings: BackendSettings,
  { above, part }: Around,
): Promise<Described> {
  const [listed, dockerfile] = [await source.entries(), dockerfileInSource(settings)]
  const names = listed.map((name) => name.replace(/\/$/, ""))
  const inFolder = names.includes("requirements") ? await source.directory("requirements").entries() : []
  const everything = [...names, ...inFolder.map((name) => `requirements/${name}`)]
  const read = (path: string) => source.file(path).contents()
  const { running, testing } = requirementFiles(everything)
  const mentioning = everything.filter(
    (path) => /^(?:[\w-]*requirements[\w./-]*)\.(?:txt|in)$/.test(path) && ![...running, ...testing].includes(path),
  )
  const [toml, image, chain, others, higher, ...texts] = await Promise.all([
    names.includes("pyproject.toml") ? read("pyproject.toml") : "",
    dockerfile && (dockerfile.includes("/") || names.includes(dockerfile)) ? read(dockerfile).catch(() => "") : "",
    chained([...running, ...testing], read),
    Promise.all(mentioning.map(async (path) => requirements(await read(path), path))),
    textsOf(above),
    ...told.map(async (name) => (names.includes(name) ? await read(name) : "")),
  ])
  const project = await projectOf(toml, texts[told.indexOf("setup.cfg")], texts[told.indexOf("setup.py")])
  const pinned = pythonFiles.map((name) => texts[told.indexOf(name)] ?? "").find(pinnedPython) ?? ""
  const tag = pythonTag({
    ...{ setting: settings.python, pinned, above: nearestAbove(settings.source, pythonFiles, higher, pinnedPython) },
    ...{ requires: project.requires, dockerfile: image },
  })
  if (!tag) throw noSuchRelease("Python", "backend.python", `requires-python ${JSON.stringify(project.requires)}`)
  const workspace = await workspaceOf(names, settings.source, higher, part)
  const below = workspace?.below ?? ""
  const named = below ? undefined : await filesNamedAbove(source, everything, settings.source, part)
  const there = below ? [...everything, "uv.lock"] : everything
  const plan = pythonInstall({ names: there, project, requirements: chain }, settings.install)
  if (!plan) throw noPythonProject(names)
  return {
    names,
    project,
    tag,
    plan,
    requirements: chain,
    mentioned: others.flatMap(({ direct }) => direct),
    texts: Object.fromEntries(told.map((name, at) => [name, texts[at] ?? ""])),
    root: workspace?.root ?? source,
    below,
    named,
  }
}

/** The workspace of uv that locks the service's packages: all of it, and the service's path in it. */
async function workspaceOf(
  names: string[],
  source: string,
  above: Record<string, string>,
  part: Around["part"],
): Promise<{ root: Directory; below: string } | undefined> {
  const own = names.some((name) => /^(?:uv|poetry|pdm)\.lock$/.test(name))
  if (!part || own || !names.includes("pyproject.toml")) return undefined
  const files = Object.keys(above)
  const tomls = files.some((name) => name.endsWith("uv.lock"))
    ? files.filter((it) => it.endsWith("pyproject.toml"))
    : []
  if (tomls.length === 0) return undefined
  const { parse } = await import("smol-toml")
  const projects = Object.fromEntries(
    tomls.map((path) => {
      try {
        return [path, parse((above[path] ?? "").replace(/^\uFEFF/, "")) as unknown]
      } catch {
        return [path, undefined]
      }
    }),
  )
  const folder = uvWorkspace(source, files, projects)
  if (folder === undefined) return undefined
  const root = await wholeFolder(folder, part)
  return { root, below: folder === "." ? source : source.slice(folder.length + 1) }
}

/** Requirements files, and those that they name, and so on. */
async function chained(
  paths: string[],
  read: (path: string) => Promise<string>,
  known: Record<string, Requirements> = {},
): Promise<Record<string, Requirements>> {
  const open = paths.filter((path) => !Object.hasOwn(known, path))
  if (open.length === 0) return known
  // One that isn't there is pip's to tell, with the line that names it.
  const texts = await Promise.all(open.map((path) => read(path).catch(() => "")))
  const found = Object.fromEntries(open.map((path, at) => [path, requirements(texts[at] ?? "", path)]))
  return chained(
    Object.values(found).flatMap(({ references }) => references),
    read,
    { ...known, ...found },
  )
}

async function projectOf(toml: string, setup = "", script = ""): Promise<PythonProject> {
  if (!toml) return pythonProject(undefined, setup, script)
  // Loaded when a project is read: most calls read none.
  const { parse } = await import("smol-toml")
  try {
    return pythonProject(parse(toml.replace(/^\uFEFF/, "")), setup, script)
  } catch (failure) {
    throw pyprojectUnreadable((failure as Error).message)
  }
}
