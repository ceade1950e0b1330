import { type Directory, dag } from "@dagger.io/dagger"
import { type CheckOutcome, ciFailure, ciJson, ciMarkdown, ciText } from "../checks/ci-report.js"
import { coverageBadge } from "../checks/coverage-badge.js"
import { type Coverage, coverageGate } from "../checks/coverage-gate.js"
import { type Licensed, licencesMarkdown } from "../checks/licences.js"
import { foundNoTests } from "../checks/python-project.js"
import { type TestReport, testReport } from "../checks/test-report.js"
import { checksFailed, noTestScript, noTests, PipelineError, reportMissing, reportUnreadable } from "../errors.js"
import { backendOf, frontendOf } from "../settings/settings.js"
import type { Settings } from "../settings/settings-types.js"
import { sanitized, tail } from "../text/untrusted.js"
import * as backend from "./backend.js"
import type { Ran } from "./exec.js"
import * as frontend from "./frontend.js"
import type { Sources } from "./sources.js"
import { span } from "./span.js"
import * as workflows from "./workflows.js"

/** What a part of CI did, with the report files it left. */
export type Checked = CheckOutcome & { files: Directory }

/** `npm test` of the frontend, with its coverage judged. */
export const frontendTests = (
  source: Directory,
  given: Settings,
  site?: Promise<frontend.Installed>,
): Promise<Checked> =>
  checked("frontend tests", async () => {
    const settings = frontendOf(given)
    const run = await frontend.tests(source, settings, site)
    if (!run) return untested(settings, noTestScript())
    return judged("npm test", run, settings, { junit: "frontend-junit.xml", coverage: "lcov.info" })
  })

/** pytest of the backend, with its coverage judged. */
export const backendTests = (
  source: Directory,
  given: Settings,
  service?: Promise<backend.Installed>,
): Promise<Checked> =>
  checked("backend tests", async () => {
    const settings = backendOf(given)
    const run = await backend.tests(source, settings, service)
    if (foundNoTests(run.code, run.stdout)) return untested(settings, noTests(settings.source))
    return judged("pytest", run, settings, { junit: "backend-junit.xml", coverage: "coverage.xml" })
  })

export const frontendLint = (source: Directory, site?: Promise<frontend.Installed>): Promise<Checked> =>
  checked("frontend lint", async () => linted(await frontend.lint(source, site)))

export const backendLint = (source: Directory, service?: Promise<backend.Installed>): Promise<Checked> =>
  checked("backend lint", async () => linted(await backend.lint(source, service)))

/** Workflows of a checkout, and the Dockerfile of the backend. */
export const workflowLint = (checkout: Directory, backendSource: Directory): Promise<Checked> =>
  checked("workflow lint", async () => {
    const { runs, absent } = await workflows.lint(checkout, backendSource)
    const reasons = (await Promise.allSettled(runs)).flatMap((end) => {
      if (end.status === "fulfilled") return end.value.code === 0 ? [] : [`${end.value.tool}:`, said(end.value)]
      if (end.reason instanceof PipelineError) return [end.reason.message]
      throw end.reason
    })
    return { reasons, ...(absent.length > 0 && { note: `no ${absent.join(" and no ")} to check` }) }
  })

/**
 * Every check of the components that there are sources of, and of the workflows where they are given, all at once.
 * They run beside each other, as far as the engine's processors go; an outcome comes for each, failed or not.
 */
export const all = (
  { frontend: pages, backend: app, workflows: checkout }: Partial<Sources>,
  settings: Settings,
): Promise<Checked[]> => {
  // Asked for once, although the engine would do it once anyway: each question to it takes its time.
  const [site, service] = [pages && frontend.installed(pages), app && backend.installed(app)]
  return Promise.all([
    ...(pages ? [frontendTests(pages, settings, site), frontendLint(pages, site)] : []),
    ...(app ? [backendTests(app, settings, service), backendLint(app, service)] : []),
    ...(checkout ? [workflowLint(checkout, app ?? dag.directory())] : []),
  ])
}

/** The text of checks that all passed; throws with every failure otherwise. */
export function passedOrThrow(checks: CheckOutcome[]): string {
  const outcomes = checks.map(outcomeOf)
  if (outcomes.every(({ passed }) => passed)) return ciText(outcomes)
  throw checksFailed(ciFailure(outcomes))
}

/** The outcomes of checks that all passed; throws with every failure otherwise. */
export async function passing<Outcome extends CheckOutcome>(running: Promise<Outcome[]>): Promise<Outcome[]> {
  const outcomes = await running
  passedOrThrow(outcomes)
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

/** Packages that the components bring to their users, by licence, as Markdown. A component whose packages can't be listed says why instead. */
export async function licences({ frontend: pages, backend: app }: Sources): Promise<string> {
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
    ...(pages ? [section("Frontend", () => frontend.licences(pages))] : []),
    ...(app ? [section("Backend", () => backend.licences(app))] : []),
  ])
  return `# Licences\n\n${sections.join("\n")}`
}

function outcomeOf({ name, passed, milliseconds, tests, coverage, note, reasons }: CheckOutcome): CheckOutcome {
  return {
    name,
    passed,
    milliseconds,
    ...(tests && { tests }),
    ...(coverage && { coverage }),
    ...(note && { note }),
    reasons,
  }
}

type Finding = Pick<CheckOutcome, "tests" | "coverage" | "note" | "reasons"> & { files?: Directory }

/** A failure of one part must not hide those of the others, so what is thrown becomes its outcome. */
async function checked(name: string, act: () => Promise<Finding>): Promise<Checked> {
  const started = Date.now()
  const finding = await span(name, act).catch((failure: unknown): Finding => {
    if (failure instanceof PipelineError) return { reasons: [failure.message] }
    throw failure
  })
  return {
    name,
    passed: finding.reasons.length === 0,
    milliseconds: Date.now() - started,
    ...(finding.tests && { tests: finding.tests }),
    ...(finding.coverage && { coverage: finding.coverage }),
    ...(finding.note && { note: finding.note }),
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

async function judged(
  command: string,
  run: Ran,
  settings: Reported,
  names: { junit: string; coverage: string },
): Promise<Finding> {
  let files = dag.directory()
  const attempt = async <Result>(
    path: string,
    name: string,
    read: (text: string) => Promise<Result>,
  ): Promise<{ report?: Result; reasons: string[] }> => {
    const file = run.container.file(path)
    try {
      const text = await file.contents().catch(async (failure: Error) => {
        if ((await run.container.directory(".").glob(path)).length === 0) throw reportMissing(path, command)
        files = files.withFile(name, file)
        // The engine hands over files up to 128 MiB.
        throw reportUnreadable(path, `the engine does not hand it over: ${tail(failure.message, 3).join(" ")}`)
      })
      files = files.withFile(name, file)
      return { report: await read(text), reasons: [] }
    } catch (failure) {
      return { reasons: [(failure as Error).message] }
    }
  }
  const [{ report: tests, reasons }, { report: coverage, ...unread }] = await Promise.all([
    attempt(settings.junit, names.junit, (text): Promise<TestReport> => testReport(text, settings.junit)),
    attempt(
      settings.coverage,
      names.coverage,
      (text): Promise<Coverage> => coverageGate(text, settings.minLineCoverage, settings.coverage),
    ),
  ])
  reasons.push(...unread.reasons)
  if (coverage && !coverage.passed) {
    reasons.push(
      `line coverage is ${coverage.percent.toFixed(1)} %, the limit is ${coverage.limit} %; most uncovered: ${coverage.worst
        .map(({ file, uncovered }) => `${file} (${uncovered} lines)`)
        .join(", ")}`,
    )
  }
  if (tests && tests.failed > 0) reasons.push(`${tests.failed} of ${tests.failed + tests.passed} tests failed`)
  // Tests may pass while the run failed: a setup error, a runner's own threshold.
  else if (run.code !== 0) reasons.push(`${command} ended with exit code ${run.code}`, said(run))
  return {
    ...(tests && { tests }),
    ...(coverage && { coverage }),
    ...(settings.untested && { note: "it has tests: its `untested` can be taken out of the settings" }),
    reasons,
    files,
  }
}

function linted(runs: Ran[]): Finding {
  // Green, but nobody should take it for a check that was made.
  if (runs.length === 0) return { reasons: [], note: "nothing to run: package.json has neither lint nor typecheck" }
  return { reasons: runs.filter(({ code }) => code !== 0).map(said) }
}

/** A component without tests fails, unless the settings say why it has none; then nobody should take it for tested. */
function untested({ untested: why }: Pick<Reported, "untested">, failure: PipelineError): Finding {
  if (!why) throw failure
  return { reasons: [], note: `NOT TESTED: ${sanitized(why).replace(/\s+/g, " ")}` }
}

/** What a failed command said last. */
const said = ({ stdout, stderr }: Ran) => tail(`${stdout}\n${stderr}`, 40).join("\n")
