import { shown } from "../errors.js"
import { keyOf, type Recipe } from "./recipe.js"

/** Labels that an entry says of itself what it is. */
export const keyLabel = "delivery.cache.key"
export const lockLabel = "delivery.cache.lock"
const [createdLabel, sourceLabel] = ["org.opencontainers.image.created", "org.opencontainers.image.source"]

/** What the registry tells of an entry before anything is pulled. */
export interface Entry {
  digest: string
  labels: Readonly<Record<string, string>>
  platform: string
}

/** The signature of an entry: by the key of the settings, by another or none, or none is asked for. */
export type Signature = "ours" | "foreign" | "missing" | "not asked for"

/** The labels of an entry. @param source page of the project's source code; registries give its owner the right to the entry by it. */
export const labelsOf = (recipe: Recipe, source: string, now: Date): Record<string, string> => ({
  [keyLabel]: keyOf(recipe),
  [lockLabel]: recipe.lock,
  [createdLabel]: now.toISOString(),
  [sourceLabel]: source,
})

/** When an entry was made, as its label says; "" where that is no time as `labelsOf` writes it. */
export function createdOf({ labels }: Pick<Entry, "labels">): string {
  const created = labels[createdLabel] ?? ""
  return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/.test(created) ? created : ""
}

/** Why an entry is not what a recipe leaves, whatever its tag says; "" when it may be pulled. */
export function mistrust({ labels, platform }: Entry, recipe: Recipe, signature: Signature): string {
  if (labels[keyLabel] !== keyOf(recipe)) return `its label names ${labels[keyLabel] ? "another key" : "no key"}`
  if ((labels[lockLabel] ?? "") !== recipe.lock) return "its label names another lock file"
  if (platform !== recipe.platform) return `it is for ${platformText(platform)}`
  if (signature === "missing") return "it is not signed"
  if (signature === "foreign") return "it is not signed by the key of the settings (publicKey)"
  return ""
}

/** A platform as an entry names it: whoever pushed that may have written anything. */
const platformText = (platform: string) =>
  /^[a-z0-9]+(?:\/[a-z0-9._-]+)*$/.test(platform) && platform.length <= 80
    ? platform
    : platform
      ? shown(platform)
      : "no platform"
