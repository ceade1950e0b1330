/** A test runner whose reports can be asked for on its command line. */
export enum Runner {
  Vitest = "vitest",
  Jest = "jest",
  /** It must write its reports by itself. */
  Other = "other",
}

/** Where reports are to be written. */
export interface ReportPaths {
  junit: string
  coverage: string
}

/** Jest has no JUnit reporter of its own; the container puts one here. */
export const jestReporter = "/opt/pipeline/jest-junit.cjs"

const names: Record<string, Runner> = { vitest: Runner.Vitest, jest: Runner.Jest }
const wrappers: Record<string, Runner> = { "react-scripts test": Runner.Jest, "craco test": Runner.Jest }

/**
 * The script that runs the tests, and which runner takes the arguments that are put behind it.
 * `test` may name another script (`npm run unit`); npm would keep flags given to that for itself, so the other one is run.
 */
export function testScript(scripts: Record<string, string>): { script: string; runner: Runner } {
  let script = "test"
  for (const seen = new Set<string>(); !seen.has(script); ) {
    seen.add(script)
    const next = /^(?:npm|pnpm|yarn)(?: run)? ([\w:.-]+)$/.exec(scripts[script]?.trim() ?? "")?.[1]
    if (next && scripts[next]) script = next
  }
  return { script, runner: runnerOf(scripts[script] ?? "", scripts) }
}

/** What comes after the script's own text reaches only its last command. */
function runnerOf(command: string, scripts: Record<string, string>): Runner {
  const last = command
    .split(/&&|\|\||;|\|/)
    .at(-1)
    ?.trim()
  if (!last) return Runner.Other
  const handed = /^(?:npm run|(?:pnpm|yarn)(?: run)?) ([\w:.-]+)(?: --)?(?: |$)/.exec(last)?.[1]
  if (handed && scripts[handed] && scripts[handed] !== command) return runnerOf(scripts[handed], {})
  const words = last.replace(/^(?:(?:cross-env |npx |pnpm exec |yarn )|[A-Z_]+=\S* )+/, "").split(/\s+/)
  return names[words[0] ?? ""] ?? wrappers[words.slice(0, 2).join(" ")] ?? Runner.Other
}

/**
 * Arguments that make a runner write LCOV and JUnit where the pipeline reads them, whatever its own configuration.
 * Empty when it can't be told to: then its configuration has to.
 * https://vitest.dev/guide/cli.html https://jestjs.io/docs/cli
 */
export function reportArguments(runner: Runner, command: string, { junit, coverage }: ReportPaths): string[] {
  // Both runners choose the folder, but not the file's name; and a file chosen in the script already can't be chosen again.
  if (!/(?:^|\/)lcov\.info$/.test(coverage) || command.includes("--outputFile")) return []
  const folder = coverage.includes("/") ? coverage.slice(0, coverage.lastIndexOf("/")) : "."
  if (runner === Runner.Vitest)
    return [
      "--coverage.enabled",
      "--coverage.reporter=lcovonly",
      `--coverage.reportsDirectory=${folder}`,
      "--reporter=default",
      "--reporter=junit",
      `--outputFile.junit=${junit}`,
    ]
  if (runner === Runner.Jest)
    return [
      "--coverage",
      "--coverageReporters=lcovonly",
      `--coverageDirectory=${folder}`,
      "--reporters=default",
      `--reporters=${jestReporter}`,
    ]
  return []
}
