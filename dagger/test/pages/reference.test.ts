import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { beforeAll, describe, expect, it } from "vitest"
import { errors } from "../../../.ci/pages/errors.js"
import { type Module, moduleFromSource } from "../../../.ci/pages/module.js"
import { reference } from "../../../.ci/pages/reference.js"
import { Verdict } from "../../src/exposed-types.js"
import { repositoryRoot } from "../support/workflows.js"

let module: Module
let made: Record<string, string>
beforeAll(async () => {
  module = await moduleFromSource()
  made = await reference(module)
}, 120_000)

it("the reference pages are those that the code makes; `.ci/reference` writes them anew", () => {
  const stale = Object.keys(made).filter((path) => readFileSync(join(repositoryRoot, path), "utf8") !== made[path])

  expect(stale, "run .ci/reference and commit what it writes").toEqual([])
  expect(readdirSync(join(repositoryRoot, "docs/deployment/reference")).toSorted()).toEqual(
    Object.keys(made)
      .map((path) => path.replace(/.*\//, ""))
      .toSorted(),
  )
})

it("every function has a description, and every flag that the command line shows", () => {
  const functions = [...module.functions, ...Object.values(module.types).flatMap((type) => type.functions)]
  const flags = [...module.flags, ...functions.flatMap((one) => one.flags)]
  // Of `Deployed` these two say all in their name.
  const plain = ["verdict", "url"]

  expect(functions.filter(({ name, description }) => !description && !plain.includes(name))).toEqual([])
  expect(flags.filter(({ description }) => !description)).toEqual([])
  expect(functions.length).toBeGreaterThan(40)
})

it("every function of the module has its place in the table of composing, and in the runbook", () => {
  const [composing, runbook] = ["composing", "runbook"].map((name) =>
    readFileSync(join(repositoryRoot, `docs/deployment/${name}.md`), "utf8"),
  )
  const [, table = ""] = /^## What comes back\n\n([\s\S]*?)\n\n/m.exec(composing ?? "") ?? []
  const groups = module.functions.filter(({ returns }) => returns === "Checks").map(({ name }) => name)
  const names = ["Frontend", "Backend"].flatMap((type) => module.types[type]?.functions ?? []).concat(module.functions)
  const inCode = (name: string) => name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
  const functions = names.map(({ name }) => name).filter((name) => !groups.includes(name))

  expect(functions.filter((name) => !new RegExp(`[\`.]${inCode(name)}\\b`).test(table))).toEqual([])
  expect(functions.filter((name) => !new RegExp(`[ \`]${name}\\b`).test(runbook ?? ""))).toEqual([])
  expect(functions.length).toBeGreaterThan(40)
})

it("every setting has a description", () => {
  const rows = (made["docs/deployment/reference/settings.md"] ?? "")
    .split("\n")
    .filter((line) => line.startsWith("| `"))

  expect(rows.filter((row) => / \| {2}\|$/.test(row))).toEqual([])
  expect(rows.length).toBeGreaterThan(100)
})

describe("the page of errors", () => {
  const all = errors()
  const source = join(repositoryRoot, "dagger/lib")
  const textsOf = (name: string) => all.find((one) => one.name === name)?.texts
  const said = (message: string) => {
    const [, what = "", why = "", next = ""] =
      /^([\s\S]*?)\n {2}why: ([\s\S]*?)\n {2}next: ([\s\S]*)$/.exec(message) ?? []
    return [what, why, next].map((part) => part.replace(/\s+/g, " ").trim())
  }
  const capitals = (name: string) => name.replace(/(?<=[a-z])[A-Z]/g, "_$&").toUpperCase()
  /** Whether what is printed is what the page says, with something in place of each capital word. */
  const fits = (texts: string[], printed: string[]) =>
    texts.every((text, at) => {
      const pattern = text
        .replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")
        .replaceAll("\\(", "\\(?(?:")
        .replaceAll("\\)", ")\\)?")
        .replaceAll(" \\| ", "|")
        .replaceAll("\\[", "\\[?(?:")
        .replaceAll("\\]", ")?\\]?")
        .replace(/\b(?:[A-Z][A-Z_]+|N)\b/g, "[\\s\\S]*")
      return new RegExp(`^${pattern}$`).test(printed[at] ?? "")
    })

  it("has each error word by word as a call prints it", async () => {
    const [same, other]: [string[], string[]] = [[], []]
    for (const { file, name, texts } of all) {
      const made = ((await import(join(source, file))) as Record<string, (...given: string[]) => Error>)[name]
      const [, parameters = ""] = /^\(?([^)=]*)/.exec(String(made)) ?? []
      const names = parameters
        .split(",")
        .slice(0, made?.length)
        .map((one) => one.trim())
      if (!made || names.some((one) => !/^\w*$/.test(one))) continue
      try {
        const printed = said(made(...names.map(capitals)).message)
        // It takes an object.
        if (printed.join().includes("undefined")) continue
        const isThere = texts.some(({ what, why, next }) => fits([what, why, next], printed))
        ;(isThere ? same : other).push(name)
      } catch {
        // It takes a list.
      }
    }

    // The page has what their callers tell them.
    expect(other.toSorted()).toEqual(["hostRefused", "notPromotable"])
    expect(same.length).toBeGreaterThan(60)
  })

  it("has what only a call knows in capitals, and a text for each way that the code may go", () => {
    expect(textsOf("noHead")?.map(({ why }) => why)).toEqual([
      "HEADS are both the newest",
      "(FOLDERS held | alembic.ini named no folder that holds) no revision file, or they go in a circle",
    ])
    expect(textsOf("trackedButIgnored")?.[0]?.why).toBe(
      "(one file is | N files are) committed and ignored, so the checks of a working copy don't see (it | them): FILES[, …]",
    )
    expect(textsOf("tooSlow")).toEqual([
      {
        what: "WHAT was not ready in time.",
        why: 'after SECONDS s its state is still "STATE"',
        next: "run the same command again; it checks first and repeats nothing that is done",
        verdict: "Failed",
      },
    ])
  })

  it("reads what an error is told by its callers, where it says nothing itself", () => {
    expect(textsOf("notPromotable")).toContainEqual({
      what: "NAME cannot be promoted.",
      why: "its deployment to ENVIRONMENT has not ended",
      next: "wait for it to end",
      verdict: "Refused",
    })
  })

  it("leaves no error out, and none without a next step", () => {
    const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"))
    const makers = files.filter((file) =>
      /new (?:PipelineError|RegistryRefusal|DeploymentError|HostRefusal|SchemaConflict)\(/.test(
        readFileSync(join(source, file), "utf8"),
      ),
    )
    const exported = makers.flatMap((file) =>
      [
        ...readFileSync(join(source, file), "utf8").matchAll(
          /^export (?:const|function) (\w+)(?:(?!^export )[\s\S])*?new (?:PipelineError|RegistryRefusal|DeploymentError|HostRefusal|SchemaConflict)\(/gm,
        ),
      ].map(([, name]) => `${file} ${name}`),
    )
    // Put together of two other errors, which have their own next steps.
    const without = all.filter(({ texts }) => texts.some(({ next }) => !/[a-z]{3}/.test(next)))
    const verdicts = new Set(all.flatMap(({ texts }) => texts.map(({ verdict }) => verdict)).filter(Boolean))

    expect(exported.filter((one) => !all.some(({ file, name }) => one === `${file} ${name}`))).toEqual([])
    expect(exported.length).toBeGreaterThan(140)
    expect(without.map(({ name }) => name)).toEqual(["bothFailed"])
    expect([...verdicts].filter((name) => !(name in Verdict))).toEqual([])
  })
})
