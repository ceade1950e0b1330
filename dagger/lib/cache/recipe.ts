import { createHash } from "node:crypto"

/** What is installed: the packages of a component, or a linter of ours. */
export type PackageKind = "frontend" | "backend" | "linters" | "actionlint" | "zizmor" | "hadolint"

/** All that decides which packages an install leaves, so that equal recipes leave equal ones. */
export interface Recipe {
  kind: PackageKind
  /** Digest of the image that it begins with. */
  base: string
  /** Such as linux/amd64. */
  platform: string
  /** What each file holds that the install reads, by its path. */
  files: Readonly<Record<string, string>>
  /** SHA-256 of the lock file in hexadecimal; "" without one. */
  lock: string
  /** Path of the lock file in the container; "" without one. */
  lockPath: string
  /** Where the commands run in the container. */
  workdir: string
  /** The words of each command, with the releases of the tools in them. */
  commands: readonly (readonly string[])[]
  variables: Readonly<Record<string, string>>
  /** ISO week of the install, where it takes what is newest; "" where its files and commands name each release. */
  week: string
}

/** Goes up with what an install does that its recipe does not show. */
const form = 1

/** The digest in an image's reference. Its tag tells nothing: of two that name one image the engine gives back the one that it was asked for first. */
export const digestIn = (reference: string) => reference.slice(reference.indexOf("@") + 1)

/** Name of what a recipe leaves: a SHA-256 in hexadecimal. */
export function keyOf(recipe: Recipe): string {
  const { kind, base, platform, files, lock, lockPath, workdir, commands, variables, week } = recipe
  const byName = (record: Readonly<Record<string, string>>) =>
    Object.entries(record).toSorted(([one], [other]) => (one < other ? -1 : 1))
  return sha256(
    JSON.stringify([
      ...[form, kind, base, platform, byName(files), lock, lockPath, workdir, commands, byName(variables), week],
    ]),
  )
}

/** Tag of an entry: its kind, and as much of its key as no accident repeats. */
export const tagOf = ({ kind }: Pick<Recipe, "kind">, key: string) => `${kind}-${key.slice(0, 32)}`

/** The kind that a tag is of; `undefined` for a tag that names no entry. */
export const kindOf = (tag: string): PackageKind | undefined =>
  /^(frontend|backend|linters|actionlint|zizmor|hadolint)-[0-9a-f]{32}$/.exec(tag)?.[1] as PackageKind | undefined

export const sha256 = (text: string) => createHash("sha256").update(text).digest("hex")

/** Whether a tool is named with its whole release, such as `pnpm@10.2.1` or `uv==0.13.9`. */
export const isExact = (tool: string) => /[@=](?:==)?\d+\.\d+\.\d+[\w.-]*$/.test(tool)
