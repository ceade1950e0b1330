import { describe, expect, it } from "vitest"
import { foundNoTests, measured, pythonProject } from "../../src/checks/python-project.js"

const linters = (toml: object, others = "") => pythonProject(JSON.stringify(toml), others).linters.map(([name]) => name)

describe("a Python project", () => {
  it("brings its test tools in extras and groups that are named so", () => {
    const { extras, groups } = pythonProject(
      JSON.stringify({
        project: { "optional-dependencies": { tests: ["pytest"], docs: ["sphinx"], dev: [] } },
        "dependency-groups": { test: ["pytest"], lint: ["ruff"] },
      }),
    )
    expect(extras).toEqual(["tests", "dev"])
    expect(groups).toEqual(["test"])
  })

  it("is linted by Ruff at least, and without its fixes, also when it has no pyproject.toml", () => {
    expect(pythonProject("").linters).toEqual([["ruff", "check", "--no-fix", "--no-cache", "."]])
  })

  it("is held to the formatter that it uses, and to none that it does not", () => {
    expect(linters({ tool: { black: {} } })).toEqual(["ruff", "black"])
    expect(linters({}, "pytest==9\nblack==26.1.0\n")).toEqual(["ruff", "black"])
    expect(linters({}, "  - repo: https://github.com/psf/black-pre-commit-mirror\n")).toEqual(["ruff", "black"])
    expect(linters({ tool: { ruff: { format: {} } } })).toEqual(["ruff", "ruff"])
    expect(linters({}, "blackd-client==1\n")).toEqual(["ruff"])
  })

  it("is typed by mypy only where it says which files", () => {
    expect(linters({ tool: { mypy: { strict: true } } })).toEqual(["ruff"])
    expect(pythonProject(JSON.stringify({ tool: { mypy: { files: ["app"] } } })).tools).toContain("mypy")
  })

  it("tells when its version comes from Git", () => {
    expect(pythonProject('{"build-system":{"requires":["hatch-vcs","hatchling>=1"]}}').versionFromGit).toBe(true)
    expect(pythonProject('{"build-system":{"requires":["flit_core"]}}').versionFromGit).toBe(false)
  })
})

describe("coverage measures", () => {
  const plain = pythonProject("")

  it("what the project chose itself", () => {
    expect(measured(["app"], plain, "[pytest]\naddopts =\n    -q\n    --cov=app\n")).toEqual([])
    const options = '{"tool":{"pytest":{"ini_options":{"addopts":["--cov=app"]}}}}'
    expect(measured(["app"], pythonProject(options))).toEqual([])
    const chosen = pythonProject('{"tool":{"coverage":{"run":{"source":["pkg"]}}}}')
    expect(measured(["app"], chosen)).toEqual(["--cov"])
  })

  it("nothing that only a command of tox names", () => {
    expect(measured(["src"], plain, "[testenv]\ncommands =\n    pytest --cov app\n")).toEqual(["--cov=src"])
  })

  it("else its packages without their tests, which would flatter it", () => {
    expect(measured(["src"], plain)).toEqual(["--cov=src"])
    expect(measured(["app", "tests", "docs"], plain)).toEqual(["--cov=app"])
    expect(measured([], plain)).toEqual(["--cov"])
  })
})

it.each([
  [5, "no tests ran in 0.01s", true],
  [1, "collected 0 items\nERROR: Coverage failure: total of 0 is less than fail-under=90", true],
  [4, "collected 0 items\n\nERROR: not found: /service/tests", true],
  [2, "collected 0 items / 1 error", false],
  [1, "collected 3 items", false],
  [4, "ImportError while loading conftest '/service/conftest.py'.", false],
])("tells by code %d and %j whether there are no tests: %s", (code, said, none) => {
  expect(foundNoTests(code, said)).toBe(none)
})
