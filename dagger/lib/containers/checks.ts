import { type Directory, dag } from "@dagger.io/dagger"
import type { SlowStep } from "../cache/slow-step.js"
import { type CheckOutcome, ciFailure, ciJson, ciMarkdown, ciText } from "../checks/ci-report.js"
import { coverageBadge } from "../checks/coverage-badge.js"
import { type Coverage, coverageGate, type SourceFiles } from "../checks/coverage-gate.js"
import { checkBroke, checksFailed, noTestScript, noTests, reportUnreadable } from "../checks/errors.js"
import { type Licensed, licencesMarkdown } from "../checks/licences.js"
import { foundNoTests } from "../checks/python-project.js"
import { testFailure } from "../checks/test-failure.js"
import { type TestReport, testReport } from "../checks/test-report.js"
import { PipelineError } from "../errors.js"
import { backendOf, frontendOf } from "../settings/settings.js"
import type { Settings } from "../settings/settings-types.js"
import { excerpt } from "../text/excerpt.js"
import { sanitized, tail } from "../text/untrusted.js"
import { printed } from "../text/wording.js"
import * as backend from "./backend.js"
import { lint as lintBackend } from "./backend-lint.js"
import { backendSources, frontendSources } from "./coverage-sources.js"
import type { Ran } from "./exec.js"
import * as frontend from "./frontend.js"
import * as frontendRun from "./frontend-tests.js"
import type { PackageSource } from "./packages.js"
import { noSources, type Sources } from "./sources.js"
import { span } from "./span.js"
import * as workflows from "./workflows.js"

/** What a part of CI did, with the report files it left. */
export type Checked = CheckOutcome & { files: Directory }

/** The packages of a project's site, asked for once where several checks need them: each question to the engine takes its time. */
export const installedSite = (sources: Partial<Sources>, settings: Settings, cache?: PackageSource) =>
  frontend.installed(sources.frontend ?? noSources(), frontendOf(settings), sources, cache)

/** The same of its service. */
export const installedService = (sources: Partial<Sources>, settings: Settings, cache?: PackageSource) =>
  backend.installed(sources.backend ?? noSources(), backendOf(settings), sources, cache)

/** The tests of the frontend, with their coverage judged. */
export const frontendTests = (
  sources: Partial<Sources>,
  given: Settings,
  site?: Promise<frontend.Installed>,
): Promise<Checked> =>
  checked("frontend tests", async () => {
    const settings = frontendOf(given)
    if (settings.untested) return untested(settings)
    const source = sources.frontend ?? noSources()
    const installed = site ?? installedSite(sources, given)
    const run = await frontendRun.tests(source, settings, installed)
    if (!run) throw noTestScript()
    const names = { junit: "frontend-junit.xml", coverage: "lcov.info" }
    const { workdir, packages, steps } = await installed
    const finding = await judged(
      run,
      settings,
      names,
      await frontendSources(source, workdir, settings.source, given.backend?.source ?? ""),
    )
    return { ...finding, packages: [packages], steps: [...steps, ...run.steps], ...noted(run.notes) }
  })

/** pytest of the backend, with its coverage judged. */
export const backendTests = (
  sources: Partial<Sources>,
  given: Settings,
  service?: Promise<backend.Installed>,
): Promise<Checked> =>
  checked("backend tests", async () => {
    const settings = backendOf(given)
    if (settings.untested) return untested(settings)
    const source = sources.backend ?? noSources()
    const installed = service ?? installedService(sources, given)
    const run = await backend.tests(source, settings, installed)
    if (foundNoTests(run.code, run.stdout)) throw noTests(settings.source)
    const names = { junit: "backend-junit.xml", coverage: "coverage.xml" }
    const { workdir, packages, steps } = await installed
    const finding = await judged(
      { ...run, command: "pytest", unasked: () => "" },
      settings,
      names,
      await backendSources(source, workdir, settings.source, given.frontend?.source ?? ""),
    )
    const tests: SlowStep = { component: "backend", name: "tests", origin: run.origin }
    return { ...finding, packages: [packages], steps: [...steps, tests] }
  })

export const frontendLint = (
  sources: Partial<Sources>,
  settings: Settings,
  site = installedSite(sources, settings),
): Promise<Checked> =>
  checked("frontend lint", async () => {
    const installed = await site
    const packages = [installed.packages]
    const { runs, notRun, steps } = await frontend.lint(installed)
    if (runs.length === 0) return { ...idle("package.json has neither lint nor typecheck"), notRun, packages }
    const reasons = runs.filter(({ code }) => code !== 0).map(said)
    return { reasons, notRun, packages, steps: [...installed.steps, ...steps] }
  })

export const backendLint = (
  sources: Partial<Sources>,
  settings: Settings,
  service?: Promise<backend.Installed>,
  cache?: PackageSource,
): Promise<Checked> =>
  checked("backend lint", async () => {
    const installed = service ?? installedService(sources, settings)
    const { runs, notRun, packages, steps } = await lintBackend(
      sources.backend ?? noSources(),
      backendOf(settings),
      settings.lint,
      installed,
      sources.above,
      cache,
    )
    return {
      reasons: runs.filter(({ code }) => code !== 0).map(said),
      notRun,
      packages: [(await installed).packages, packages],
      steps,
      ...noted(runs.map(limited)),
    }
  })

/** Workflows and actions of a checkout, and the Dockerfile of the service. */
export const workflowLint = (
  { workflows: checkout = noSources(), context }: Partial<Sources>,
  settings: Settings,
  cache?: PackageSource,
): Promise<Checked> =>
  checked("workflow lint", async () => {
    const { runs, absent } = await workflows.lint(checkout, context, settings, cache)
    const packages: string[] = []
    const steps: SlowStep[] = []
    const notes: string[] = absent.length > 0 ? [`no ${absent.join(" and no ")} to check`] : []
    const reasons = (await Promise.allSettled(runs)).flatMap((end) => {
      if (end.status === "fulfilled") {
        notes.push(limited(end.value))
        packages.push(end.value.packages)
        steps.push(...end.value.steps)
        return end.value.code === 0 ? [] : [`${end.value.tool}:`, said(end.value)]
      }
      if (end.reason instanceof PipelineError) return [end.reason.message]
      throw end.reason
    })
    if (runs.length === 0) return idle(notes.join(", "))
    return { reasons, packages, steps, ...noted(notes) }
  })

/**
 * Every check of the components that there are sources of, and of the workflows where they are given, all at once.
 * They run beside each other, as far as the engine's processors go; an outcome comes for each, failed or not.
 * @param cache where what they install may be already.
 */
export const all = (sources: Partial<Sources>, settings: Settings, cache?: PackageSource): Promise<Checked[]> => {
  const site = sources.frontend && installedSite(sources, settings, cache)
  const service = sources.backend && installedService(sources, settings, cache)
  return Promise.all([
    ...(site ? [frontendTests(sources, settings, site), frontendLint(sources, settings, site)] : []),
    ...(service ? [backendTests(sources, settings, service), backendLint(sources, settings, service, cache)] : []),
    ...(sources.workflows ? [workflowLint(sources, settings, cache)] : []),
  ])
}

/** The text of checks that all passed; throws with every failure otherwise. @param call what people type before a function. */
export function passedOrThrow(checks: CheckOutcome[], call: string): string {
  const outcomes = checks.map(outcomeOf)
  if (outcomes.every(({ passed }) => passed)) return printed(ciText(outcomes))
  throw checksFailed(ciFailure(outcomes), call)
}

/** The outcomes of checks that all passed; throws with every failure otherwise. */
export async function passing<Outcome extends CheckOutcome>(
  running: Promise<Outcome[]>,
  call: string,
): Promise<Outcome[]> {
  const outcomes = await running
  passedOrThrow(outcomes, call)
  return outcomes
}

/** Every report file, a badge for each coverage, and the summary as Markdown and JSON; also of checks that failed. */
export function reports(checks: Checked[]): Directory {
  const outcomes = checks.map(outcomeOf)
  const files = checks.reduce((all, { files: own }) => all.withDirectory(".", own), dag.directory())
  return outcomes
    .reduce((all, { name, coverage }) => {
      if (!coverage) return all
      const component = name.split(" ", 1)[0] ?? ""
      return all.withNewFile(`coverage-${component}.svg`, coverageBadge(`${component} coverage`, coverage))
    }, files)
    .withNewFile("summary.md", ciMarkdown(outcomes))
    .withNewFile("summary.json", ciJson(outcomes))
}

/**
 * Packages that the components bring to their users, by licence, as Markdown. A component whose packages can't be listed says why instead.
 * @param cache where what must be installed for that may be already.
 */
export async function licences(sources: Sources, settings: Settings, cache?: PackageSource): Promise<string> {
  const { frontend: pages, backend: app } = sources
  const section = async (title: string, list: () => Promise<Licensed[]>) => {
    const text = await list()
      .then(licencesMarkdown)
      .catch((failure: unknown) => {
        if (failure instanceof PipelineError) return `${failure.message}\n`
        throw failure
      })
    return `## ${title}\n\n${text}`
  }
  const sections = await Promise.all([
    ...(pages ? [section("Frontend", () => frontend.licences(pages, frontendOf(settings), sources))] : []),
    ...(app ? [section("Backend", () => backend.licences(app, backendOf(settings), sources, cache))] : []),
  ])
  return `# Licences\n\n${sections.join("\n")}`
}

function outcomeOf({
  name,
  passed,
  milliseconds,
  tests,
  coverage,
  note,
  ran,
  notRun,
  packages,
  steps,
  reasons,
}: CheckOutcome): CheckOutcome {
  return {
    name,
    passed,
    milliseconds,
    ...(tests && { tests }),
    ...(coverage && { coverage }),
    ...(note && { note }),
    ...(ran === false && { ran }),
    ...(notRun && notRun.length > 0 && { notRun }),
    ...(packages && packages.length > 0 && { packages }),
    ...(steps && steps.length > 0 && { steps }),
    reasons,
  }
}

type Finding = Pick<
  CheckOutcome,
  "tests" | "coverage" | "note" | "ran" | "notRun" | "packages" | "steps" | "reasons"
> & {
  files?: Directory
}

/** A failure of one part must not hide those of the others, so what is thrown becomes its outcome. */
async function checked(name: string, act: () => Promise<Finding>): Promise<Checked> {
  const started = Date.now()
  const finding = await span(name, act).catch((failure: unknown): Finding => {
    return { reasons: [failure instanceof PipelineError ? failure.message : checkBroke(name, failure).message] }
  })
  return {
    name,
    passed: finding.reasons.length === 0,
    milliseconds: Date.now() - started,
    ...(finding.tests && { tests: finding.tests }),
    ...(finding.coverage && { coverage: finding.coverage }),
    ...(finding.note && { note: finding.note }),
    ...(finding.ran === false && { ran: false }),
    ...(finding.notRun && finding.notRun.length > 0 && { notRun: finding.notRun }),
    ...(finding.packages?.some(Boolean) && { packages: finding.packages.filter(Boolean) }),
    ...(finding.steps && finding.steps.length > 0 && { steps: finding.steps }),
    reasons: finding.reasons,
    files: finding.files ?? dag.directory(),
  }
}

interface Reported {
  junit: string
  coverage: string
  minLineCoverage: number
  untested: string
}

type JudgedRun = Pick<frontendRun.Tested, keyof Ran | "command" | "unasked">

async function judged(
  run: JudgedRun,
  settings: Reported,
  names: { junit: string; coverage: string },
  sources: SourceFiles,
): Promise<Finding> {
  let files = dag.directory()
  const missing: string[] = []
  const empty: string[] = []
  const unread: string[] = []
  const attempt = async <Result>(
    path: string,
    name: string,
    read: (text: string) => Promise<Result>,
  ): Promise<Result | undefined> => {
    const file = run.container.file(path)
    try {
      const text = await file.contents().catch(async (failure: Error) => {
        if ((await run.container.directory(".").glob(path)).length === 0) return undefined
        files = files.withFile(name, file)
        // The engine hands over files up to 128 MiB.
        throw reportUnreadable(path, `the engine does not hand it over: ${tail(failure.message, 3).join(" ")}`)
      })
      if (text === undefined) {
        missing.push(path)
        return undefined
      }
      files = files.withFile(name, file)
      // Jest leaves such a report of coverage when no test came to run.
      if (run.code !== 0 && text.trim() === "") {
        empty.push(path)
        return undefined
      }
      return await read(text)
    } catch (failure) {
      unread.push((failure as Error).message)
      return undefined
    }
  }
  const [tests, coverage] = await Promise.all([
    attempt(settings.junit, names.junit, (text): Promise<TestReport> => testReport(text, settings.junit)),
    attempt(
      settings.coverage,
      names.coverage,
      (text): Promise<Coverage> => coverageGate(text, settings.minLineCoverage, settings.coverage, sources),
    ),
  ])
  const { command, code } = run
  missing.sort((one) => (one === settings.junit ? -1 : 1))
  return {
    ...(tests && { tests }),
    ...(coverage && { coverage }),
    reasons: testFailure({
      ...{ command, code, tests, coverage, missing, empty, unread },
      // A pipe ends well, whatever the runner before it did.
      said: code !== 0 ? said(run) : missing.length > 0 ? said(await outputOf(run)) : "",
      unasked: missing.length > 0 ? run.unasked(missing) : "",
    }),
    files,
  }
}

/** Green, but nobody should take it for a check that was made. */
const idle = (why: string): Finding => ({ reasons: [], ran: false, note: why })

/** A component whose settings say why its tests aren't run; nobody should take it for tested. */
const untested = ({ untested: why }: Pick<Reported, "untested">): Finding =>
  idle(`NOT TESTED: ${sanitized(why).replace(/\s+/g, " ")}`)

/** That a linter was asked for a part of its rules alone, and what the rest would find. */
const limited = ({ note, left }: { note: string; left: number }): string =>
  note && left > 0 ? `${note}; ${left} more with "lint": "all"` : note

const noted = (notes: string[]) => {
  const told = notes.filter(Boolean)
  return told.length > 0 ? { note: told.join("; ") } : {}
}

const outputOf = async ({ container }: Pick<Ran, "container">) => ({
  stdout: await container.stdout(),
  stderr: await container.stderr(),
})

/** What a failed command said of the cause, and last. */
const said = ({ stdout, stderr }: Pick<Ran, "stdout" | "stderr">) => excerpt(`${stdout}\n${stderr}`, 40).join("\n")
