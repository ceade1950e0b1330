import { word } from "../text/wording.js"
import { parsedJson } from "./package-manifest.js"
import { isElsewhere, type ReportPaths, Runner, reportArguments, runnerOf, withoutOwn } from "./test-runner.js"

/** The script of package.json that runs the tests. */
export interface TestScript {
  script: string
  runner: Runner
  /** Whether it runs in place of `test`. */
  standsIn?: true
  /** The command that starts the runner; of a script without one what it ends in. */
  command: string
  /** Where the arguments are written into scripts, in place of a command's own; empty where they can stand behind `script`. */
  within: { script: string; from: number; at: number }[]
  /** Commands of runners whose reports don't come, because only those of the last do. */
  unreported: string[]
}

/**
 * The script that runs the tests, and which runner takes the arguments for the reports.
 * `test` may name another script (`npm run unit`); npm would keep flags given to that for itself, so the other one is run. Where `test`
 * needs a browser, the one other script of a runner that needs none stands in for it.
 * @param wanted `frontend.testScript` of the settings, "" to find one.
 */
export function testScript(scripts: Record<string, string>, wanted = ""): TestScript {
  const found = followed(scripts, wanted || "test")
  if (wanted || found.runner !== Runner.Browser) return found
  const others = Object.keys(scripts)
    .filter((name) => /^(?:test[:.-]?\w*|unit\w*|vitest|jest)$/i.test(name) && !/watch|ui$|debug|coverage/i.test(name))
    .map((name) => followed(scripts, name))
    .filter(({ runner }) => isKnown(runner))
  const different = new Set(others.map(({ script }) => script))
  const [other] = others
  return other && different.size === 1 ? { ...other, standsIn: true } : found
}

const isKnown = (runner: Runner) => runner !== Runner.Other && runner !== Runner.Browser

function followed(scripts: Record<string, string>, first: string): TestScript {
  let script = first
  for (const seen = new Set<string>(); !seen.has(script); ) {
    seen.add(script)
    const next = /^(?:npm|pnpm|yarn|bun)(?: run)? ([\w:.-]+)$/.exec(scripts[script]?.trim() ?? "")?.[1]
    if (next && scripts[next]) script = next
  }
  const places = placesIn(scripts, script, new Set())
  const browser = places.find(({ runner }) => runner === Runner.Browser)
  const place = browser ?? places.at(-1)
  const same = places.filter(({ runner }) => runner === place?.runner)
  const ending = commandsIn(scripts[script] ?? "")
    .map(({ command }) => command)
    .findLast(Boolean)
  return {
    script,
    runner: place?.runner ?? Runner.Other,
    command: place?.command ?? ending ?? "",
    // Of those that stand in for each other, any may run.
    within:
      same.length > 1 || same.some(({ isLast, runner, command }) => !isLast || withoutOwn(runner, command) !== command)
        ? same.map(({ script, from, at }) => ({ script, from, at }))
        : [],
    unreported: browser ? [] : places.slice(0, -1).flatMap(({ command, orElse }) => (orElse ? [] : [command])),
  }
}

/** A command that starts a runner. */
interface Place {
  script: string
  runner: Runner
  command: string
  /** Where it begins and ends in the script's text. */
  from: number
  at: number
  /** Whether what is put behind the first script reaches it. */
  isLast: boolean
  /** Whether the next command runs only in its place. */
  orElse: boolean
}

/** Where runners are started by a script, or by those that it runs; each script once. */
function placesIn(scripts: Record<string, string>, script: string, seen: Set<string>): Place[] {
  if (seen.has(script)) return []
  seen.add(script)
  const commands = commandsIn(scripts[script] ?? "")
  return commands.flatMap(({ command, words, at, operator }, index): Place[] => {
    const isLast = index === commands.length - 1
    const { runner, own } = runnerOf(words)
    // Behind `--` a runner takes names of files alone.
    const ends = own.includes("--") ? at - command.length + command.search(/\s--(?=\s|$)(?!.*\s--(?:\s|$))/) : at
    const from = at - command.length
    const place = { script, runner, command, from, at: ends, isLast: isLast && ends === at, orElse: operator === "||" }
    if (runner !== Runner.Other) return [place]
    const { named, handsOn } = namedBy(words, scripts)
    return named
      .flatMap((name) => placesIn(scripts, name, seen))
      .map((place) => ({ ...place, isLast: place.isLast && isLast && handsOn }))
  })
}

/** Texts of a script and of those that it runs. */
export function scriptTexts(scripts: Record<string, string>, script: string, seen = new Set<string>()): string[] {
  const text = scripts[script]
  if (!text || seen.has(script)) return []
  seen.add(script)
  const named = commandsIn(text).flatMap(({ words }) => namedBy(words, scripts).named)
  return [text, ...named.flatMap((name) => scriptTexts(scripts, name, seen))]
}

export interface Command {
  command: string
  words: string[]
  /** Where it ends in the text. */
  at: number
  /** What comes behind it; "" at the end. */
  operator: string
}

/** The commands of a script's text, one behind the other; the last is empty where an operator ends it. Signs between quotes are no operators, and blanks there part no words. */
export function commandsIn(text: string): Command[] {
  const masked = text.replace(/"(?:\\.|[^"\\])*"|'[^']*'|\$\([^()]*\)|`[^`]*`/g, (quoted) =>
    quoted.replace(/[\s;&|()]/g, "_"),
  )
  const commands: Command[] = []
  let from = 0
  for (const operator of [...masked.matchAll(/&&|\|\||[;|\n()]|(?<=\s)&(?=\s|$)|$/g)]) {
    const part = masked.slice(from, operator.index)
    const start = from + part.length - part.trimStart().length
    const at = start + part.trim().length
    const words = part
      .trim()
      .replace(/^(?:(?:then|do|else|!|\{)\s+)+/, "")
      .split(/\s+/)
    commands.push({ command: text.slice(start, at), words, at, operator: operator[0] })
    from = operator.index + operator[0].length
  }
  return commands
}

/** Programs that run scripts by their names. */
const runners = /^(?:run-[sp]|npm-run-all2?|concurrently|start-server-and-test|start-test)$/

/** Scripts of the same package that a command runs, and whether it hands its last words on to them. */
function namedBy(given: string[], scripts: Record<string, string>): { named: string[]; handsOn: boolean } {
  const start = given.findIndex((word) => !/^(?:(?:cross-)?env|[A-Za-z_]\w*=.*)$/.test(word))
  const [program = "", ...rest] = start < 0 ? [] : given.slice(start)
  const words = rest.map((word) => word.replace(/^["']?(?:npm:)?|["']$/g, ""))
  const byName = runners.test(program) || (program === "npx" && runners.test(words[0] ?? ""))
  if (byName) return { named: words.flatMap((word) => scriptsLike(word, scripts)), handsOn: false }
  if (program === "node" && words[0] === "--run")
    return { named: scripts[words[1] ?? ""] === undefined ? [] : [words[1] ?? ""], handsOn: words.includes("--") }
  if (!/^(?:npm|pnpm|yarn|bun)$/.test(program) || isElsewhere([program, ...words])) return { named: [], handsOn: false }
  const plain = words.filter((word) => !/^-(?!-$)/.test(word))
  const [first = "", second = ""] = plain
  const isRun = /^run(?:-script)?$/.test(first)
  const name = isRun ? second : program === "npm" ? (/^t(?:e?st)?$/.test(first) ? "test" : "") : first
  const handsOn = program !== "npm" || words.includes("--")
  return { named: name && scripts[name] !== undefined ? [name] : [], handsOn }
}

/** `test:*` names all scripts of that beginning. */
function scriptsLike(word: string, scripts: Record<string, string>): string[] {
  const pattern = word.replace(/[.*+?^${}()|[\]\\]/g, (sign) => (sign === "*" ? "[^:]*" : `\\${sign}`))
  return Object.keys(scripts).filter((name) => new RegExp(`^${pattern}$`).test(name))
}

/** package.json with arguments in the scripts that start the runner, in place of those that would contradict them. @param manifest its text. */
export function withArguments(
  manifest: string,
  { within, runner }: Pick<TestScript, "within" | "runner">,
  flags: string[],
): string {
  const read = parsedJson(manifest) ?? {}
  const scripts = { ...(read.scripts as Record<string, string>) }
  const added = ` ${flags.map(word).join(" ")}`
  // From the end on, so that what stands before keeps its place.
  for (const { script, from, at } of within.toSorted((one, other) => other.at - one.at)) {
    const text = scripts[script] ?? ""
    const command = withoutOwn(runner, text.slice(from, at))
    scripts[script] = `${text.slice(0, from)}${command}${added}${text.slice(at)}`
  }
  return `${JSON.stringify({ ...read, scripts }, null, 2)}\n`
}

/** Why nobody could ask the script's runner for its reports; "" where it was asked. */
export function unasked({ runner, command }: TestScript, paths: ReportPaths): string {
  if (reportArguments(runner, command, paths).length > 0) return ""
  if (runner === Runner.Other || runner === Runner.Browser)
    return `what it runs in the end, ${JSON.stringify(command)}, takes no arguments of Vitest, Jest or bun`
  return command.includes("--outputFile")
    ? "its --outputFile says where the report goes"
    : "a coverage report can only be asked for by the name lcov.info"
}

/** Scripts that start a runner by themselves. */
export const scriptsOfRunners = (scripts: Record<string, string>): string[] =>
  Object.keys(scripts).filter((name) =>
    commandsIn(scripts[name] ?? "").some(({ words }) => isKnown(runnerOf(words).runner)),
  )
