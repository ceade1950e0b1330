import { CacheSharingMode, type Container, type Directory, dag } from "@dagger.io/dagger"
import { noPythonProject, pipFailed } from "../errors.js"
import { type Ran, ran } from "./exec.js"

/** Python 3.13 on Debian, the image that the backend's own Dockerfile starts from. */
const python = "python:3.13-slim"

/**
 * The backend with its packages installed, test tools included; requirements first, so that an edit of a source
 * reuses the install. Takes requirements-dev.txt, or else requirements.txt, or else the project itself.
 */
export async function installed(source: Directory): Promise<Container> {
  const names = await source.entries()
  const base = dag
    .container()
    .from(python)
    .withMountedCache("/root/.cache/pip", dag.cacheVolume("pip"), { sharing: CacheSharingMode.Shared })
    .withEnvVariable("PIP_DISABLE_PIP_VERSION_CHECK", "1")
    // Where the image's Python is the system's, pip must not touch the system's packages.
    .withExec(["python", "-m", "venv", "/opt/venv"])
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the engine expands it
    .withEnvVariable("PATH", "/opt/venv/bin:${PATH}", { expand: true })
    .withWorkdir("/service")
  const pip = ["pip", "install"]
  const lock = ["requirements-dev.txt", "requirements.txt"].find((name) => names.includes(name))
  if (lock === "requirements-dev.txt") {
    return (await pipped(base.withFile(lock, source.file(lock)), [...pip, "-r", lock])).withDirectory(".", source)
  }
  if (lock) {
    const locked = await pipped(base.withFile(lock, source.file(lock)), [...pip, "-r", lock])
    return (await pipped(locked, [...pip, ...testTools])).withDirectory(".", source)
  }
  if (!names.includes("pyproject.toml")) throw noPythonProject()
  return pipped((await pipped(base, [...pip, ...testTools])).withDirectory(".", source), [...pip, "."])
}

/** For a project whose requirements don't bring their own. */
const testTools = ["pytest", "pytest-cov", "ruff", "black"]

async function pipped(container: Container, args: string[]): Promise<Container> {
  const install = await ran(container, args)
  if (install.code !== 0) throw pipFailed(args.join(" "), install.stderr)
  return install.container
}

/** What is written into an image beside its files, by the names of the OCI image specification. */
export type ImageLabels = { title: string; source: string; revision: string; version: string }

/** The runtime image, built from the backend's own Dockerfile, with the commit that it answers to. */
export function image(source: Directory, labels: ImageLabels): Container {
  const built = source.dockerBuild({ buildArgs: [{ name: "COMMIT", value: labels.revision }] })
  return Object.entries(labels).reduce(
    (container, [name, value]) => (value ? container.withLabel(`org.opencontainers.image.${name}`, value) : container),
    built,
  )
}

/** Where a project may configure pytest. https://docs.pytest.org/en/stable/reference/customize.html */
const settingsFiles = new Set(["pyproject.toml", "pytest.toml", "pytest.ini", "tox.ini", "setup.cfg"])

/** pytest with coverage of the package, as Cobertura XML, and JUnit XML. Code 5 means that there was no test. */
export async function tests(source: Directory, report: { junit: string; coverage: string }): Promise<Ran> {
  // A report that came with the sources must not pass for one of this run.
  const fresh = (await installed(source)).withoutFiles([report.junit, report.coverage])
  const configured = await Promise.all(
    (await fresh.directory(".").entries())
      .filter((name) => settingsFiles.has(name))
      .map((name) => fresh.file(name).contents()),
  )
  // Without a path --cov would widen what the project itself chose to measure.
  const measured = configured.some((text) => text.includes("--cov")) ? [] : ["--cov"]
  const outputs = [`--junitxml=${report.junit}`, `--cov-report=xml:${report.coverage}`]
  return ran(fresh, ["python", "-m", "pytest", ...measured, ...outputs])
}

/** Ruff and Black, and mypy where the project configures it. */
export async function lint(source: Directory): Promise<Ran[]> {
  const ready = await installed(source)
  const names = await source.entries()
  const configured = names.includes("pyproject.toml") ? await source.file("pyproject.toml").contents() : ""
  const commands = [
    ["ruff", "check", "--no-cache", "."],
    ["black", "--check", "--quiet", "--diff", "."],
    ...(configured.includes("[tool.mypy]") ? [["mypy", "."]] : []),
  ]
  return Promise.all(commands.map((command) => ran(ready, ["python", "-m", ...command])))
}
