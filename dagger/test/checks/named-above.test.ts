import { expect, it } from "vitest"
import { isConfiguration, mayName, namedAbove, patternsOf } from "../../lib/checks/named-above.js"

it.each([
  ['{ "extends": "../../tsconfig.base.json" }', ["tsconfig.base.json"]],
  ['{ "extends": ["../tsconfig.json", "./own.json"] }', ["apps/tsconfig.json"]],
  ['preset: "<rootDir>/../../jest.preset.js"', ["jest.preset.js"]],
  ["import base from '../../eslint.config.base.js'", ["eslint.config.base.js"]],
  ["module.exports = { ...require(`../../jest.preset`) }", ["jest.preset"]],
  ['"paths": { "@lib/*": ["../../libs/ui/src/*"] }', ["libs/ui/src"]],
  ['"dependencies": { "lib": "file:../../libs/ui", "b": "link:../b" }', ["libs/ui", "apps/b"]],
  ['extend = "../../config/ruff.toml"', ["config/ruff.toml"]],
  [
    "-r ../../requirements/base.txt\n-e ../../libs/names[all]\n--constraint=../c.txt",
    ["requirements/base.txt", "libs/names", "apps/c.txt"],
  ],
  ["lib = { path = '../../libs/names' }", ["libs/names"]],
  ["alias: { a: path.resolve(__dirname, '../shared') }", ["apps/shared"]],
  ["fs: { allow: ['..', '../..', '../../'] }, root: '../../apps'", []],
  ["'../../../elsewhere/a.json'", []],
  ["'../web/src', '../../apps/web/b'", []],
  ["see https://example.org/../x and a/../b", []],
  ["", []],
])("%j names %j", (text, paths) => expect(namedAbove(text, "apps/web/a.json", "apps/web")).toEqual(paths))

it("counts a path from the file that names it", () => {
  expect(namedAbove('"extends": "../root.json"', "config/base.json", "apps/web")).toEqual(["root.json"])
  expect(namedAbove("-r ../../base.txt", "api/requirements/dev.txt", "api")).toEqual(["base.txt"])
})

it("is read in what configures tools and installs, and in nothing else", () => {
  const files = [
    ...[
      "package.json",
      "tsconfig.app.json",
      "vite.config.mts",
      ".eslintrc.cjs",
      "docusaurus.config.ts",
      "pyproject.toml",
    ],
    ...[
      "ruff.toml",
      "setup.cfg",
      "requirements/dev.in",
      "requirements.txt",
      "src/a.config.ts",
      "README.md",
      "main.ts",
      "package-lock.json",
    ],
  ]
  expect(files.filter((file) => !isConfiguration(file))).toEqual([
    "src/a.config.ts",
    "README.md",
    "main.ts",
    "package-lock.json",
  ])
})

it("is looked for once more in what is named, and in configurations of a folder that is named, not in its sources", () => {
  const files = [
    "base.json",
    "base.png",
    "jest.preset.cjs",
    "lib/package.json",
    "lib/src/a.ts",
    "lib.d.ts",
    "lib/vite.config.ts",
  ]
  expect(mayName(files, ["base", "jest.preset", "lib"])).toEqual([
    ...["base.json", "jest.preset.cjs", "lib/package.json", "lib.d.ts", "lib/vite.config.ts"],
  ])
})

it("is looked for with any ending, and as a folder", () => {
  expect(patternsOf(["libs/ui"])).toEqual(["libs/ui", "libs/ui.*", "libs/ui/**"])
})
