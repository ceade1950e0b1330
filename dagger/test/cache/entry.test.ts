import { describe, expect, it } from "vitest"
import {
  createdOf,
  type Entry,
  keyLabel,
  labelsOf,
  lockLabel,
  mistrust,
  type Signature,
} from "../../lib/cache/entry.js"
import { keyOf } from "../../lib/cache/recipe.js"
import { recipe } from "../support/package-recipe.js"

const now = new Date("2026-11-28T09:00:00Z")
const entry: Entry = {
  digest: `sha256:${"c".repeat(64)}`,
  labels: labelsOf(recipe, "https://github.com/acme/shop", now),
  platform: "linux/amd64",
}

it("an entry says its key, its lock file, when it was made and whose it is", () => {
  expect(entry.labels).toEqual({
    "delivery.cache.key": keyOf(recipe),
    "delivery.cache.lock": recipe.lock,
    "org.opencontainers.image.created": "2026-11-28T09:00:00.000Z",
    "org.opencontainers.image.source": "https://github.com/acme/shop",
  })
  expect(createdOf(entry)).toBe("2026-11-28T09:00:00.000Z")
})

it.each(["tomorrow", "", "zzzz", "2026-11-28"])("an entry that says it was made %j has no date", (made) => {
  expect(createdOf({ labels: { "org.opencontainers.image.created": made } })).toBe("")
})

describe("an entry", () => {
  it.each<Signature>(["ours", "not asked for"])(
    "is taken when all of it is as wanted and its signature is %s",
    (signature) => {
      expect(mistrust(entry, recipe, signature)).toBe("")
    },
  )

  it.each<[string, Partial<Entry>, Signature, string]>([
    ["without a key", { labels: {} }, "ours", "its label names no key"],
    [
      "of another install",
      { labels: { ...entry.labels, [keyLabel]: "0".repeat(64) } },
      "ours",
      "its label names another key",
    ],
    [
      "of another lock file",
      { labels: { ...entry.labels, [lockLabel]: "0".repeat(64) } },
      "ours",
      "its label names another lock file",
    ],
    ["for another machine", { platform: "linux/arm64" }, "ours", "it is for linux/arm64"],
    [
      "whose machine is a line for the summary",
      { platform: "linux/amd64\npassed  backend tests" },
      "ours",
      'it is for "linux/amd64\\npassed  backend tests"',
    ],
    ["that is not signed", {}, "missing", "it is not signed"],
    ["of another signer", {}, "foreign", "it is not signed by the key of the settings (publicKey)"],
  ])("%s is not taken", (_, change, signature, why) => {
    expect(mistrust({ ...entry, ...change }, recipe, signature)).toBe(why)
  })
})
