import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import type { Callable, Flag, Module } from "../../../.ci/pages/module.js"
import { calls, repositoryRoot, type Workflow, workflow } from "./workflows.js"

/** A `dagger call` line, and where it stands. */
export interface Line {
  where: string
  words: string[]
}

/** Words as a shell would split them: quotes keep spaces together. */
export const split = (line: string) =>
  [...line.matchAll(/(?:"(?:[^"\\]|\\.)*"|'[^']*'|\$\([^)]*\)|[^\s"'])+/g)].map(([word]) =>
    word.replace(/^["']|["']$/g, ""),
  )

/** Flags that the called workflow gives to every call. */
export const always = () =>
  [...(/always=\(([\s\S]*?)\)/.exec(workflow("delivery.yml").text)?.[1] ?? "").matchAll(/--[a-z-]+=\S+/g)].map(
    ([flag]) => flag,
  )

/**
 * Each line that a workflow calls: as it is with the form filled in, and with what a person must fill in alone.
 */
export const ofWorkflows = (all?: Workflow[]): (Line & { least: string[] })[] =>
  calls(all).flatMap(({ file, given, form }) => {
    const flags = Object.entries(form).filter(([name]) => name !== "environment")
    const line = (words: string, filled: typeof flags, field = "") => [
      ...always(),
      ...split(words),
      ...filled.map(([name]) => `--${name}=X`),
      ...split(field),
    ]
    const required = flags.filter(([, { required }]) => required)
    const reports = [given.reports, given["reports-of-failure"]].filter((words) => words !== undefined)
    return [
      {
        where: file,
        words: line(given.call ?? "", flags, given.field),
        least: line(given.call ?? "", required, given.field),
      },
      ...reports.map((words) => ({ where: file, words: line(words, []), least: line(words, []) })),
    ]
  })

/** Every command of the pages and of the help, but for those that leave a part out (… or FUNCTION) or ask for help. */
export const ofDocs = (): Line[] =>
  execFileSync("git", ["ls-files", "*.md", "dagger/src/*.ts", "dagger/lib/*.ts", "examples"], {
    cwd: repositoryRoot,
    encoding: "utf8",
  })
    .trim()
    .split("\n")
    .filter((file) => file !== "CHANGELOG.md" && !file.startsWith(".ci/"))
    .flatMap((file) => {
      const text = readFileSync(join(repositoryRoot, file), "utf8")
        .replace(/\\\n\s*/g, "")
        // In a template of TypeScript.
        .replaceAll("\\`", "`")
      return [...text.matchAll(/(?:^ *|`)dagger call +([^`\n]+)/gm)].flatMap(([, rest = ""]) => {
        // A value that stands for one of the reader's own is one word: --reason="…" or ${…} in a template.
        const line = rest.replace(/\s+#.*$/, "").replace(/\$\{[^}]*\}/g, "X")
        return /(?:^|\s)(?:…|FUNCTION|--help)(?:\s|$)/.test(line)
          ? []
          : [{ where: `${file}: dagger call ${rest.slice(0, 60)}`, words: split(line) }]
      })
    })

/** Of the command line itself. */
const ofDagger = new Set(["output", "o", "m", "mod", "silent", "s", "progress", "json", "j", "auto-apply", "y"])

/** What of a line the module does not have, or lacks. */
export function mistakesOf({ where, words }: Line, module: Module): string[] {
  const mistakes: string[] = []
  const checkFlags = (given: string[], name: string, flags: Flag[]) => {
    for (const word of given) {
      const [flag = "", value] = word.replace(/^--?/, "").split("=", 2)
      if (ofDagger.has(flag)) continue
      const known = flags.find((one) => one.name === flag)
      if (!known) mistakes.push(`${where}: ${name} has no flag ${flag}`)
      if (known?.choices.length && value && !known.choices.includes(value))
        mistakes.push(`${where}: --${flag} is one of ${known.choices.join(", ")}`)
    }
    for (const { name: flag, required } of flags)
      if (required && !given.some((word) => word.replace(/^--/, "").split("=")[0] === flag))
        mistakes.push(`${where}: ${name} is not given ${flag}`)
  }
  const rest = [...words]
  const flags = () => {
    const found: string[] = []
    while (rest[0]?.startsWith("-")) {
      const word = rest.shift() ?? ""
      // These take their value as a word of its own.
      if (/^-(?:m|o)$|^--(?:mod|output)$/.test(word)) rest.shift()
      else found.push(word)
    }
    return found
  }
  checkFlags(flags(), "the module", module.flags)
  let functions: Callable[] = module.functions
  // As a toolchain the module stands below its own name.
  if (rest[0] === "delivery") rest.shift()
  if (rest.length === 0) mistakes.push(`${where}: no function is called`)
  while (rest.length > 0) {
    const name = rest.shift() ?? ""
    const found = functions.find((one) => one.name === name)
    if (!found) return [...mistakes, `${where}: there is no function ${name}`]
    checkFlags(flags(), name, found.flags)
    functions = (module.types[found.returns] ?? module.ofDagger[found.returns])?.functions ?? []
  }
  return mistakes
}
