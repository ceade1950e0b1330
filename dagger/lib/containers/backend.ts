import { CacheSharingMode, type Container, type Directory, dag, type Platform, type Service } from "@dagger.io/dagger"
import { nearestAbove } from "../checks/files-above.js"
import {
  noPythonProject,
  noSuchRelease,
  pyprojectUnreadable,
  pythonInstallFailed,
  pythonLockOutOfStep,
} from "../checks/install-errors.js"
import { type Licensed, pipLicences } from "../checks/licences.js"
import { type PythonInstall, pythonInstall } from "../checks/python-install.js"
import { measured, type PythonProject, pythonProject } from "../checks/python-project.js"
import { type Requirements, requirementFiles, requirements } from "../checks/requirements.js"
import { dockerfileInSource, pinnedPython, pythonFiles, pythonTag } from "../checks/runtime-version.js"
import { uvWorkspace } from "../checks/uv-workspace.js"
import type { BackendSettings } from "../settings/settings-types.js"
import { type Ran, ran } from "./exec.js"
import { filesNamedAbove } from "./named-above.js"
import { type Around, textsOf } from "./sources.js"
import { inImage, withSystemPackages, withVariables } from "./system.js"

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

/** A backend with its packages, test tools and sources in place. */
export interface Installed extends Described {
  container: Container
  /** Folder of the sources in the container. */
  workdir: string
}

/** Where the lock file's folder lies in the container. */
const folder = "/service"

/**
 * Installs the packages, as far as it goes before the sources come, so that an edit of a source reuses them: by the lock file of uv, Poetry
 * or PDM, else by the requirements, else as pyproject.toml says; with the extras and groups for tests.
 * @param around where a workspace's lock file and a release of Python are looked for above the service.
 */
export async function installed(source: Directory, settings: BackendSettings, around: Around = {}): Promise<Installed> {
  const known = await described(source, settings, around)
  const { plan, tag, root, below, named } = known
  // What lies above is found from the service's own place.
  const at = named ? `${folder}/${settings.source}` : folder
  const workdir = below ? `${folder}/${below}` : at
  const image = `python:${tag}`
  let container = await inImage(image, "backend.python", async () => {
    const base = await withSystemPackages(bare(image), settings.systemPackages, "backend.systemPackages")
    const cached = plan.cache
      ? base.withMountedCache(plan.cache, dag.cacheVolume(plan.cache.replace(/^.*\//, "")), {
          sharing: CacheSharingMode.Shared,
        })
      : base
    return all(withEnvironment(cached), plan.equip, known)
  })
  container = withVariables(container, plan.env).withWorkdir(at)
  if (named) container = container.withDirectory(folder, named)
  if (plan.files.length > 0) container = container.withDirectory(".", root, { include: plan.files })
  container = container.withWorkdir(workdir)
  container = (await all(container, plan.early, known)).withDirectory(at, root)
  container = await all(container, plan.late, known)
  return { ...known, workdir, container: withVariables(container, settings.env) }
}

export const bare = (image: string): Container =>
  dag
    .container()
    .from(image)
    .withMountedCache("/root/.cache/pip", dag.cacheVolume("pip"), { sharing: CacheSharingMode.Shared })
    .withEnvVariable("PIP_DISABLE_PIP_VERSION_CHECK", "1")
    .withWorkdir(folder)

export const withEnvironment = (container: Container): Container =>
  container
    // Where the image's Python is the system's, pip must not touch the system's packages.
    .withExec(["python", "-m", "venv", "/opt/venv"])
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the engine expands it
    .withEnvVariable("PATH", "/opt/venv/bin:${PATH}", { expand: true })

/** Commands one after the other; the first that fails ends them. */
async function all(container: Container, commands: string[][], { plan, tag }: Described): Promise<Container> {
  let reached = container
  for (const args of commands) {
    const install = await ran(reached, args)
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

async function described(source: Directory, settings: BackendSettings, { above, part }: Around): Promise<Described> {
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
  const whole = part([folder === "." ? "**" : `${folder}/**`])
  return folder === "."
    ? { root: whole, below: source }
    : { root: whole.directory(folder), below: source.slice(folder.length + 1) }
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

/** Packages that the service needs to run, without those for tests. */
export async function licences(source: Directory, settings: BackendSettings, around: Around = {}): Promise<Licensed[]> {
  const known = await described(source, settings, around)
  const { running } = requirementFiles(known.names)
  const [file] = known.plan.lockFile || settings.install.length > 0 ? [] : running
  const base = withEnvironment(bare(`python:${known.tag}`))
  const local = file && Object.values(known.requirements).some((it) => it.local)
  const container =
    file && !local && !known.named
      ? await all(
          base.withDirectory(".", source, { include: Object.keys(known.requirements) }),
          [["pip", "install", "-r", file]],
          known,
        )
      : (await installed(source, settings, around)).container
  return pipLicences(await container.withExec(["pip", "inspect", "--local"]).stdout(), "the list of pip")
}

/** What is written into an image beside its files, by the names of the OCI image specification. */
export type ImageLabels = {
  title: string
  source: string
  revision: string
  version: string
  /** When the commit was made, not the image: the same commit gives the same label. */
  created: string
}

/** How an image is built. */
export interface ImageBuild {
  labels: ImageLabels
  dockerfile?: string
  /** Such as linux/amd64. The engine would take its own machine's. */
  platform: string
}

/** The runtime image, built from the project's own Dockerfile, with the commit that it answers to. @param context what the build sees. */
export function image(context: Directory, { labels, dockerfile = "Dockerfile", platform }: ImageBuild): Container {
  const built = context.dockerBuild({
    dockerfile,
    platform: platform as Platform,
    buildArgs: [{ name: "COMMIT", value: labels.revision }],
  })
  return Object.entries(labels).reduce(
    (container, [name, value]) => (value ? container.withLabel(`org.opencontainers.image.${name}`, value) : container),
    built,
  )
}

/** pytest with coverage of the package, as Cobertura XML, and JUnit XML. Code 5 means that there was no test. */
export async function tests(
  source: Directory,
  settings: BackendSettings,
  service = installed(source, settings),
): Promise<Ran> {
  const [{ container, project, names, texts }, modules] = await Promise.all([service, source.glob("*/__init__.py")])
  // A report that came with the sources must not pass for one of this run.
  const fresh = container.withoutFiles([settings.junit, settings.coverage])
  const packages = modules.map((path) => path.split("/", 1)[0] ?? "")
  const sources = names.includes("src") ? ["src"] : packages
  const ini = [texts["pytest.ini"], texts["tox.ini"], texts["setup.cfg"], texts[".coveragerc"]].join("\n")
  const outputs = [`--junitxml=${settings.junit}`, `--cov-report=xml:${settings.coverage}`]
  return ran(settings.testDatabase ? withDatabase(fresh, settings) : fresh, [
    ...["python", "-m", "pytest", ...measured(sources, project, ini), ...outputs],
  ])
}

/** A variable of the settings keeps its value: a project may need the address in another form. */
function withDatabase(container: Container, { databaseVariable, env }: BackendSettings): Container {
  const bound = container.withServiceBinding("database", testDatabase())
  return databaseVariable in env
    ? bound
    : bound.withEnvVariable(databaseVariable, "postgresql://postgres:postgres@database:5432/test")
}

/** An empty PostgreSQL for one run of the tests. */
const testDatabase = (): Service =>
  dag
    .container()
    .from("postgres:17")
    .withEnvVariable("POSTGRES_DB", "test")
    .withEnvVariable("POSTGRES_PASSWORD", "postgres")
    .withExposedPort(5432)
    .asService({ useEntrypoint: true })
