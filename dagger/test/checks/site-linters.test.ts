import { expect, it } from "vitest"
import { siteLinters } from "../../lib/checks/site-linters.js"

it.each([
  [{ lint: "eslint .", typecheck: "tsc" }, ["lint", "typecheck"]],
  [
    { lint: "eslint . --fix", "type-check": "vue-tsc --noEmit", "format:check": "prettier --check ." },
    ["lint", "type-check", "format:check"],
  ],
  [{ check: "svelte-kit sync && svelte-check", test: "vitest" }, ["check"]],
  [{ check: "biome check", "check-types": "tsc" }, ["check-types"]],
  [{ format: "prettier --write .", build: "tsc && vite build" }, []],
])("of the scripts %j those that only look are run: %j", (scripts, run) => {
  expect(siteLinters(scripts as Record<string, string>, [], "").scripts).toEqual(run)
})

const of = (scripts: Record<string, string>, names: string[], manifest = "") =>
  siteLinters(scripts, names, manifest).notRun

it("tells each linter that the project configures and no script runs", () => {
  expect(of({ typecheck: "tsc" }, ["eslint.config.mjs", ".prettierrc", "biome.json", ".stylelintrc.json"])).toEqual([
    "eslint: eslint.config.mjs configures it, and no script lint runs it",
    "biome: biome.json configures it, and no script lint runs it",
    "prettier: .prettierrc configures it, and no script lint runs it",
    "stylelint: .stylelintrc.json configures it, and no script lint runs it",
  ])
})

it("follows scripts to those that they name, and leaves out what runs elsewhere or within ESLint", () => {
  expect(
    of({ lint: "run-s lint:*", "lint:js": "next lint", "lint:css": "stylelint src" }, [".eslintrc", ".stylelintrc"]),
  ).toEqual([])
  expect(of({ lint: "turbo run lint" }, ["biome.json"])).toEqual([])
  expect(of({ lint: "eslint ." }, [".prettierrc.json"], '"eslint-plugin-prettier": "5"')).toEqual([])
  expect(of({ lint: "eslint ." }, [".prettierrc.json"], '"prettier": "3"')).toHaveLength(1)
})
