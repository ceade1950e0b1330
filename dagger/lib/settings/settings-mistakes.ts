import type { z } from "zod"
import { keysAt } from "./settings-schema.js"

/** One mistake in the file. */
export interface Mistake {
  path: string
  why: string
}

type Issue = z.core.$ZodIssue

/** An issue of the schema, described for the operator. */
export function described(issue: Issue, raw: unknown): Mistake[] {
  const path = issue.path.reduce<string>((before, key) => inPath(before, key), "")
  if (issue.code === "unrecognized_keys") {
    const known = keysAt(issue.path)
    return issue.keys.map((key) => ({ path: inPath(path, key), why: `no such key${suggestion(key, known)}` }))
  }
  if (issue.code === "invalid_key") return [{ path, why: issue.issues[0]?.message ?? issue.message }]
  const missing = issue.path.reduce<unknown>(childOf, raw) === undefined
  if (/^Invalid input/.test(issue.message)) {
    return [{ path, why: missing ? "missing" : "expected a group of keys in { }" }]
  }
  return [{ path, why: missing ? `missing; ${issue.message}` : issue.message }]
}

function suggestion(key: string, known: string[]): string {
  const near = known
    .map((name) => ({ name, distance: edits(key.toLowerCase(), name.toLowerCase()) }))
    .sort((one, other) => one.distance - other.distance)[0]
  if (near && near.distance <= Math.max(1, Math.floor(near.name.length / 3))) return `; did you mean ${near.name}?`
  return `; here the keys are ${known.join(", ")}`
}

/** The edit distance of two words: insertions, deletions, replacements and swaps of neighbours. */
function edits(one: string, other: string): number {
  if (Math.abs(one.length - other.length) > 20) return Number.POSITIVE_INFINITY
  const rows = [Array.from({ length: other.length + 1 }, (_, column) => column)]
  const at = (row: number, column: number) => rows[row]?.[column] ?? Number.POSITIVE_INFINITY
  for (let row = 1; row <= one.length; row++) {
    rows.push([row])
    for (let column = 1; column <= other.length; column++) {
      const same = one[row - 1] === other[column - 1] ? 0 : 1
      const swapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1]
      rows[row]?.push(
        Math.min(
          at(row - 1, column) + 1,
          at(row, column - 1) + 1,
          at(row - 1, column - 1) + same,
          swapped ? at(row - 2, column - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      )
    }
  }
  return at(one.length, other.length)
}

/** The path of a key below another. */
export const inPath = (before: string, key: PropertyKey) => {
  if (typeof key === "number") return `${before}[${key}]`
  const name = /^[\w-]{1,60}$/.test(String(key)) ? String(key) : JSON.stringify(String(key).slice(0, 60))
  return before ? `${before}.${name}` : name
}

/** The value of a key of an unknown value. */
export function childOf(value: unknown, key: PropertyKey): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key)
    ? (value as Record<PropertyKey, unknown>)[key]
    : undefined
}

const secretForms: [form: RegExp, kind: string][] = [
  [/\bhf_\w{6,}/, "a Hugging Face token"],
  [/\b(?:gh[pousr]_|github_pat_)\w{6,}/, "a GitHub token"],
  [/\bnf[pco]_\w{6,}/, "a Netlify token"],
  [/\bhooks\.slack\.com\/\S*/i, "a Slack webhook"],
  [/\bxox[a-z]-[\w-]{6,}/, "a Slack token"],
  [/\bsk-[\w-]{12,}/, "an OpenRouter or OpenAI key"],
  [/:\/\/[^/\s@]*:[^/\s@]+@/, "an address with a password in it"],
  [/-----BEGIN [A-Z ]*PRIVATE KEY/, "a private key"],
]

/** Values and keys that look like a secret. */
export function exposedSecrets(value: unknown, path = ""): { path: string; kind: string }[] {
  if (typeof value === "string") {
    const kind = secretForms.find(([form]) => form.test(value))?.[1]
    return kind ? [{ path, kind }] : []
  }
  if (typeof value !== "object" || value === null) return []
  return Object.entries(value).flatMap(([key, child]) => {
    const here = inPath(path, Array.isArray(value) ? Number(key) : key)
    return [...exposedSecrets(key, here), ...exposedSecrets(child, here)]
  })
}

/** The text without what looks like a secret. */
export const withoutSecrets = (text: string) =>
  secretForms.reduce((left, [form]) => left.replace(new RegExp(form, `g${form.flags}`), "***"), text)
