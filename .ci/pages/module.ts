import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import ts from "typescript"

/** The module as people call it. */
export interface Module {
  /** Flags before the function's name. */
  flags: Flag[]
  /** Of the module itself. */
  functions: Callable[]
  /** The module's own types that functions return, by name. */
  types: Record<string, ObjectType>
  /** Those of Dagger. */
  ofDagger: Record<string, ObjectType>
}
export interface ObjectType {
  description: string
  functions: Callable[]
}
export interface Callable {
  /** As it is typed: `ci-reports`. */
  name: string
  description: string
  flags: Flag[]
  /** Such as `string`, `Directory` or `Deployed`. */
  returns: string
}
export interface Flag {
  /** As it is typed, without its dashes. */
  name: string
  description: string
  /** `string`, `int`, `bool`, or a type of Dagger. */
  type: string
  required: boolean
  /** As JSON; "" for none. */
  default: string
  /** All that it may be; none for anything. */
  choices: string[]
}

const top = join(import.meta.dirname, "../..")
const source = join(top, "dagger/src")
const library = join(top, "node_modules/@dagger.io/dagger/dist/src")

/** The type of the SDK's description: of what it gives for this module. */
interface Described {
  objects: Record<
    string,
    {
      description: string
      constructor?: { arguments: Record<string, DescribedArgument> }
      methods?: Record<
        string,
        {
          name: string
          description: string
          arguments: Record<string, DescribedArgument>
          returnType: DescribedType
        }
      >
      properties: Record<string, { name: string; description: string; type: DescribedType; isExposed: boolean }>
    }
  >
  enums: Record<string, { values: Record<string, { name: string }> }>
}
interface DescribedType {
  kind: string
  name?: string
  typeDef?: DescribedType
}
interface DescribedArgument {
  name: string
  description: string
  type: DescribedType
  isOptional: boolean
  isNullable: boolean
  defaultValue?: unknown
}

/**
 * Describes the module from its sources, without an engine: by the code of Dagger's TypeScript SDK that an engine runs for it, whose
 * published package has the same. A test through the engine compares the two descriptions.
 */
export async function moduleFromSource(): Promise<Module> {
  const { objects, enums } = await described()
  const flags = (all: Record<string, DescribedArgument>) =>
    Object.values(all)
      // The engine fills these in.
      .filter(({ type }) => type.name !== "Workspace")
      .map((it): Flag => {
        const values = it.type.name ? enums[it.type.name]?.values : undefined
        return {
          name: kebab(it.name),
          description: it.description,
          type: typeName(it.type),
          required: !it.isOptional && !it.isNullable && it.defaultValue === undefined,
          default: it.defaultValue === undefined ? "" : JSON.stringify(it.defaultValue),
          choices: values
            ? Object.values(values).map(({ name }) => kebab(name).toUpperCase().replaceAll("-", "_"))
            : [],
        }
      })
  const types = Object.fromEntries(
    Object.entries(objects).map(([name, it]): [string, ObjectType] => [
      name,
      {
        description: it.description,
        functions: [
          ...Object.values(it.properties)
            .filter(({ isExposed }) => isExposed)
            .map(({ name, description, type }) => ({
              name: kebab(name),
              description,
              flags: [],
              returns: typeName(type),
            })),
          ...Object.values(it.methods ?? {}).map((one) => ({
            name: kebab(one.name),
            description: one.description,
            flags: flags(one.arguments),
            returns: typeName(one.returnType),
          })),
        ],
      },
    ]),
  )
  return {
    flags: flags(objects.Delivery?.constructor?.arguments ?? {}),
    functions: types.Delivery?.functions ?? [],
    types,
    ofDagger: typesOfDagger(),
  }
}

async function described(): Promise<Described> {
  const folder = mkdtempSync(join(tmpdir(), "module-"))
  try {
    // The types that the engine generates a client of: the description needs no more than their names.
    const names = [...clientText().matchAll(/^export declare (class|enum) (\w+)/gm)]
    const client = join(folder, "client.gen.ts")
    writeFileSync(client, names.map(([, kind, name]) => `export ${kind} ${name} {}`).join("\n"))
    const sources = readdirSync(source, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => join(source, name))
    const { scan } = (await import(join(library, "module/introspector/index.js"))) as {
      scan: (files: string[], name: string, load: boolean) => Promise<unknown>
    }
    return JSON.parse(JSON.stringify(await scan([...sources, client], "delivery", false))) as Described
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const clientText = () => readFileSync(join(library, "api/client.gen.d.ts"), "utf8")

/** What can be called on Dagger's own types, by the declarations of its client. */
function typesOfDagger(): Record<string, ObjectType> {
  const file = ts.createSourceFile("client.gen.d.ts", clientText(), ts.ScriptTarget.ESNext)
  const options = new Map<string, ts.TypeElement[]>()
  for (const one of file.statements)
    if (ts.isTypeAliasDeclaration(one) && ts.isTypeLiteralNode(one.type))
      options.set(one.name.text, [...one.type.members])
  const flagOf = (name: string, type: ts.TypeNode | undefined, required: boolean): Flag => ({
    name: kebab(name),
    description: "",
    type: type?.getText(file) ?? "",
    required,
    default: "",
    choices: [],
  })
  const functionOf = (member: ts.PropertyDeclaration): Callable[] => {
    const { type } = member
    if (!type || !ts.isFunctionTypeNode(type)) return []
    const flags = type.parameters.flatMap((one) => {
      const text = one.type?.getText(file) ?? ""
      const members = one.questionToken && options.get(text)
      if (!members) return [flagOf(one.name.getText(file), one.type, !one.questionToken)]
      return members.map((it) => flagOf(nameOf(it), ts.isPropertySignature(it) ? it.type : undefined, false))
    })
    const returns = type.type.getText(file).replace(/^Promise<(.*)>$/, "$1")
    return [{ name: kebab(nameOf(member)), description: "", flags, returns }]
  }
  const nameOf = (member: ts.ClassElement | ts.TypeElement) => member.name?.getText(file) ?? ""
  return Object.fromEntries(
    file.statements
      .filter((one) => ts.isClassDeclaration(one))
      .map((one) => [
        one.name?.text ?? "",
        { description: "", functions: one.members.filter((it) => ts.isPropertyDeclaration(it)).flatMap(functionOf) },
      ]),
  )
}

const simple: Record<string, string> = {
  STRING_KIND: "string",
  INTEGER_KIND: "int",
  BOOLEAN_KIND: "bool",
  FLOAT_KIND: "float",
  VOID_KIND: "void",
}
const typeName = ({ kind, name, typeDef }: DescribedType): string =>
  typeDef ? `[${typeName(typeDef)}]` : (simple[kind] ?? name ?? kind)

/** As the command line spells a name. */
export const kebab = (name: string) =>
  name.replace(/[A-Z]+(?![a-z])|[A-Z]/g, (word, at: number) => `${at > 0 ? "-" : ""}${word.toLowerCase()}`)
