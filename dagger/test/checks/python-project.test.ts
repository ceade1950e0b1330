import { parse } from "smol-toml"
import { describe, expect, it } from "vitest"
import { foundNoTests, measured, pythonProject } from "../../lib/checks/python-project.js"

const read = (toml: string) => pythonProject(parse(toml))
const plain = pythonProject()

describe("a Python project", () => {
  it("brings its test tools in extras and groups that are named so", () => {
    const { extras, groups } = read(`
      project.optional-dependencies = { tests = ["pytest>=8"], docs = ["sphinx"], dev = [] }
      dependency-groups = { test = ["pytest"], lint = ["ruff"] }`)
    expect(extras).toEqual({ names: ["tests", "dev"], requirements: ["pytest>=8"] })
    expect(groups).toEqual({ names: ["test"], requirements: ["pytest"] })
  })

  it("has the requirements that an extra or a group takes from another of its own, and no end of them", () => {
    const { extras, groups } = read(`
      [project]
      name = "Acme_App"
      [project.optional-dependencies]
      dev = ["acme-app[test, more]", "ruff"]
      test = ["pytest"]
      more = ["acme.app[dev]"]
      [dependency-groups]
      dev = [{ include-group = "qa" }, "coverage"]
      qa = ["mypy", { include-group = "dev" }]`)
    expect(extras.requirements).toEqual(["pytest", "ruff", "pytest"])
    expect(groups.requirements).toEqual(["mypy", "coverage"])
  })

  it("also has groups in the older forms of uv, PDM and Poetry", () => {
    const { groups, installs, requires } = read(`
      [tool.uv]
      dev-dependencies = ["pytest"]
      [tool.pdm.dev-dependencies]
      test = ["httpx", "-e file:///x#egg=x"]
      [tool.poetry.dependencies]
      python = "^3.11"
      FastAPI = "*"
      [tool.poetry.group.qa.dependencies]
      Black = "*"`)
    expect(groups.requirements).toEqual(["pytest", "httpx"])
    expect(installs).toEqual(["pytest", "httpx", "python", "fastapi", "black"])
    expect(requires).toBe("^3.11")
  })

  it.each([
    ['build-system.requires = ["hatch-vcs", "hatchling>=1"]', "", ["SETUPTOOLS_SCM_PRETEND_VERSION"]],
    ['build-system.requires = ["flit_core"]', "", []],
    [
      'project.name = "Acme.shop-api"\nbuild-system.requires = ["setuptools_scm[toml]>=8"]',
      "",
      ["SETUPTOOLS_SCM_PRETEND_VERSION_FOR_ACME_SHOP_API"],
    ],
    ['build-system.requires = ["uv-dynamic-versioning"]', "", ["UV_DYNAMIC_VERSIONING_BYPASS"]],
    ['tool.poetry.requires-plugins = { poetry-dynamic-versioning = "^1" }', "", ["POETRY_DYNAMIC_VERSIONING_BYPASS"]],
    ["", "from setuptools import setup\n\nsetup(use_scm_version=True)\n", ["SETUPTOOLS_SCM_PRETEND_VERSION"]],
    ["", "setup(setup_requires=['pbr'], pbr=True)\n", ["PBR_VERSION"]],
    ["", "setup(name='scm')\n", []],
  ])("whose version comes from Git is given one by %j and %j", (toml, script, names) => {
    expect(Object.keys(pythonProject(parse(toml), "", script).version)).toEqual(names)
  })

  it.each([
    "project.optional-dependencies = []",
    "dependency-groups = []",
    'build-system.requires = "setuptools"',
    "tool = { ruff = [], mypy = true, coverage = { run = [] }, pytest = { ini_options = { addopts = {} } } }",
    "tool = { poetry = 1, uv = [], pdm = { dev-dependencies = 2 } }",
    "tool.acme.timeout = inf",
    "project = [1]",
  ])("is read also where it has another form: %s", (toml) => {
    expect(read(toml)).toMatchObject({ extras: { requirements: [] }, groups: { requirements: [] } })
  })
})

describe("coverage measures", () => {
  it("what the project chose itself", () => {
    expect(measured(["app"], plain, "[pytest]\naddopts =\n    -q\n    --cov=app\n")).toEqual([])
    expect(measured(["app"], read('tool.pytest.ini_options.addopts = ["--cov=app"]'))).toEqual([])
    expect(measured(["app"], read('tool.coverage.run.source = ["pkg"]'))).toEqual(["--cov"])
    expect(measured(["app"], plain, "[pytest]\naddopts = -q\n[run]\nbranch = True\nsource =\n    app\n")).toEqual([
      "--cov",
    ])
    expect(measured(["app"], plain, "[coverage:run]\nsource_pkgs = app\n")).toEqual(["--cov"])
    expect(measured(["app"], plain, "[run]\nbranch = True\n[report]\ninclude = app/*\n")).toEqual(["--cov=."])
  })

  it("the same where the project says only how it is reported", () => {
    expect(
      measured(["app"], read('tool.pytest.ini_options.addopts = "-n 2 --cov-context=test --cov-report=term"')),
    ).toEqual(["--cov=."])
    expect(measured(["app"], plain, "[pytest]\naddopts = --cov-config=cov.ini --cov\n")).toEqual([])
    expect(measured(["app"], read('tool.pytest.ini_options.addopts = "--cov app"'))).toEqual([])
  })

  it("nothing that only a command of tox names", () => {
    expect(measured(["src"], plain, "[testenv]\ncommands =\n    pytest --cov app\n")).toEqual(["--cov=src"])
  })

  it("else all below the root, for two packages may have files of one name; the gate leaves out what is no product", () => {
    expect(measured(["src"], plain)).toEqual(["--cov=src"])
    expect(measured(["app", "tests", "docs"], plain)).toEqual(["--cov=."])
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
