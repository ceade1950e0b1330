import type { PythonProject } from "./python-project.js"
import { normalized, packageName, type Requirements, requirementFiles } from "./requirements.js"

/** How a backend's packages are installed. */
export interface PythonInstall {
  /** Lock file that is obeyed, "" for none, and what writes it anew. */
  lockFile: string
  update: string
  /** Said when the lock file and pyproject.toml differ. */
  outOfStep: RegExp
  /** Puts the installing program where it is needed; of no file of the project. */
  equip: string[][]
  /** Patterns of the files that `early` reads. */
  files: string[]
  /** Commands before the sources come, so that an edit of a source reuses what they install. */
  early: string[][]
  /** Commands with the sources in place. */
  late: string[][]
  env: Record<string, string>
  /** Folder of downloaded packages that runs share. */
  cache: string
}

/** What is read of a backend's folder before its install is known. */
export interface PythonFolder {
  /** Files and folders in it, and files in its folder `requirements`. */
  names: string[]
  project: PythonProject
  /** Each requirements file that is installed or named by one that is, by its path. */
  requirements: Record<string, Requirements>
}

/** Programs that obey lock files, pinned. Poetry and PDM bring packages of their own, which must not be the service's. */
const installers = {
  uv: [["pip", "install", "uv==0.13.9"]],
  poetry: apart("poetry", "2.5.1", "2.2.1"),
  pdm: apart("pdm", "2.29.4", "2.26.2", ["hishel<2"]),
}

/** For a project that doesn't bring its own. */
const testTools = ["pytest", "pytest-cov"]

/**
 * The install of a backend: by `backend.install` of the settings, else by the lock file of uv, Poetry or PDM, else by its requirements, else
 * as pyproject.toml or setup.py says. @returns `undefined` where none of these is there.
 */
export function pythonInstall(folder: PythonFolder, commands: string[] = []): PythonInstall | undefined {
  const plan = commands.length > 0 ? byCommands(commands) : byFiles(folder)
  if (!plan) return undefined
  const { project, requirements } = folder
  // What obeys a lock file knows nothing of Hatch's environments.
  const ofHatch = plan.lockFile ? [] : project.environments.map(packageName)
  const there = new Set([...project.installs, ...ofHatch, ...Object.values(requirements).flatMap(({ all }) => all)])
  const missing = testTools.filter((name) => !there.has(name))
  // Before the sources, so that an edit of them leaves it; pip keeps what another package brought, and what comes later may change it.
  return missing.length === 0 ? plan : { ...plan, early: [...plan.early, ["pip", "install", ...missing]] }
}

function byFiles(folder: PythonFolder): PythonInstall | undefined {
  const { names, project } = folder
  const has = (name: string) => names.includes(name)
  if (has("uv.lock") && has("pyproject.toml")) return byUv(folder)
  if (has("poetry.lock") && has("pyproject.toml")) return byPoetry(folder)
  if (has("pdm.lock") && has("pyproject.toml")) return byPdm(folder)
  const { running, testing } = requirementFiles(names)
  if (running.length + testing.length > 0) return byRequirements(folder)
  if (project.poetry && project.dependencies.length === 0) return byPoetry(folder)
  return has("pyproject.toml") || has("setup.py") ? byProject(folder) : undefined
}

const plain: PythonInstall = {
  lockFile: "",
  update: "",
  outOfStep: /(?!)/,
  equip: [],
  files: [],
  early: [],
  late: [],
  env: {},
  cache: "",
}

const byCommands = (commands: string[]): PythonInstall => ({
  ...plain,
  late: commands.map((command) => ["sh", "-c", command]),
})

/** https://docs.astral.sh/uv/concepts/projects/sync/ */
function byUv({ names, project }: PythonFolder): PythonInstall {
  const { extras, groups, builds, tool } = project
  const own = (tool.uv ?? {}) as Record<string, unknown>
  const sync = [
    ...["uv", "sync", "--locked", "--inexact"],
    ...extras.names.flatMap((name) => ["--extra", name]),
    ...groups.names.flatMap((name) => ["--group", name]),
  ]
  // A project that nothing builds has no more to install than its packages.
  const itself = builds || own.package === true || own.workspace !== undefined || own.sources !== undefined
  return {
    ...plain,
    lockFile: "uv.lock",
    update: "uv lock",
    outOfStep: /needs to be updated/,
    equip: installers.uv,
    files: ["**/pyproject.toml", "**/setup.py", "**/setup.cfg", "uv.lock", "uv.toml"],
    early: [[...sync, "--no-install-project", "--no-install-workspace", "--no-install-local"]],
    late: itself ? [sync] : [],
    env: {
      ...versioned(project, names),
      UV_PROJECT_ENVIRONMENT: "/opt/venv",
      // The image's, which the project's own declaration has picked.
      UV_PYTHON: "/opt/venv/bin/python",
      UV_PYTHON_DOWNLOADS: "never",
      UV_LINK_MODE: "copy",
    },
    cache: "/root/.cache/uv",
  }
}

/** https://python-poetry.org/docs/cli/#install */
function byPoetry({ names, project }: PythonFolder): PythonInstall {
  const poetry = (project.tool.poetry ?? {}) as Record<string, unknown>
  const groups = Object.keys((poetry.group as object | undefined) ?? {})
  const optional = groups.filter((name) => /^(?:tests?|testing|dev|development)$/i.test(name))
  const install = ["/opt/poetry/bin/poetry", "install", "--no-interaction"]
  const chosen = [
    ...(optional.length > 0 ? ["--with", optional.join(",")] : []),
    ...project.extras.names.flatMap((name) => ["--extras", name]),
  ]
  const folders = names.map((name) => normalized(name.replace(/\/$/, "").replace(/\.py$/, "")))
  const packaged =
    poetry["package-mode"] !== false &&
    (poetry.packages !== undefined || folders.includes("src") || folders.includes(project.name))
  // What lies in the project itself is there only with the sources.
  const local = JSON.stringify(poetry).includes('"path":')
  const all = [...install, ...chosen, "--no-root"]
  return {
    ...plain,
    lockFile: names.includes("poetry.lock") ? "poetry.lock" : "",
    update: "poetry lock",
    outOfStep: /changed significantly since poetry\.lock|poetry\.lock.*(?:not up to date|out of date)/,
    equip: installers.poetry,
    files: ["pyproject.toml", "poetry.lock", "poetry.toml"],
    early: local ? [] : [all],
    late: [...(local ? [all] : []), ...(packaged ? [[...install, "--only-root"]] : [])],
    env: { ...versioned(project, names), POETRY_VIRTUALENVS_CREATE: "false", VIRTUAL_ENV: "/opt/venv" },
    cache: "/root/.cache/pypoetry",
  }
}

/** https://pdm-project.org/latest/reference/cli/#install */
function byPdm({ names, project }: PythonFolder): PythonInstall {
  const { extras, groups, builds, tool } = project
  const { distribution } = (tool.pdm ?? {}) as Record<string, unknown>
  const install = [
    ...["/opt/pdm/bin/pdm", "install", "--check"],
    ...[...extras.names, ...groups.names].flatMap((name) => ["--group", name]),
  ]
  return {
    ...plain,
    lockFile: "pdm.lock",
    update: "pdm lock",
    outOfStep: /hash doesn't match|does(?:n't| not) (?:match|exist)|is not up to date/i,
    equip: installers.pdm,
    files: ["pyproject.toml", "pdm.lock", "pdm.toml"],
    early: [[...install, "--no-self"]],
    late: builds && distribution !== false ? [install] : [],
    env: { ...versioned(project, names), PDM_CHECK_UPDATE: "0", VIRTUAL_ENV: "/opt/venv" },
    cache: "/root/.cache/pdm",
  }
}

function byRequirements({ names, project, requirements }: PythonFolder): PythonInstall {
  const { running, testing } = requirementFiles(names)
  const of = (path: string) => requirements[path]
  const reached = (path: string, seen: string[] = []): string[] =>
    seen.includes(path) ? [] : [path, ...(of(path)?.references ?? []).flatMap((it) => reached(it, [...seen, path]))]
  // Of two that name each other the first is installed, and pip says what is wrong with them.
  const namedByOther = (path: string) =>
    testing.some(
      (it, at) =>
        it !== path && reached(it).includes(path) && !(reached(path).includes(it) && at > testing.indexOf(path)),
    )
  const all = testing.flatMap((path) => reached(path)).flatMap((path) => of(path)?.all ?? [])
  // A file for tests that names the other, or all that it holds, stands for both.
  const first = running.filter(
    (path) => !namedByOther(path) && !(testing.length > 0 && of(path)?.all.every((name) => all.includes(name))),
  )
  const files = [...first, ...testing.filter((path) => !namedByOther(path))]
  const there = new Set(Object.values(requirements).flatMap((it) => it.all))
  const besides = [...project.extras.requirements, ...project.groups.requirements, ...project.environments].filter(
    (it) => !there.has(packageName(it)),
  )
  const commands = [
    ...files.map((path) => ["pip", "install", "-r", path]),
    ...(besides.length > 0 ? [["pip", "install", ...besides]] : []),
  ]
  const read = files.flatMap((path) => reached(path))
  const { builtExtras } = project
  // Tests import what lies below src only from an installed package.
  const packaged = (project.builds || names.includes("setup.py")) && folderNamed(names, "src")
  const itself =
    builtExtras.length > 0
      ? [["pip", "install", "-e", `.[${builtExtras.join(",")}]`]]
      : packaged
        ? [["pip", "install", "--no-deps", "-e", "."]]
        : []
  const local = read.some((path) => of(path)?.local)
  return {
    ...plain,
    files: read,
    early: local ? [] : commands,
    late: [...(local ? commands : []), ...itself],
    env: versioned(project, names),
  }
}

/** The project itself, editable, so that coverage measures the sources and not their copy; or only what it needs, where nothing builds it. */
function byProject({ names, project }: PythonFolder): PythonInstall {
  const package_ =
    project.builds || names.includes("setup.py") || names.includes("setup.cfg") || folderNamed(names, "src")
  const grouped = [...project.groups.requirements, ...project.environments]
  const groups = grouped.length > 0 ? [["pip", "install", ...grouped]] : []
  if (!package_) {
    const wanted = [...project.dependencies, ...project.extras.requirements]
    return { ...plain, early: [...(wanted.length > 0 ? [["pip", "install", ...wanted]] : []), ...groups] }
  }
  const itself = project.extras.names.length > 0 ? `.[${project.extras.names.join(",")}]` : "."
  return {
    ...plain,
    early: groups,
    late: [["pip", "install", "-e", itself]],
    env: versioned(project, names),
  }
}

const folderNamed = (names: string[], folder: string) => names.some((name) => name.replace(/\/$/, "") === folder)

/** An archive of the sources says its version itself. */
const versioned = ({ version }: PythonProject, names: string[]): Record<string, string> =>
  names.includes("PKG-INFO") ? {} : version

/**
 * A program in an environment of its own; an older release of it where Python is older.
 * @param bounds of what it needs itself, where newer releases of that break it: PDM 2.29.4 does not start with hishel 2.
 */
function apart(name: string, release: string, older: string, bounds: string[] = []): string[][] {
  return [
    ["python", "-m", "venv", `/opt/${name}`],
    [
      ...[`/opt/${name}/bin/pip`, "install"],
      ...[`${name}==${release}; python_version >= "3.10"`, `${name}==${older}; python_version < "3.10"`, ...bounds],
    ],
  ]
}
