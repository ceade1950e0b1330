/** A key of a JSON file that is written for people, with what is said above it. */
export interface Key {
  name: string
  value: Value
  /** Comment lines; none for nothing to say. */
  notes?: string[]
}
export type Value = string | number | boolean | string[] | Key[]

/** JSON with comments, two blanks for each level. */
export function commentedJson(keys: Key[], head: string[]): string {
  return `${[...head.map((line) => `// ${line}`), block(keys, "")].join("\n")}\n`
}

function block(keys: Key[], indent: string): string {
  const inner = `${indent}  `
  const lines = keys.map(({ name, value, notes = [] }, at) => {
    const comments = notes.map((note) => `${inner}// ${note.replace(/\s+/g, " ")}\n`).join("")
    return `${comments}${inner}${JSON.stringify(name)}: ${valued(value, inner)}${at === keys.length - 1 ? "" : ","}`
  })
  return lines.length === 0 ? "{}" : `{\n${lines.join("\n")}\n${indent}}`
}

function valued(value: Value, indent: string): string {
  if (!Array.isArray(value)) return JSON.stringify(value)
  return isKeys(value) ? block(value, indent) : `[${value.map((one) => JSON.stringify(one)).join(", ")}]`
}

const isKeys = (value: string[] | Key[]): value is Key[] => typeof value[0] === "object"
