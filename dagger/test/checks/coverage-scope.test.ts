import { expect, it } from "vitest"
import { measuredByJavaScript, measuredByPython } from "../../src/checks/coverage-scope.js"

it.each([
  ["no configuration", "", ["."]],
  ["tests that are included", 'test: { include: ["test/**"] }', ["."]],
  ["Vitest's coverage", 'coverage: { provider: "v8", include: ["src/**"] }', []],
  ["Jest's coverage", '"jest": { "collectCoverageFrom": ["src/**"] }', []],
])("of JavaScript with %s, these folders count", (_, text, folders) => {
  expect(measuredByJavaScript(text)).toEqual(folders)
})

it.each([
  ["no configuration", "", ["."]],
  ["branches only", "[tool.coverage.run]\nbranch = true\n[tool.ruff]\ninclude = ['a']", ["."]],
  [
    "its packages on the command line",
    'addopts = ["--cov=app", "--cov-report=xml", "--cov=./worker/"]',
    ["app", "worker"],
  ],
  ["everything on the command line", "addopts = --cov=.", ["."]],
  ["sources", '[tool.coverage.run]\nsource = ["app"]', []],
  ["omissions", "[run]\nomit = app/gen/*", []],
])("of Python with %s, these folders count", (_, text, folders) => {
  expect(measuredByPython(text)).toEqual(folders)
})
