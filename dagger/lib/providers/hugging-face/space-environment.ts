import { createHmac, scryptSync } from "node:crypto"

/** What the Hub tells of a Space's variables and secrets: values of the former, only names and times of the latter. */
export interface Present {
  variables: Readonly<Record<string, { value: string; updatedAt: string }>>
  secrets: Readonly<Record<string, { updatedAt: string }>>
}

/** Names with values. */
export type Values = Readonly<Record<string, string>>

/** What has to be written, in this order: the mark comes last, so a killed run writes the secrets once more. */
export interface Writes {
  secrets: [name: string, value: string][]
  variables: [name: string, value: string][]
}

/** The variable that keeps a mark of each secret's value. */
export const marksName = "PIPELINE_SECRETS_MARK"

/**
 * The variables and secrets that differ from what the Space has; each write restarts it. The Hub never shows a secret's value, so one is
 * written when it is not there, when its mark is another, or when somebody set it after the mark was written. Not known is what
 * somebody set who put the mark right as well. A mark is an HMAC under a key, see `markKey`: it shows nothing to whoever lacks that, and
 * another key writes every secret once more.
 */
export function writesFor(present: Present, variables: Values, secrets: Values, key: string | Buffer): Writes {
  const kept = present.variables[marksName]
  const before = marksIn(kept?.value ?? "")
  const marks = Object.fromEntries(Object.entries(secrets).map(([name, value]) => [name, markOf(name, value, key)]))
  const isThere = (name: string) => {
    const known = present.secrets[name]
    return known !== undefined && before[name] === marks[name] && !isLater(known.updatedAt, kept?.updatedAt ?? "")
  }
  const written = Object.entries(secrets).filter(([name]) => !isThere(name))
  const wanted = { ...variables, ...(written.length > 0 && { [marksName]: JSON.stringify({ ...before, ...marks }) }) }
  const isWritten = ([name, value]: [string, string]) =>
    present.variables[name]?.value !== value || (name === marksName && written.length > 0)
  return { secrets: written, variables: Object.entries(wanted).filter(isWritten) }
}

/** Names that would be a variable and a secret at once, which stops a Space: CONFIG_ERROR. */
export const collisions = (present: Present, variables: Values, secrets: Values): string[] => [
  ...Object.keys(variables).filter((name) => name in present.secrets || name in secrets),
  ...Object.keys(secrets).filter((name) => name in present.variables && !(name in variables)),
]

/**
 * The key of the marks: a stored token itself. A token of an hour is another one for each run, so its marks are under all the secrets'
 * values together: whoever would guess one, in the public variable, has to guess all, at some 50 ms a guess. Where these are fewer than
 * 16 characters, that is too easy: the key is the run's own then, and each run writes them.
 */
export function markKey(token: string, space: string, secrets: Values): string | Buffer {
  const values = Object.entries(secrets).sort(([one], [other]) => (one < other ? -1 : 1))
  const isOfAnHour = token.startsWith("hf_jwt_")
  if (!isOfAnHour || values.map(([, value]) => value).join("").length < 16) return token
  return scryptSync(JSON.stringify(values), `${space} ${marksName}`, 32)
}

const markOf = (name: string, value: string, key: string | Buffer) =>
  createHmac("sha256", key).update(`${name}\0${value}`).digest("hex").slice(0, 32)

function marksIn(text: string): Record<string, string> {
  try {
    const marks: unknown = JSON.parse(text)
    if (typeof marks !== "object" || marks === null) return {}
    return Object.fromEntries(
      Object.entries(marks).filter((each): each is [string, string] => typeof each[1] === "string"),
    )
  } catch {
    return {}
  }
}

/** Both are the Hub's times; where it gives none, nothing is known. */
const isLater = (one: string, other: string) => Date.parse(one) > Date.parse(other)
