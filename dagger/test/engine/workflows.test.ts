import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { parse } from "yaml"
import { repository, run } from "./dagger.js"

interface Step {
  uses?: string
  run?: string
  with?: { call?: string }
}
const folder = join(repository, ".github/workflows")

/** Every `dagger call` of every workflow, as words. */
const calls = readdirSync(folder).flatMap((file) => {
  const { jobs } = parse(readFileSync(join(folder, file), "utf8")) as { jobs: Record<string, { steps: Step[] }> }
  return Object.values(jobs).flatMap(({ steps }) =>
    steps.flatMap((step) => {
      const line = step.with?.call ?? step.run?.replace(/^dagger call /, "")
      return line ? [{ file, words: line.trim().split(/\s+/) }] : []
    }),
  )
})

const camel = (word: string) => word.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())

it("calls in each workflow a function that the module has, with flags that it accepts and all that it requires", async () => {
  interface Argument {
    name: string
    defaultValue: string | null
    type: { kind: string }
    directives?: unknown
  }
  interface Field {
    name: string
    args: Argument[]
  }
  const query = '{__type(name:"Query"){fields{name args{name defaultValue type{kind}}}}}'
  const { code, stdout, error } = await run(["query", "--silent"], repository, {}, query)
  expect(code, error).toBe(0)
  const { fields } = (JSON.parse(stdout) as { __type: { fields: Field[] } }).__type

  const mistakes = calls.flatMap(({ file, words: [name = "", ...words] }) => {
    const field = fields.find((one) => one.name === camel(name))
    if (!field) return [`${file}: there is no function ${name}`]
    const given = words.filter((word) => word.startsWith("--")).map((word) => camel(word.slice(2).split("=")[0] ?? ""))
    const unknown = given.filter((flag) => flag !== "output" && !field.args.some((argument) => argument.name === flag))
    // Without it nothing stops a rollback onto a schema that the release does not know.
    const database = field.args.some((argument) => argument.name === "databaseUrl") && !given.includes("databaseUrl")
    return [
      ...unknown.map((flag) => `${file}: ${name} has no flag ${flag}`),
      ...(database ? [`${file}: ${name} is not given the database`] : []),
    ]
  })

  expect(mistakes).toEqual([])
  expect(calls.length).toBeGreaterThanOrEqual(8)
})
