/** A test runner whose reports can be asked for on its command line. */
export enum Runner {
  Vitest = "vitest",
  Jest = "jest",
  Bun = "bun",
  /** Drives a browser, which the container has not. */
  Browser = "browser",
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

const names: Record<string, Runner> = {
  vitest: Runner.Vitest,
  jest: Runner.Jest,
  "jest-cli": Runner.Jest,
  playwright: Runner.Browser,
  "@playwright": Runner.Browser,
  cypress: Runner.Browser,
  wdio: Runner.Browser,
  nightwatch: Runner.Browser,
  testcafe: Runner.Browser,
}
const phrases: Record<string, Runner> = {
  "react-scripts test": Runner.Jest,
  "react-app-rewired test": Runner.Jest,
  "craco test": Runner.Jest,
  "vue-cli-service test:unit": Runner.Jest,
  "bun test": Runner.Bun,
}

/** The runner that a command starts by itself, and its own words from there on. @param words of the command. */
export function runnerOf(words: string[]): { runner: Runner; own: string[] } {
  if (isElsewhere(words)) return { runner: Runner.Other, own: [] }
  const own = programOf(words)
  const runner = phrases[own.slice(0, 2).join(" ")] ?? names[own[0] ?? ""]
  if (runner) return { runner, own }
  // Whatever runs the program that is given behind it: `doppler run -- jest`.
  const behind = own.indexOf("--") + 1
  return behind > 0 && !/^(?:npm|pnpm|yarn|bun|node)$/.test(own[0] ?? "")
    ? runnerOf(own.slice(behind))
    : { runner: Runner.Other, own: [] }
}

/** Whether a package manager is told to run something in other packages, each of which would write over the report of the one before. */
export const isElsewhere = ([manager = "", ...words]: string[]): boolean =>
  /^(?:npm|pnpm|yarn|bun)$/.test(manager) &&
  words
    .slice(0, words.includes("--") ? words.indexOf("--") : words.length)
    .some((word) =>
      /^(?:-r|--recursive|-w|-ws|--workspaces?|--filter|-F|-C|--dir|--cwd|--prefix|workspaces?)(?:=|$)/.test(word),
    )

function nodeFlags(): RegExp {
  return /^(?:-r|--require|--import|--loader|--experimental-loader|--env-file|-C|--conditions)$/
}

/** Programs that run the program behind them, each with its flags that take a word. */
const wrappers: Record<string, RegExp> = {
  env: /^(?:-u|--unset|-C|--chdir)$/,
  "cross-env": /^$/,
  "cross-env-shell": /^$/,
  time: /^$/,
  npx: /^(?:-p|--package|-w|--workspace)$/,
  bunx: /^$/,
  dotenv: /^(?:-e|-c|-v|-p)$/,
  dotenvx: /^(?:-f|-e)$/,
  corepack: /^$/,
  exec: /^$/,
  nice: /^-n$/,
  nyc: /^(?:-r|--reporter|-n|--include|-x|--exclude)$/,
  c8: /^(?:-r|--reporter|-n|--include|-x|--exclude|-o|--reports-dir)$/,
  "xvfb-run": /^-[sne]$/,
  "env-cmd": /^(?:-f|--file|-e|--environments)$/,
  tsx: nodeFlags(),
}

/** The words from the program on that does the work: past variables, wrappers, and `node` with its flags. */
function programOf(words: string[]): string[] {
  const [word = "", ...rest] = words
  if (/^[A-Za-z_]\w*=/.test(word)) return programOf(rest)
  const name = programName(word)
  const withWord = wrappers[name]
  if (withWord) return programOf(pastFlags(rest, withWord))
  if (name === "timeout") return programOf(pastFlags(rest, /^-[ks]$/).slice(1))
  if (name === "dotenvx" && rest[0] === "run") return programOf(pastFlags(rest.slice(1), /^(?:-f|-e)$/))
  if (/^(?:pnpm|yarn|bun|npm)$/.test(name)) {
    const past = pastFlags(rest, /^(?:-C|--dir|--cwd)$/)
    if (/^(?:exec|x|dlx)$/.test(past[0] ?? "")) {
      const arguments_ = pastFlags(past.slice(1), /^(?:-p|--package)$/)
      // npm would keep flags for itself.
      return name === "npm" && !arguments_.includes("--") && !past.includes("--") ? [] : programOf(arguments_)
    }
    const [run = "", ...afterRun] = past
    if (run === "run" && name !== "npm") {
      const bin = pastFlags(afterRun, /^$/)
      if (names[bin[0] ?? ""]) return bin
    }
    if (name === "yarn" && run === "node") return programOf(past)
    if (name === "pnpm" || name === "yarn") return names[past[0] ?? ""] ? past : [name, ...past]
    return [name, ...past]
  }
  if (/^node(?:js)?$/.test(name)) {
    const [file = "", ...after] = pastFlags(rest, nodeFlags())
    const ofYarn = /^"?\$_yarn_bin_(\w+)_"?$/.exec(file)?.[1]
    if (ofYarn) return [ofYarn, ...after]
    const known = /(?:^|\/)node_modules\/(?:\.bin\/)?([^/]+)|(?:^|\/)(jest|vitest)(?:\.m?js)?$/.exec(file)
    return known ? [known[1] ?? known[2] ?? "", ...after] : [name, ...rest]
  }
  return [name, ...rest]
}

function pastFlags(words: string[], withWord: RegExp): string[] {
  let at = 0
  while (words[at]?.startsWith("-")) at += withWord.test(words[at] ?? "") ? 2 : 1
  return words.slice(at)
}

/** `./node_modules/.bin/jest` is jest, and `vitest@3` is vitest. */
const programName = (word: string) =>
  word
    .replace(/^.*\//, "")
    .replace(/(?<=.)@.*$/, "")
    .replace(/\.(?:cmd|m?js)$/, "")

/**
 * Arguments that make a runner write LCOV and JUnit where the pipeline reads them, whatever its own configuration.
 * Empty when it can't be told to: then its configuration has to.
 * https://vitest.dev/guide/cli.html https://jestjs.io/docs/cli https://bun.com/docs/test/reporters
 */
export function reportArguments(runner: Runner, command: string, { junit, coverage }: ReportPaths): string[] {
  // The runners choose the folder, but not the file's name; and a file chosen in the script already can't be chosen again.
  if (!/(?:^|\/)lcov\.info$/.test(coverage) || command.includes("--outputFile")) return []
  const folder = coverage.includes("/") ? coverage.slice(0, coverage.lastIndexOf("/")) : "."
  if (runner === Runner.Vitest)
    return [
      // A script that watches would never end. Elsewhere not: said twice, also by the script that names this one, it is an error.
      ...(/\svitest\s+(?:watch|dev)\s|\s(?:--watch|-w)[\s=]/.test(` ${command} `) && !/\s--run(?=[\s=]|$)/.test(command)
        ? ["--run"]
        : []),
      "--coverage.enabled",
      "--coverage.reporter=lcovonly",
      `--coverage.reportsDirectory=${folder}`,
      "--reporter=default",
      "--reporter=junit",
      `--outputFile.junit=${junit}`,
    ]
  if (runner === Runner.Jest)
    return [
      ...(/\s--watch/.test(command) ? ["--watch=false", "--watchAll=false"] : []),
      "--coverage",
      "--coverageReporters=lcovonly",
      `--coverageDirectory=${folder}`,
      "--reporters=default",
      `--reporters=${jestReporter}`,
    ]
  if (runner === Runner.Bun)
    return [
      "--coverage",
      "--coverage-reporter=lcov",
      `--coverage-dir=${folder}`,
      "--reporter=junit",
      `--reporter-outfile=${junit}`,
    ]
  return []
}

const word = String.raw`(?:=|\s+)(?:"[^"]*"|'[^']*'|[^\s"']\S*)`
const own: Partial<Record<Runner, RegExp>> = {
  [Runner.Vitest]: new RegExp(
    String.raw`\s--coverage\.reportsDirectory${word}|\s--coverage\.enabled(?:=\S+)?(?=\s|$)`,
    "g",
  ),
  [Runner.Jest]: new RegExp(String.raw`\s--(?:coverageDirectory|coverage-directory)${word}`, "g"),
  [Runner.Bun]: /\s--(?:watch|hot)(?=\s|$)/g,
}

/** A command without what it says itself of the folder of its reports: Vitest and Jest end with an error when they are told twice. Nor does bun watch. */
export const withoutOwn = (runner: Runner, command: string): string => command.replace(own[runner] ?? /(?!)/g, "")
