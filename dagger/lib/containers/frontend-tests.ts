import { type Container, type Directory, dag } from "@dagger.io/dagger"
import type { SlowStep } from "../cache/slow-step.js"
import { browserNeeded, noSuchScript, reportsUnasked, runnerMissing } from "../checks/errors.js"
import { installScriptsNeeded } from "../checks/install-errors.js"
import { missesInstallScript, type PackageManager, scriptCommand } from "../checks/package-manager.js"
import { jestReporter, type ReportPaths, Runner, reportArguments } from "../checks/test-runner.js"
import { scriptsOfRunners, testScript, unasked, withArguments } from "../checks/test-script.js"
import type { FrontendSettings } from "../settings/settings-types.js"
import { originIn, type Ran, ranSlowly } from "./exec.js"
import { type Installed, withoutTheirScripts } from "./frontend.js"
import { folder, manifestOf, succeed } from "./site-packages.js"

/** A run of the tests. */
export interface Tested extends Ran {
  /** Such as `npm run test`. */
  command: string
  /** What the outcome does not say of itself. */
  notes: string[]
  /** The tests, and what they needed besides the packages. */
  steps: SlowStep[]
  /** What is said of missing reports that nobody could ask for; "" where they were asked for. */
  unasked: (missing: string[]) => string
}

/**
 * The script of the tests, asked for both reports where the runner is known; `undefined`, without waiting for the packages, when there
 * is no such script.
 */
export async function tests(
  source: Directory,
  settings: FrontendSettings,
  site: Promise<Installed>,
): Promise<Tested | undefined> {
  // What the install fails with is told by whoever waits for it.
  site.catch(() => {})
  const { scripts, text } = await manifestOf(source)
  const found = testScript(scripts, settings.testScript)
  const { script, runner, within } = found
  if (!scripts[script] && settings.testScript) throw noSuchScript(settings.testScript)
  if (!scripts[script]) return undefined
  // Whoever names the script, or Debian's packages, knows where the browser comes from.
  if (runner === Runner.Browser && !settings.testScript && settings.systemPackages.length === 0) {
    const others = Object.keys(scripts).filter((name) => /test|unit/i.test(name) && name !== script)
    throw browserNeeded(script, scripts[script], others)
  }
  const { container, manager, workdir, lockText } = await site
  // A report that came with the sources must not pass for one of this run.
  const fresh = container.withoutFiles([settings.junit, settings.coverage])
  // Absolute, because runners count from a root of their own choice.
  const absolute = { junit: `${workdir}/${settings.junit}`, coverage: `${workdir}/${settings.coverage}` }
  const flags = reportArguments(runner, found.command, absolute)
  const { container: equipped, steps } =
    flags.length === 0
      ? { container: fresh, steps: [] }
      : await withReporters(fresh, runner, manager, absolute, script, workdir)
  const asked = flags.length > 0 && within.length > 0 ? withArguments(text, found, flags) : ""
  const run = await ranSlowly(
    asked ? equipped.withNewFile("package.json", asked) : equipped,
    scriptCommand(manager, script, asked ? [] : flags),
  )
  const said = `${run.stdout}\n${run.stderr}`
  if (run.code !== 0 && missesInstallScript(said)) {
    const packages = await withoutTheirScripts(manager, lockText, settings)
    if (packages.length > 0) throw installScriptsNeeded(`npm run ${script}`, packages, said)
  }
  const why = unasked(found, absolute)
  return {
    ...run,
    command: scriptCommand(manager, script).join(" "),
    steps: [...steps, { component: "frontend", name: "tests", origin: run.origin }],
    notes: [
      ...(found.standsIn ? [`by the script ${script}, for test needs a browser`] : []),
      ...(found.unreported.length > 0
        ? [`no reports of ${found.unreported.join(" and ")}: those of the last runner count`]
        : []),
    ],
    unasked: (missing) =>
      why && reportsUnasked(missing, script, scripts[script] ?? "", why, scriptsOfRunners(scripts)).message,
  }
}

/** What the runner needs for the reports and the project may lack. */
async function withReporters(
  container: Container,
  runner: Runner,
  manager: PackageManager,
  report: ReportPaths,
  script: string,
  workdir: string,
): Promise<Pick<Tested, "container" | "steps">> {
  if (runner === Runner.Bun) return { container, steps: [] }
  if (runner === Runner.Jest) {
    const equipped = container
      .withFile(jestReporter, dag.currentModule().source().file("assets/jest-junit.cjs"))
      .withEnvVariable("JUNIT_REPORT", report.junit)
    return { container: equipped, steps: [] }
  }
  // A workspace keeps packages of its parts at its root too.
  const folders = [...new Set([workdir, folder])].map((path) => container.directory(path))
  const found = await Promise.all(folders.map((it) => it.glob("node_modules/@vitest/coverage-*/package.json")))
  if (found.flat().length > 0) return { container, steps: [] }
  const texts = await Promise.all(
    folders.map((it) =>
      it
        .file("node_modules/vitest/package.json")
        .contents()
        .catch(() => ""),
    ),
  )
  const text = texts.find(Boolean)
  if (!text) throw runnerMissing(runner, script, manager.lockFile)
  const { version } = JSON.parse(text) as { version: string }
  // Vitest takes only a provider of its own version.
  const equipped = await succeed(container, [...manager.add, `@vitest/coverage-v8@${version}`])
  const step = { component: "frontend", name: "the coverage provider", origin: await originIn(equipped) }
  return { container: equipped, steps: [step] }
}
