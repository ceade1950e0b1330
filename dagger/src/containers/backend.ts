import { CacheSharingMode, type Container, type Directory, dag } from "@dagger.io/dagger"
import { type Licensed, pipLicences } from "../checks/licences.js"
import { measured, type PythonProject, pythonProject } from "../checks/python-project.js"
import { noPythonProject, pipFailed, pyprojectUnreadable } from "../errors.js"
import { answered, type Ran, ran } from "./exec.js"

/** Python 3.13 on Debian, the image that the backend's own Dockerfile starts from. */
const python = "python:3.13-slim"

/** A backend with its packages, test tools and sources in place. */
export interface Installed {
  container: Container
  project: PythonProject
}

/**
 * Installs the packages before the sources come, so that an edit of a source reuses them.
 * Takes requirements-dev.txt, or else requirements.txt, or else the project itself with its extras and groups for tests.
 */
export async function installed(source: Directory): Promise<Installed> {
  const names = await source.entries()
  const base = bare()
  const lock = ["requirements-dev.txt", "requirements.txt"].find((name) => names.includes(name))
  const [project, locked] = await Promise.all([
    described(base, source, names),
    lock && pipped(base.withFile(lock, source.file(lock)), ["-r", lock]),
  ])
  if (locked) {
    const ready = lock === "requirements-dev.txt" ? locked : await pipped(locked, [...testTools, ...project.tools])
    return { container: ready.withDirectory(".", source), project }
  }
  if (!names.includes("pyproject.toml")) throw noPythonProject()
  const tools = (await pipped(base, [...testTools, ...project.tools])).withDirectory(".", source)
  const versioned =
    project.versionFromGit && !names.includes("PKG-INFO")
      ? tools
          .withEnvVariable("SETUPTOOLS_SCM_PRETEND_VERSION", "0.0.0")
          .withEnvVariable("PDM_BUILD_SCM_VERSION", "0.0.0")
      : tools
  // Editable, so that coverage measures the sources and not their copy among the packages.
  const itself = project.extras.length > 0 ? `.[${project.extras.join(",")}]` : "."
  const groups = project.groups.flatMap((name) => ["--group", name])
  return { container: await pipped(versioned, ["-e", itself, ...groups]), project }
}

const bare = (): Container =>
  dag
    .container()
    .from(python)
    .withMountedCache("/root/.cache/pip", dag.cacheVolume("pip"), { sharing: CacheSharingMode.Shared })
    .withEnvVariable("PIP_DISABLE_PIP_VERSION_CHECK", "1")
    // Where the image's Python is the system's, pip must not touch the system's packages.
    .withExec(["python", "-m", "venv", "/opt/venv"])
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the engine expands it
    .withEnvVariable("PATH", "/opt/venv/bin:${PATH}", { expand: true })
    .withWorkdir("/service")

/** For a project whose requirements don't bring their own. */
const testTools = ["pytest", "pytest-cov"]

async function pipped(container: Container, what: string[]): Promise<Container> {
  const args = ["pip", "install", ...what]
  const install = await ran(container, args)
  if (install.code !== 0) throw pipFailed(args.join(" "), install.stderr)
  return install.container
}

/** Python reads TOML; Node.js does not. */
const tomlToJson = "import json, sys, tomllib; json.dump(tomllib.load(sys.stdin.buffer), sys.stdout, default=str)"

async function described(base: Container, source: Directory, names: string[]): Promise<PythonProject> {
  const read = (name: string) => source.file(name).contents()
  const others = names.filter((name) => /^(?:requirements.*\.(?:txt|in)|\.pre-commit-config\.yaml)$/.test(name))
  const texts = (await Promise.all(others.map(read))).join("\n")
  if (!names.includes("pyproject.toml")) return pythonProject("", texts)
  const parsed = await answered(base.withFile("pyproject.toml", source.file("pyproject.toml")), [
    "sh",
    "-c",
    'python -c "$1" <pyproject.toml',
    "sh",
    tomlToJson,
  ])
  if (parsed.code !== 0) throw pyprojectUnreadable(parsed.stderr)
  return pythonProject(parsed.stdout, texts)
}

/** Packages that the service needs to run, without those for tests. */
export async function licences(source: Directory): Promise<Licensed[]> {
  const names = await source.entries()
  const base = bare()
  const running = names.includes("requirements.txt")
    ? await pipped(base.withFile("requirements.txt", source.file("requirements.txt")), ["-r", "requirements.txt"])
    : (await installed(source)).container
  return pipLicences(await running.withExec(["pip", "inspect", "--local"]).stdout(), "the list of pip")
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

/** The runtime image, built from the backend's own Dockerfile, with the commit that it answers to. */
export function image(source: Directory, labels: ImageLabels): Container {
  const built = source.dockerBuild({ buildArgs: [{ name: "COMMIT", value: labels.revision }] })
  return Object.entries(labels).reduce(
    (container, [name, value]) => (value ? container.withLabel(`org.opencontainers.image.${name}`, value) : container),
    built,
  )
}

/** pytest with coverage of the package, as Cobertura XML, and JUnit XML. Code 5 means that there was no test. */
export async function tests(
  source: Directory,
  report: { junit: string; coverage: string },
  service = installed(source),
): Promise<Ran> {
  const texts = async (names: string[]) =>
    Promise.all(names.filter((name) => iniFiles.has(name)).map((name) => source.file(name).contents()))
  const listed = source.entries()
  const [{ container, project }, names, configured, modules] = await Promise.all([
    service,
    listed,
    listed.then(texts),
    source.glob("*/__init__.py"),
  ])
  // A report that came with the sources must not pass for one of this run.
  const fresh = container.withoutFiles([report.junit, report.coverage])
  const packages = modules.map((path) => path.split("/", 1)[0] ?? "")
  const sources = names.some((name) => name.replace(/\/$/, "") === "src") ? ["src"] : packages
  const coverage = measured(sources, project, configured.join("\n"))
  const outputs = [`--junitxml=${report.junit}`, `--cov-report=xml:${report.coverage}`]
  return ran(fresh, ["python", "-m", "pytest", ...coverage, ...outputs])
}

/** Ruff; Black or Ruff's formatter, and mypy, where the project uses them. */
export async function lint(source: Directory, service = installed(source)): Promise<Ran[]> {
  const { container, project } = await service
  // The install may have made files among the sources that are nobody's to format; only mypy needs what is installed.
  // A folder .git makes the linters obey .gitignore.
  const alone = container.withWorkdir("/sources").withDirectory(".", source).withDirectory(".git", dag.directory())
  return Promise.all(
    project.linters.map((command) => ran(command[0] === "mypy" ? container : alone, ["python", "-m", ...command])),
  )
}

/** Where a project may configure pytest, beside pyproject.toml. https://docs.pytest.org/en/stable/reference/customize.html */
const iniFiles = new Set(["pytest.ini", "tox.ini", "setup.cfg"])
