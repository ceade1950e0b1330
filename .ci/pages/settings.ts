// The module's own copy, which its schema is made of.

import { Root } from "../../dagger/lib/settings/settings-schema.js"
import { z } from "../../dagger/node_modules/zod/index.js"
import { anchor, code, generated, page, table } from "./markdown.js"

/** What the pages need of a JSON schema, with what the settings' own schema says besides. */
interface Schema {
  type?: string
  description?: string
  /** What holds where the key is left out. */
  unset?: string
  /** What a value looks like, in the words of the mistake's message. */
  hint?: string
  default?: unknown
  const?: unknown
  enum?: unknown[]
  format?: string
  pattern?: string
  allOf?: Schema[]
  anyOf?: Schema[]
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  minItems?: number
  items?: Schema
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: false | Schema
  propertyNames?: Schema
}

/** The settings' schema as JSON Schema, of what is written in the file. Draft 7 is the newest that all editors know. */
const schemaOf = (keep: (schema: Schema, given: z.core.$ZodType) => void): Schema =>
  z.toJSONSchema(Root, {
    io: "input",
    target: "draft-7",
    override: ({ zodSchema, jsonSchema }) => {
      // Left out by zod where a transformation follows; ours only tidy, so that the default is an input as well.
      if (zodSchema instanceof z.ZodDefault) jsonSchema.default = zodSchema._zod.def.defaultValue as never
      keep(jsonSchema as Schema, zodSchema)
    },
  }) as Schema

/** For editors: completes and checks delivery.json. Rules between keys are the pipeline's alone. */
export const settingsSchema = (): object => ({
  ...schemaOf((schema) => {
    if (!schema.unset) return
    schema.description = `${schema.description} Left out: ${schema.unset}.`
    delete schema.unset
  }),
  title: "delivery.json: the settings of a delivery",
})

/** The page of all settings. */
export function settingsPage(): string {
  const root = schemaOf((schema, given) => {
    const mistake = z.safeParse(given as z.ZodType, Symbol("of no type")).error?.issues[0]?.message ?? ""
    if (!mistake.startsWith("Invalid")) schema.hint = mistake
  })
  return page([
    "# Settings",
    "[All pages by question](../../README.md)",
    generated("the schema in `dagger/lib/settings`"),
    "Every key of `delivery.json`, the file in the root of the repository. It is JSON, with comments where you want them. A key that is left out has its default; an unknown one is a mistake, which the call names before it does anything. [Environments](../environments.md) explains what the keys are for, and how the file is checked.",
    'An editor completes and checks the file when its first key names the [JSON schema](delivery.schema.json): `"$schema": "https://raw.githubusercontent.com/OWNER/REPOSITORY/VERSION/docs/deployment/reference/delivery.schema.json"`, with the address of this module. `dagger call init` writes it.',
    ...sections("", root),
  ])
}

/** A group of keys, then the groups within it. */
function sections(path: string, schema: Schema): string[] {
  const keys = Object.entries(schema.properties ?? {})
  const groups = keys.flatMap(([key, child]) => groupsIn(under(path, key), child))
  return [
    path ? `## ${code(path)}` : "## The file",
    path ? (schema.description ?? "") : "",
    table(
      ["key", "value", "default", "meaning"],
      keys.map(([key, child]) => {
        const group = groupsIn(under(path, key), child)[0]
        const meaning = child.description ?? ""
        return [
          code(key),
          group ? `[below](#${anchor(group.path)})` : form(child),
          schema.required?.includes(key) ? "**required**" : group ? "" : usual(child),
          meaning,
        ]
      }),
    ),
    ...groups.flatMap((group) => sections(group.path, group.schema)),
  ]
}

const under = (path: string, key: string) => (path ? `${path}.${key}` : key)

/** The group of keys that a key holds: its own, those of each of a list, or those under each name. */
function groupsIn(path: string, schema: Schema): { path: string; schema: Schema }[] {
  if (schema.properties) return [{ path, schema }]
  if (schema.items?.properties)
    return [{ path: `${path}[]`, schema: { ...schema.items, description: schema.description ?? "" } }]
  const named = schema.additionalProperties
  if (named !== undefined && named !== false && named.properties !== undefined)
    return [{ path: `${path}.NAME`, schema: { ...named, description: schema.description ?? "" } }]
  return []
}

function usual(schema: Schema): string {
  if (schema.unset) return schema.unset
  if (schema.default === undefined || isEmpty(schema.default)) return "none"
  return Array.isArray(schema.default)
    ? schema.default.map((it) => code(JSON.stringify(it))).join(", ")
    : code(JSON.stringify(schema.default))
}

const isEmpty = (value: unknown) =>
  value === "" || (typeof value === "object" && value !== null && Object.keys(value).length === 0)

/** What a value looks like, with its bounds. */
function form(schema: Schema): string {
  const { anyOf, enum: choices, type, minimum, maximum, minLength, maxLength, items } = schema
  const hint = (schema.hint ?? "").replace(/^give (?:an? |the )?/, "")
  if (anyOf) {
    const filled = anyOf.filter((one) => one.const !== "")
    return filled.map((one) => form({ ...one, hint: one.hint ?? schema.hint ?? "" })).join(", or ")
  }
  if (choices) return choices.map((one) => code(JSON.stringify(one))).join(", ")
  if (type === "boolean") return "`true`, `false`"
  if (type === "integer") return `whole number, ${minimum} to ${maximum}`
  if (type === "number") return `number, ${minimum} to ${maximum}`
  if (items?.enum) return `list of ${form(items)}`
  if (items) return items.pattern ? `list: ${form(items)}` : hint
  if (type === "object") return hint
  if (schema.format === "uri") return "address"
  if (schema.format === "date") return "date"
  if (schema.pattern ?? schema.allOf) return hint
  return maxLength === undefined ? "text" : `text, ${minLength ?? 0} to ${maxLength} characters`
}
