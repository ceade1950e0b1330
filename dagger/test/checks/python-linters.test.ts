import { parse } from "smol-toml"
import { describe, expect, it } from "vitest"
import { filesAbove } from "../../lib/checks/files-above.js"
import { configuredAbove, type LintedFolder, linterFiles, pythonLinters } from "../../lib/checks/python-linters.js"
import { pythonProject } from "../../lib/checks/python-project.js"

const linting = (toml: string, folder: Partial<LintedFolder> = {}) =>
  pythonLinters({
    project: pythonProject(parse(toml)),
    names: [],
    installed: [],
    mentioned: [],
    ini: "",
    preCommit: "",
    python: "3.12",
    lint: "bugs",
    above: {},
    ...folder,
  })
const commands = (...given: Parameters<typeof linting>) => linting(...given).linters.map(({ args }) => args.join(" "))

describe("Ruff", () => {
  it("is asked for what is always a bug where nobody configured it, pinned, and says so", () => {
    expect(linting("").linters).toEqual([
      {
        tool: "ruff",
        args: expect.arrayContaining(["--isolated", "--select=E9,F", "--target-version=py312"]) as string[],
        install: expect.stringMatching(/^ruff==\d/) as string,
        needsPackages: false,
        note: "ruff: only E9 and F (no configuration)",
        whole: expect.arrayContaining(["--output-format=json"]) as string[],
      },
    ])
  })

  it("is asked for all of its own where the settings say so", () => {
    expect(commands("", { lint: "all" })).toEqual(["ruff check --no-fix --no-cache . --target-version=py312"])
  })

  it.each([
    ["[tool.ruff]", {}],
    ["", { names: ["ruff.toml"] }],
    ["", { names: [".ruff.toml"] }],
  ])("is run with the project's configuration, without its fixes: %j %j", (toml, folder) => {
    expect(commands(toml, folder)).toEqual(["ruff check --no-fix --no-cache ."])
  })

  it("is the project's own release where the install brings it", () => {
    expect(linting("", { installed: ["ruff"] }).linters[0]?.install).toBe("")
    expect(linting("", { mentioned: ["ruff"] }).linters[0]?.install).toMatch(/^ruff==/)
  })

  it("formats where the project lets it, and no other does", () => {
    expect(commands("tool.ruff.format = {}")[1]).toBe("ruff format --check --diff --no-cache .")
    expect(commands("", { preCommit: "      - id: ruff-format\n" })[1]).toBe("ruff format --check --diff --no-cache .")
    expect(commands("tool = { ruff.format = {}, black = {} }")[1]).toBe("black --check --quiet --diff .")
  })
})

describe("a tool that the project configures or lists", () => {
  it.each([
    ["[tool.black]", {}, "black --check --quiet --diff ."],
    ["", { installed: ["black"] }, "black --check --quiet --diff ."],
    ["", { preCommit: "  - repo: https://github.com/psf/black-pre-commit-mirror\n" }, "black --check --quiet --diff ."],
    ["[tool.mypy]\nstrict = true", {}, "mypy ."],
    ['[tool.mypy]\nfiles = ["app"]', {}, "mypy"],
    ["", { ini: "[mypy]\nstrict = true\n" }, "mypy ."],
    ["", { ini: "[mypy]\nfiles = app\n[isort-not]\n" }, "mypy"],
    ["", { ini: "[mypy]\nstrict = true\n[other]\nfiles = app\n" }, "mypy ."],
    ['dependency-groups.lint = ["mypy"]', {}, "mypy --ignore-missing-imports ."],
    ["", { names: [".flake8"] }, "flake8 ."],
    ["", { ini: "[flake8]\nmax-line-length = 100\n" }, "flake8 ."],
    ["", { installed: ["flake8"] }, "flake8 --isolated --select=E9,F ."],
    ["[tool.isort]", {}, "isort --check-only --diff ."],
    ["[tool.pylint.main]", {}, "pylint --recursive=y ."],
    ["", { installed: ["pylint"] }, "pylint --recursive=y --errors-only ."],
    ["[tool.bandit]", {}, "bandit --quiet --recursive . -c pyproject.toml"],
    ["", { names: ["pyrightconfig.json"] }, "pyright"],
  ] as [string, Partial<LintedFolder>, string][])("is run with %j and %j as %s", (toml, folder, command) => {
    expect(commands(toml, folder)[1]).toBe(command)
  })

  it("is told as not run where the pipeline can't run it", () => {
    expect(linting('dependency-groups.dev = ["ty", "yapf"]').notRun).toEqual([
      "ty: the pipeline doesn't know how to run it",
      "yapf: the pipeline doesn't know how to run it",
    ])
    expect(linting("", { installed: ["isort"] }).notRun).toEqual([
      "isort: the project lists it and configures it nowhere",
    ])
  })

  it("is none that only its name resembles", () => {
    expect(
      commands("", { installed: ["blackd-client"], preCommit: "repo: https://example.org/blackout" }),
    ).toHaveLength(1)
  })
})

describe("the folders above a backend", () => {
  it("are looked through up to the repository's root, the nearest first", () => {
    const files = filesAbove("services/api", linterFiles)
    expect(files).toContain("pyproject.toml")
    expect(files).toContain("services/pyproject.toml")
    expect(files.indexOf("services/ruff.toml")).toBeLessThan(files.indexOf("ruff.toml"))
    expect(files.some((file) => file.startsWith("services/api/"))).toBe(false)
    expect(filesAbove(".", linterFiles)).toEqual([])
  })

  it("configure what their files name, the nearest one", () => {
    const texts = {
      "pyproject.toml": "[tool.ruff.lint]\nselect = ['E']\n[tool.mypy]\nstrict = true\n",
      "setup.cfg": "[isort]\nprofile = black\n",
      "services/ruff.toml": "",
      "services/pyproject.toml": "[project]\nname = 'ruff'\n",
    }
    expect(configuredAbove("services/api", texts)).toEqual({
      ruff: "services/ruff.toml",
      mypy: "pyproject.toml",
      isort: "setup.cfg",
    })
  })

  it("are asked by mypy, which does not look there, only where the backend's own folder says nothing", () => {
    const above = { mypy: "pyproject.toml" }
    expect(commands("", { above })).toContain("mypy . --config-file=/sources/pyproject.toml")
    expect(commands("[tool.mypy]\nstrict = true", { above })).toContain("mypy .")
  })

  it("make a linter follow all of the rules that they choose", () => {
    const { linters } = linting("", { above: { ruff: "ruff.toml" } })
    expect(linters.map(({ tool, note }) => [tool, note])).toEqual([["ruff", ""]])
  })
})
