import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { beforeAll, expect, it } from "vitest"
import { undoDeployment, undoProduct, undoProductRollback, undoRollback } from "../../lib/deployment/undo.js"
import { Component } from "../../src/exposed-types.js"
import { docusaurus, fastApi, proposed } from "../init/repositories.js"
import { calls, type Workflow, workflow, workflowOf } from "../support/workflows.js"
import { repository, run } from "./dagger.js"

interface Type {
  name: string | null
  kind: string
  ofType: Type | null
  enumValues?: { name: string }[] | null
}
interface Argument {
  name: string
  defaultValue: string | null
  type: Type
}
interface Field {
  name: string
  args: Argument[]
  type: Type
}
interface ObjectType {
  name: string
  fields: Field[] | null
}

/** A `dagger call` line, and where it stands. */
interface Line {
  where: string
  words: string[]
}

/** Words as a shell would split them: quotes keep spaces together. */
const split = (line: string) =>
  [...line.matchAll(/(?:"(?:[^"\\]|\\.)*"|'[^']*'|\$\([^)]*\)|[^\s"'])+/g)].map(([word]) =>
    word.replace(/^["']|["']$/g, ""),
  )

/** Flags that the called workflow gives to every call. */
const always = () =>
  [...(/always=\(([\s\S]*?)\)/.exec(workflow("delivery.yml").text)?.[1] ?? "").matchAll(/--[a-z-]+=\S+/g)].map(
    ([flag]) => flag,
  )

/**
 * Each line that a workflow calls: as it is with the form filled in, and with what a person must fill in alone.
 */
const ofWorkflows = (all?: Workflow[]): (Line & { least: string[] })[] =>
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
const ofDocs = (): Line[] =>
  execFileSync("git", ["ls-files", "*.md", "dagger/src/*.ts", "dagger/lib/*.ts", "examples"], {
    cwd: repository,
    encoding: "utf8",
  })
    .trim()
    .split("\n")
    .filter((file) => file !== "CHANGELOG.md" && !file.startsWith(".ci/"))
    .flatMap((file) => {
      const text = readFileSync(join(repository, file), "utf8")
        .replace(/\\\n\s*/g, "")
        // In a template of TypeScript.
        .replaceAll("\\`", "`")
      return [...text.matchAll(/(?:^|`)dagger call +([^`\n]+)/gm)].flatMap(([, rest = ""]) => {
        // A value that stands for one of the reader's own is one word: --reason="…" or ${…} in a template.
        const line = rest.replace(/\s+#.*$/, "").replace(/\$\{[^}]*\}/g, "X")
        return /(?:^|\s)(?:…|FUNCTION|--help)(?:\s|$)/.test(line)
          ? []
          : [{ where: `${file}: dagger call ${rest.slice(0, 60)}`, words: split(line) }]
      })
    })

const camel = (word: string) => word.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
const named = (type: Type): Type => (type.ofType ? named(type.ofType) : type)

/** What of a line the module does not have, or lacks. */
function mistakesOf({ where, words }: Line, types: ObjectType[]): string[] {
  const fieldsOf = (name: string) => types.find((type) => type.name === name)?.fields ?? []
  const root = fieldsOf("Query")
  const own = new Set(["output", "o", "m", "mod", "silent", "s", "progress", "json", "j", "auto-apply"])
  const mistakes: string[] = []
  const checkFlags = (given: string[], field: Pick<Field, "name" | "args">, mustHaveAll: boolean) => {
    for (const word of given) {
      const [flag = "", value] = word.replace(/^--?/, "").split("=", 2)
      if (own.has(flag)) continue
      const argument = field.args.find((one) => one.name === camel(flag))
      if (!argument) mistakes.push(`${where}: ${field.name} has no flag ${flag}`)
      const choices = argument && named(argument.type).enumValues?.map((one) => one.name)
      if (choices?.length && value && !choices.includes(value))
        mistakes.push(`${where}: --${flag} is one of ${choices.join(", ")}`)
    }
    for (const { name, type, defaultValue } of mustHaveAll ? field.args : [])
      if (
        type.kind === "NON_NULL" &&
        defaultValue === null &&
        !given.some((word) => camel(word.replace(/^--/, "").split("=")[0] ?? "") === name)
      )
        mistakes.push(`${where}: ${field.name} is not given ${name}`)
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
  const ofModule = root.find(({ name }) => name === "with") ?? { name: "the module", args: [] }
  checkFlags(flags(), { ...ofModule, name: "the module" }, false)
  let fields = root
  // As a toolchain the module stands below its own name.
  if (rest[0] === "delivery") rest.shift()
  if (rest.length === 0) mistakes.push(`${where}: no function is called`)
  while (rest.length > 0) {
    const name = rest.shift() ?? ""
    const field = fields.find((one) => one.name === camel(name))
    if (!field) return [...mistakes, `${where}: there is no function ${name}`]
    checkFlags(flags(), field, true)
    fields = fieldsOf(named(field.type).name ?? "")
  }
  return mistakes
}

let types: ObjectType[]
beforeAll(async () => {
  const type =
    "name kind ofType{name kind ofType{name kind ofType{name kind enumValues{name}} enumValues{name}} enumValues{name}} enumValues{name}"
  const query = `{__schema{types{name fields{name args{name defaultValue type{${type}}} type{${type}}}}}}`
  const { code, stdout, error } = await run(["query", "--silent"], repository, {}, query)
  expect(code, error).toBe(0)
  types = (JSON.parse(stdout) as { __schema: { types: ObjectType[] } }).__schema.types
})

/** What the lines lack for their functions. @param withDatabase whether each change must name one */
const mistakesIn = (lines: ReturnType<typeof ofWorkflows>, withDatabase: boolean) =>
  lines.flatMap((line) => {
    // Without it nothing stops a rollback onto a schema that the release does not know.
    const isBlind = /^(?:backend )?(?:deploy|rollback)$|^promote$/.test(
      line.words.filter((word) => !/^-|^report$/.test(word)).join(" "),
    )
    return [
      ...mistakesOf(line, types),
      ...mistakesOf({ ...line, words: line.least }, types).filter((mistake) => mistake.includes("is not given")),
      ...(withDatabase && isBlind && !line.words.some((word) => word.startsWith("--database-url="))
        ? [`${line.where}: no database`]
        : []),
    ]
  })

it("each workflow calls a function that the module has, with flags that it takes and all that it needs", () => {
  const lines = ofWorkflows()

  expect(mistakesIn(lines, true)).toEqual([])
  expect(lines.length).toBeGreaterThanOrEqual(14)
  expect(always()).toContain("--github-token=env://GITHUB_TOKEN")
})

const database = 'import os\nfrom fastapi import FastAPI\napp = FastAPI()\nurl = os.environ["DATABASE_URL"]\n'
it.each([
  ["a site and a service with a database", { ...docusaurus("web"), ...fastApi("api", database) }, true],
  ["a site and a service", { ...docusaurus("web"), ...fastApi("api") }, false],
  ["a site", docusaurus("web"), false],
  ["a service", fastApi("api"), false],
])(
  "each workflow that `init` writes for %s calls what the module has, and gives what it needs",
  (_, files, withDatabase) => {
    const written = Object.entries(proposed(files).files).filter(([path]) => path.startsWith(".github/workflows/"))

    const lines = ofWorkflows(written.map(([path, text]) => workflowOf(path, text)))

    expect(mistakesIn(lines, withDatabase)).toEqual([])
    expect(lines.map(({ where }) => where.replace(/.*\//, ""))).toEqual(
      expect.arrayContaining(["ci.yml", "deploy.yml", "promote.yml", "rollback.yml"]),
    )
  },
)

it("every command of the pages and of the help is one that the module takes", () => {
  const lines = ofDocs()

  expect(lines.flatMap((line) => mistakesOf(line, types))).toEqual([])
  expect(lines.length).toBeGreaterThanOrEqual(60)
})

it("every command that a report shows to undo it is one that the module takes, with all that it needs", () => {
  const places = [
    { environment: "staging" },
    { environment: "production", hasDatabase: true, registry: { user: "ana", token: "GITHUB_TOKEN" } },
  ]
  const lines = places.flatMap((place) => [
    ...Object.values(Component).flatMap((component) => [
      undoDeployment(component, place, "an-id"),
      undoRollback(component, place, "a-commit"),
    ]),
    ...[undoProduct(place), undoProductRollback(place, "a-commit")],
  ])

  expect(
    lines.flatMap((line) => mistakesOf({ where: line, words: split(line.replace(/^.*dagger call /, "")) }, types)),
  ).toEqual([])
  expect(lines).toHaveLength(12)
})

it.each([
  ["frontend-tests", "there is no function frontend-tests"],
  ["--githubtoken=env://X ci", "the module has no flag githubtoken"],
  ["frontend deploy report", "deploy is not given netlifyToken"],
  ["notify --kind=GREAT", "--kind is one of STARTED, SUCCESS"],
  ["ci --half=BACKEND", "ci has no flag half"],
])("a line that the module does not take is named: %s", (line, mistake) => {
  expect(mistakesOf({ where: "here", words: split(line) }, types)).toEqual([expect.stringContaining(mistake)])
})
