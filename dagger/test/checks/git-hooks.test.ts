import { describe, expect, it } from "vitest"
import { doesMore, withoutGitHooks } from "../../lib/checks/git-hooks.js"

const scripts = (all: Record<string, string>) =>
  (JSON.parse(withoutGitHooks(JSON.stringify({ name: "a", scripts: all }))) as { scripts: unknown }).scripts

describe("a script that sets the hooks of Git up", () => {
  it.each([
    ...["husky", "husky install", "npx husky install frontend/.husky", "is-ci || husky", "husky || true"],
    ...["lefthook install", "pnpm exec lefthook install -f", "npx --no-install simple-git-hooks", "pre-commit install"],
    ...["git config core.hooksPath .githooks", "git config --local core.hooksPath .githooks && exit 0"],
  ])("and does nothing else is not run: %s", (prepare) => {
    expect(doesMore(prepare)).toBe(false)
  })

  it.each([
    ["lefthook install && svelte-kit sync", "true && svelte-kit sync"],
    ["svelte-kit sync; git config core.hooksPath .githooks", "svelte-kit sync; true"],
    ["cd .. && husky frontend/.husky && cd -", "cd .. && true && cd -"],
    ["is-ci || lefthook install && nuxt prepare", "is-ci || true && nuxt prepare"],
  ])("does the rest: %s", (prepare, then) => {
    expect(doesMore(prepare)).toBe(true)
    expect(scripts({ prepare })).toEqual({ prepare: then })
  })

  it("leaves them alone also where another script sets them up", () => {
    const prepare = "npm run hooks && nuxt prepare"
    expect(scripts({ prepare, hooks: "lefthook install", build: "vite build" })).toEqual({
      ...{ prepare, hooks: "true", build: "vite build" },
    })
  })
})

it.each([
  ["husky-like run", true],
  ["node scripts/husky.js", true],
  ["git submodule update", true],
  ["patch-package", true],
  ["", false],
])("%j does more: %s", (script, more) => {
  expect(doesMore(script)).toBe(more)
})

it.each(['{ "scripts": { "prepare": "nuxt prepare" } }\n', "{}", "no JSON"])("the text %j stays as it is", (text) => {
  expect(withoutGitHooks(text)).toBe(text)
})
