import { excerpt, PipelineError, shown } from "../errors.js"
import { redacted, sanitized, shortened } from "../text/untrusted.js"

export const noTestScript = () =>
  new PipelineError("The frontend has no tests to run.", {
    why: 'its package.json has no "test" script',
    next: 'add one that also writes coverage and JUnit, such as "test": "vitest run --coverage"; or say in frontend.untested of the settings why it has none',
  })

export const noTests = (where: string) =>
  new PipelineError("The backend has no tests to run.", {
    why: `pytest found none in ${where}`,
    next: "add a file test_….py with a function test_…, or name the folder in testpaths of pyproject.toml; or say in backend.untested of the settings why it has none",
  })

export const reportUnreadable = (path: string, why: string) =>
  new PipelineError(`${path} can't be read.`, {
    why,
    next: "run the command that writes it and look at the file; a report that can't be read never counts as passed",
  })

/** What no error of ours tells ends only the check that it happened in. */
export const checkBroke = (name: string, failure: unknown) =>
  new PipelineError(`${name} could not be run to their end.`, {
    why: `something failed that has no words of its own:${excerpt(failure instanceof Error ? `${failure.name}: ${failure.message}` : String(failure))}`,
    next: "run the same command again; if it fails again, report it with these lines: the other checks are told all the same",
  })

interface LineCounts {
  total: number
  covered: number
}

/** @param given negative where the report has no such total. @param of the file, "" for the whole report. */
export const coverageContradictory = (path: string, counted: LineCounts, given: LineCounts, of = "") =>
  new PipelineError(`${path} contradicts itself.`, {
    why: `it lists ${counted.total} lines${of && ` of ${shown(of)}`}, ${counted.covered} of them covered, and its own totals are ${[given.total, given.covered].map((it) => (it < 0 ? "missing" : it)).join(" and ")}`,
    next: "let the tool name each file from the component's root, such as `pytest --cov=.`: two files of one name become one in some reports",
  })

/** @param text every failure, one under the other. @param call what people type before a function. */
export const checksFailed = (text: string, call: string) =>
  new PipelineError(`The checks failed.\n${text}`, {
    why: "each failure is listed above",
    next: `fix them and run \`${call} ci\`; \`${call} ci-reports --output=reports\` keeps the reports of a failed run`,
  })

/** @param others scripts that package.json has besides. */
export const noBuildScript = (script: string, others: string[]) =>
  new PipelineError(`The frontend has no script ${shown(script)} that builds it.`, {
    why: `its package.json has ${others.length > 0 ? `only ${others.map(shown).join(", ")}` : "no scripts"}`,
    next: "name the one that writes the site as frontend.buildScript of the settings, or add it",
  })

export const noSuchScript = (script: string) =>
  new PipelineError(`package.json has no script ${shown(script)}.`, {
    why: "frontend.testScript of the settings names it",
    next: "correct the name, or add the script",
  })

/** @param others scripts that package.json has besides. */
export const browserNeeded = (script: string, command: string, others: string[]) =>
  new PipelineError(`The frontend's tests need a browser, and none is there.`, {
    why: `its script ${shown(script)} is ${shown(command)}`,
    next: `name a script that runs without one as frontend.testScript of the settings${others.length > 0 ? ` (there are ${others.map(shown).join(", ")})` : ""}; or say in frontend.untested why none are run`,
  })

/** @param missing reports of a run that ended well. @param said by it. */
export const reportsMissing = (missing: string[], command: string, said: string) =>
  new PipelineError(`${missing.join(" and ")} ${missing.length > 1 ? "are" : "is"} missing.`, {
    why: `${command} ran but did not write ${missing.length > 1 ? "them" : "it"}${said && `; it printed:${excerpt(said)}`}`,
    next: "let the command write this report, or name the file that it writes in the settings",
  })

/** @param missing reports of a run that failed. */
export const reportsNotReached = (missing: string[], command: string) =>
  new PipelineError(`${missing.join(" and ")} ${missing.length > 1 ? "are" : "is"} missing.`, {
    why: `${command} ended before it wrote ${missing.length > 1 ? "them" : "it"}`,
    next: "see to what it ended with, which stands above",
  })

/** @param report of a run that failed, which is there and holds nothing. */
export const reportEmpty = (report: string, command: string) =>
  new PipelineError(`${report} is empty.`, {
    why: `${command} ended before it wrote anything into it`,
    next: "see to what it ended with, which stands above",
  })

/** @param missing reports. @param unasked why nobody could ask for them. @param others scripts that start a runner by themselves. */
export const reportsUnasked = (missing: string[], script: string, text: string, unasked: string, others: string[]) =>
  new PipelineError(`The script ${shown(script)}, which is ${shown(text)}, left no ${missing.join(" and no ")}.`, {
    why: `its runner can't be asked for them: ${shortened(redacted(sanitized(unasked)), 200)}`,
    next: `name a script that runs Vitest, Jest or bun itself as frontend.testScript of the settings${others.length > 0 ? ` (there are ${others.map(shown).join(", ")})` : ""}; or let the script write these files, or name what it writes as frontend.junit and frontend.coverage`,
  })

export const runnerMissing = (runner: string, script: string, lockFile: string) =>
  new PipelineError(`The frontend's tests can't be run: ${runner} is not installed.`, {
    why: `the script ${shown(script)} runs it, and ${lockFile} does not name it`,
    next: `add it with \`npm install --save-dev ${runner}\` or the project's own package manager, and commit both files`,
  })

/** @param folders that are there instead. */
export const outputMissing = (output: string, folders: string[]) =>
  new PipelineError(`The build left no folder ${shown(output)}.`, {
    why: `frontend.output of the settings names it, and the build ended well without writing it${folders.length > 0 ? `; there are ${folders.slice(0, 12).join(" ")}` : ""}`,
    next: "name the folder that the build writes as frontend.output, counted from frontend.source, such as dist or ../dist",
  })

/** What is told of a site whose programs name the machine that built it. @param addresses such as http://localhost:8000/api */
export const localAddresses = (addresses: string[]) =>
  `the site's programs name ${addresses.map((it) => shortened(sanitized(it), 80)).join(" and ")}, which visitors can't reach: if the build needs an address, give it in frontend.env of the settings`
