import { type Container, type Directory, dag } from "@dagger.io/dagger"
import { Origin, type SlowStep } from "../cache/slow-step.js"
import { pipFailed } from "../checks/install-errors.js"
import { configuredAbove, type PythonLinter, type PythonLinting, pythonLinters } from "../checks/python-linters.js"
import { leftOut } from "../checks/workflow-linters.js"
import type { BackendSettings, Settings } from "../settings/settings-types.js"
import { installed } from "./backend.js"
import { answered, originIn, ran, ranSlowly, type SlowRan, stamped } from "./exec.js"
import { type Installable, ofTools, type PackageSource, recipeOf, take } from "./packages.js"
import { bare, type Described, withEnvironment } from "./service-packages.js"
import { textsOf } from "./sources.js"
import { withVariables } from "./system.js"

/** Python for tools that look at sources alone, whatever the project runs on. */
const ours = "3.13-slim"

/** What a linter said; `left` counts what its whole set finds besides. */
export type PythonLinted = SlowRan & { tool: string; note: string; left: number; steps: SlowStep[] }

/** Ruff, and each other linter that the project configures or lists; and which of them aren't run, with why. */
export async function lint(
  source: Directory,
  settings: BackendSettings,
  level: Settings["lint"],
  service = installed(source, settings),
  above = dag.directory(),
  cache?: PackageSource,
): Promise<{ runs: PythonLinted[]; notRun: string[]; packages: string; steps: SlowStep[] }> {
  const [{ container: bare, ...known }, texts] = await Promise.all([service, textsOf(above)])
  const around = known.named ? above.withDirectory(".", known.named) : above
  // Where folders above say how tools are to work, these look for them from the component's own place.
  const root = "/sources"
  const container = Object.keys(texts).length > 0 ? bare.withDirectory(root, around) : bare
  const { linters, notRun } = lintersOf(known, level, settings.source, texts)
  // The install may have made files among the sources that are nobody's to format; only some need what is installed.
  // A folder .git makes the linters obey .gitignore.
  const alone = (tools: Container) =>
    tools
      .withDirectory(root, around)
      .withDirectory(`${root}/.git`, dag.directory())
      .withWorkdir(settings.source === "." ? root : `${root}/${settings.source}`)
      .withDirectory(".", source)
  const apart = toolsApart(linters)
  const taken =
    apart.length > 0 ? take(toolBox(apart), cache) : Promise.resolve({ container, told: "", origin: Origin.Unknown })
  const box = async () => {
    const { container: tools } = await taken
    return apart.length > 0 ? withVariables(alone(tools), settings.env) : tools
  }
  const place = async ({ install, needsPackages, tool }: PythonLinter): Promise<Equipped> => {
    if (!install) return { container: needsPackages ? container : alone(container), steps: [] }
    if (!needsPackages) return { container: await box(), steps: [] }
    const beside = await pipped(container, [install])
    return { container: beside, steps: [stepOf(`the install of ${tool}`, await originIn(beside))] }
  }
  const runs = await Promise.all(
    linters.map(async (linter): Promise<PythonLinted> => {
      const { container: there, steps } = await place(linter)
      const [run, whole] = await Promise.all([
        ranSlowly(there, ["python", "-m", ...linter.args]),
        linter.whole.length > 0 ? answered(there, ["python", "-m", ...linter.whole]) : undefined,
      ])
      const { tool, note } = linter
      const left = whole ? leftOut(tool, whole.stdout) : 0
      return { ...run, tool, note, left, steps: [...steps, stepOf(tool, run.origin)] }
    }),
  )
  const { told, origin } = await taken
  const shared = apart.length > 0 ? [stepOf("the install of linters", origin)] : []
  const steps = [...known.steps, ...shared, ...runs.flatMap((run) => run.steps)]
  return { runs, notRun, packages: told, steps }
}

/** A container for a linter, and the slow steps that made it. */
type Equipped = { container: Container; steps: SlowStep[] }

const stepOf = (name: string, origin: Origin): SlowStep => ({ component: "backend", name, origin })

/** Linters that run without the service's packages, each as pip names it. */
const toolsApart = (linters: PythonLinter[]): string[] =>
  [...new Set(linters.filter((it) => !it.needsPackages).map(({ install }) => install))].filter(Boolean)

/** The linters that have an environment of their own; `undefined` where there are none. */
export async function linterBox(
  known: Described,
  settings: BackendSettings,
  level: Settings["lint"],
  above: Directory,
): Promise<Installable | undefined> {
  const apart = toolsApart(lintersOf(known, level, settings.source, await textsOf(above)).linters)
  return apart.length > 0 ? toolBox(apart) : undefined
}

const lintersOf = (
  { project, names, requirements, mentioned, texts, tag }: Described,
  lint: Settings["lint"],
  source: string,
  above: Record<string, string>,
): PythonLinting =>
  pythonLinters({
    project,
    names,
    installed: Object.values(requirements).flatMap(({ direct }) => direct),
    mentioned,
    ini: [texts["setup.cfg"], texts["tox.ini"], texts["mypy.ini"], texts[".mypy.ini"]].join("\n"),
    preCommit: [
      texts[".pre-commit-config.yaml"] ?? "",
      ...Object.entries(above).flatMap(([path, text]) => (path.endsWith(".pre-commit-config.yaml") ? [text] : [])),
    ].join("\n"),
    above: configuredAbove(source, above),
    python: tag.replace(/^(\d+\.\d+).*$/, "$1"),
    lint,
  })

/** Linters in an environment of their own: what the service needs is not theirs to change. */
const toolBox = (packages: string[]): Installable => ({
  kind: "linters",
  recipe: () => recipeOf(ofTools("linters", `python:${ours}`, packages)),
  build: () => pipped(withEnvironment(bare(`python:${ours}`)), packages),
})

async function pipped(container: Container, packages: string[]): Promise<Container> {
  const args = ["pip", "install", ...packages]
  const install = await ran(container, stamped(args))
  if (install.code !== 0) throw pipFailed(args.join(" "), install.stderr)
  return install.container
}
