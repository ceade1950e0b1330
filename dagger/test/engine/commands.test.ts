import { expect, it } from "vitest"
import {
  type Callable,
  type Flag,
  kebab,
  type Module,
  moduleFromSource,
  type ObjectType,
} from "../../../.ci/pages/module.js"
import { repository, run } from "./dagger.js"

interface Type {
  name: string | null
  kind: string
  ofType: Type | null
  enumValues?: { name: string }[] | null
}
interface Argument {
  name: string
  description: string
  defaultValue: string | null
  type: Type
}
interface Field {
  name: string
  description: string
  args: Argument[]
  type: Type
}
interface EngineType {
  name: string
  description: string
  fields: Field[] | null
}

const named = (type: Type): Type => (type.ofType ? named(type.ofType) : type)
/** Without the name of the module that the engine puts before its own types. */
const own = (name: string) => name.replace(/^Delivery(?=.)/, "")
/** An object is given by its ID; the description says no more. */
const isObject = (type: string) => /^(?:ID|File|Directory|Secret|Service|Workspace)$/.test(type)
const scalars: Record<string, string> = { String: "string", Int: "int", Boolean: "bool" }

/** The module as the engine describes it to the command line. */
async function moduleFromEngine(): Promise<Omit<Module, "ofDagger">> {
  const type =
    "name kind ofType{name kind ofType{name kind ofType{name kind enumValues{name}} enumValues{name}} enumValues{name}} enumValues{name}"
  const query = `{__schema{types{name description fields{name description args{name description defaultValue type{${type}}} type{${type}}}}}}`
  const { code, stdout, error } = await run(["query", "--silent"], repository, {}, query)
  expect(code, error).toBe(0)
  const { types } = (JSON.parse(stdout) as { __schema: { types: EngineType[] } }).__schema
  const typeName = (given: Type) => scalars[named(given).name ?? ""] ?? own(named(given).name ?? "")
  const flags = (args: Argument[]) =>
    args
      // The command line fills it in.
      .filter(({ name }) => name !== "workspace")
      .map(
        ({ name, description, defaultValue, type }): Flag => ({
          name: kebab(name),
          description,
          type: typeName(type),
          required: type.kind === "NON_NULL" && defaultValue === null,
          default: defaultValue ?? "",
          choices: named(type).enumValues?.map((one) => one.name) ?? [],
        }),
      )
  const functions = ({ fields }: EngineType) =>
    (fields ?? [])
      .filter(({ name }) => name !== "id")
      .map(({ name, description, args, type }) => ({
        name: kebab(name),
        description,
        flags: flags(args),
        returns: typeName(type),
      }))
  const ofModule = types.filter(({ name, fields }) => /^Delivery/.test(name) && fields?.length)
  const ofModuleItself = types.find(({ name }) => name === "Query")?.fields?.find(({ name }) => name === "with")
  return {
    flags: flags(ofModuleItself?.args ?? []),
    functions: ofModule.filter(({ name }) => name === "Delivery").flatMap(functions),
    types: Object.fromEntries(
      ofModule.map((one) => [own(one.name), { description: one.description, functions: functions(one) }]),
    ),
  }
}

type Described = Omit<Module, "ofDagger">
/** In one order, without the blanks around a comment, and with what both can say of an object that is given. */
function comparable({ flags, functions, types }: Described): Described {
  const ofFlags = (all: Flag[]) =>
    all.map((one) => ({
      ...one,
      description: one.description.trim(),
      type: isObject(one.type) ? "object" : one.type,
    }))
  const ofFunctions = (all: Callable[]) =>
    all
      .map((one) => ({ ...one, description: one.description.trim(), flags: ofFlags(one.flags) }))
      .toSorted((one, other) => one.name.localeCompare(other.name))
  return {
    flags: ofFlags(flags),
    functions: ofFunctions(functions),
    types: Object.fromEntries(
      Object.entries(types)
        .map(([name, it]): [string, ObjectType] => [
          name,
          { description: it.description.trim(), functions: ofFunctions(it.functions) },
        ])
        .toSorted(([one], [other]) => one.localeCompare(other)),
    ),
  }
}

it("the engine describes the module as the reference pages and the tests of the commands take it from its sources", async () => {
  expect(comparable(await moduleFromSource())).toEqual(comparable(await moduleFromEngine()))
})
