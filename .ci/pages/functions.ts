import { anchor, code, generated, page, table } from "./markdown.js"
import type { Callable, Flag, Module } from "./module.js"

/** The page of all functions and their flags. */
export function functionsPage(module: Module): string {
  const groups = module.functions.filter(({ returns, flags }) => flags.length === 0 && returns in module.types)
  const own = module.functions.filter((one) => !groups.includes(one))
  const inGroups = groups.map((group) => ({
    group,
    functions: (module.types[group.returns]?.functions ?? []).map((one) => ({
      ...one,
      name: `${group.name} ${one.name}`,
    })),
  }))
  const results = [...own, ...inGroups.flatMap(({ functions }) => functions)].map(({ returns }) => returns)
  const structures = [...new Set(results)].filter((name) => name in module.types)
  const index = ({ name, description }: Callable) => [`[${code(name)}](#${anchor(name)})`, firstSentence(description)]
  return page([
    "# Functions",
    "[All pages by question](../../README.md)",
    generated("the doc comments of `dagger/src`"),
    "A call is `dagger call`, the flags of the module, the function, its own flags. `dagger call FUNCTION --help` shows the same. A secret is given by where it is, such as `env://NETLIFY_TOKEN`, a file or a folder by its path, a service by its address, such as `tcp://localhost:5432`.",
    table(["function", "what it does"], [...own, ...inGroups.flatMap(({ functions }) => functions)].map(index)),
    "## Flags of the module",
    "They stand before the function.",
    flagTable(module.flags),
    ...own.flatMap((one) => functionBlocks(one, module)),
    ...inGroups.flatMap(({ functions }) => functions.flatMap((one) => functionBlocks(one, module))),
    ...structures.flatMap((name) => [
      `## ${code(name)}`,
      sentences(module.types[name]?.description ?? "").text,
      "Each of these can stand behind the function's flags; without one, the command line prints them all.",
      table(
        ["field", "type", "what"],
        (module.types[name]?.functions ?? []).map((it) => [code(it.name), it.returns, it.description]),
      ),
    ]),
  ])
}

function functionBlocks({ name, description, flags, returns }: Callable, module: Module): string[] {
  const { text, examples } = sentences(description)
  return [
    `## ${code(name)}`,
    text,
    ...examples.map((example) => `\`\`\`sh\n${example}\n\`\`\``),
    `Returns ${returns in module.types ? `[${code(returns)}](#${anchor(returns)})` : code(returns)}.`,
    flagTable(flags),
  ]
}

const flagTable = (flags: Flag[]) =>
  table(
    ["flag", "type", "default", "what"],
    flags.map(({ name, type, choices, required, default: usual, description }) => [
      code(`--${name}`),
      choices.length > 0 ? choices.map(code).join(", ") : type,
      required ? "**required**" : code(usual === '""' ? "" : usual),
      description,
    ]),
  )

/** A doc comment's text, and the calls that it shows. */
function sentences(description: string): { text: string; examples: string[] } {
  const examples = [...description.matchAll(/`(dagger call [^`]+)`/g)].map(([, call = ""]) => call)
  const text = description
    .replace(/\s*`dagger call [^`]+`/g, "")
    .split(/\n{2,}/)
    .map((part) => part.replace(/\s+/g, " ").trim())
  return { text: text.filter(Boolean).join("\n\n"), examples }
}

const firstSentence = (description: string) => sentences(description).text.split("\n\n", 1)[0] ?? ""
