import { explained } from "../errors.js"
import { redacted, sanitized, shortened } from "../text/untrusted.js"
import { joined } from "../text/wording.js"
import type { PackageKind } from "./recipe.js"

const owners: Record<PackageKind, string> = {
  frontend: "the frontend",
  backend: "the backend",
  linters: "the backend's linters",
  actionlint: "actionlint",
  zizmor: "zizmor",
  hadolint: "hadolint",
}

/** A line of a summary about the packages of a kind. */
export const packagesLine = (kind: PackageKind, what: string) => `packages of ${owners[kind]}: ${what}`

export const fromTheCache = (entry: string) => `from the cache ${entry}`
/** Said of an entry that has a part of the packages alone. */
export const restBesideSources = "what needs the sources is installed each time"
export const notKept = "not kept; what is installed is known only beside the sources"
export const noEntry = "installed; the cache has no entry"
export const needsSources = "installed; what it installs is known only beside the sources"
export const distrusted = (entry: string, why: string) => `installed; ${entry} is not used: ${why}`
export const unpullable = (entry: string, failure: unknown) =>
  `installed; ${entry} can't be pulled: ${causeOf(failure)}`
export const unreadable = (failure: unknown) => `installed; the cache can't be read: ${causeOf(failure)}`

/** The cause of a failure in one line: of an error of ours its reason, of the engine's the end, where the cause stands. */
export function causeOf(failure: unknown): string {
  const { why } = explained(failure)
  const line = joined(redacted(sanitized(why)).replace(/ \[traceparent:[0-9a-f-]*\]/g, "")).replace(/[\s:]+$/, "")
  return line.length > 300 ? `…${line.slice(-300)}` : shortened(line, 300)
}
