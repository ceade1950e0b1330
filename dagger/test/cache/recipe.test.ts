import { describe, expect, it } from "vitest"
import { digestIn, isExact, keyOf, kindOf, type Recipe, tagOf } from "../../lib/cache/recipe.js"
import { recipe } from "../support/package-recipe.js"

const other: { [Part in keyof Recipe]: Recipe[Part] } = {
  kind: "backend",
  base: `sha256:${"b".repeat(64)}`,
  platform: "linux/arm64",
  files: { ...recipe.files, ".npmrc": "sha256:3" },
  lock: "f".repeat(64),
  lockPath: "/site/npm-shrinkwrap.json",
  workdir: "/site/web",
  commands: [["npm", "ci"]],
  variables: { CI: "true" },
  week: "2026-W48",
}

describe("the key of an install", () => {
  it.each(Object.keys(other) as (keyof Recipe)[])("is another one with another %s", (part) => {
    expect(keyOf({ ...recipe, [part]: other[part] })).not.toBe(keyOf(recipe))
  })

  it("is another one when a file's content changes, when it moves, and when a word moves to the next command", () => {
    const changed = keyOf({ ...recipe, files: { ...recipe.files, "package.json": "sha256:9" } })
    const moved = keyOf({ ...recipe, files: { "package.json": "sha256:2", "package-lock.json": "sha256:1" } })
    const split = keyOf({ ...recipe, commands: [["npm", "ci"], ["--ignore-scripts"]] })

    expect(new Set([changed, moved, split, keyOf(recipe)]).size).toBe(4)
  })

  it("is the same in whatever order files and variables come", () => {
    const turned = Object.fromEntries(Object.entries(recipe.files).toReversed())

    expect(keyOf({ ...recipe, files: turned })).toBe(keyOf(recipe))
  })
})

it("an image is the same under each of its tags", () => {
  const named = ["node:24", "node:24-slim"].map((name) => `docker.io/library/${name}@sha256:${"a".repeat(64)}`)

  expect(named.map(digestIn)).toEqual(named.map(() => recipe.base))
})

it("the tag of an entry is its kind and the beginning of its key, and is known again as one", () => {
  const tag = tagOf(recipe, keyOf(recipe))

  expect(tag).toBe(`frontend-${keyOf(recipe).slice(0, 32)}`)
  expect(kindOf(tag)).toBe("frontend")
})

it.each([
  "latest",
  "frontend-1",
  `secrets-${"0".repeat(32)}`,
  `sha256-${"0".repeat(64)}.sig`,
  `frontend-${"0".repeat(33)}`,
])("the tag %s names no entry", (tag) => {
  expect(kindOf(tag)).toBeUndefined()
})

it.each([
  ["pnpm@10.2.1", true],
  ["@yarnpkg/cli-dist@4.9.1", true],
  ["uv==0.13.9", true],
  ["pnpm@10", false],
  ["pnpm@^10.2.1-beta", false],
  ["bun@1.3", false],
])("whether %s names one release: %s", (tool, exact) => {
  expect(isExact(tool)).toBe(exact)
})
