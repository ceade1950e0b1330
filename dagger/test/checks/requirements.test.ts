import { expect, it } from "vitest"
import { packageName, requirementFiles, requirements } from "../../lib/checks/requirements.js"

it("names the files that it leads to, from the project's folder on", () => {
  const text =
    "-r base.txt\n-c ../constraints.txt # held back\n--requirement=more.txt\n-r https://example.org/all.txt\n-r ../../up.txt\n"
  expect(requirements(text, "requirements/dev.txt").references).toEqual([
    "requirements/base.txt",
    "constraints.txt",
    "requirements/more.txt",
  ])
})

it.each([
  "-e .",
  "--editable=./lib[all]",
  ".",
  "./lib",
  "lib @ file:./lib",
  "vendor/lib-1.0.whl",
  "file:lib",
  ".[dev]",
  "-f ./wheels",
  "--find-links=wheels",
])("knows that %j installs something of the project itself", (line) =>
  expect(requirements(`idna\n${line}\n`, "requirements.txt").local).toBe(true),
)

it.each([
  "-e git+https://example.org/x.git#egg=x",
  "lib @ https://example.org/lib.whl",
  "idna==3.10 # ./lib",
  "-i https://example.org/simple",
  "-f https://example.org/wheels",
])("knows that %j does not", (line) => expect(requirements(line, "requirements.txt").local).toBe(false))

it("tells packages that somebody wrote down from those that only others need", () => {
  const compiled = `fastapi==1.0 \\
    --hash=sha256:aa
    # via acme (pyproject.toml)
isort==7.0
    # via pylint
pylint==4.0
    # via
    #   -r dev.in
    #   other
Py_Test[x]>=9; python_version > "3.9"
`
  const { direct, all } = requirements(compiled, "requirements.txt")
  expect(direct).toEqual(["fastapi", "pylint", "py-test"])
  expect(all).toEqual(["fastapi", "isort", "pylint", "py-test"])
})

it("reads a file of any text", () => {
  expect(requirements("\uFEFFidna\r\n@@@\r\n-r\r\n[]", "r.txt").all).toEqual(["idna"])
  expect(packageName("not a package")).toBe("not")
  expect(packageName("")).toBe("")
})

it.each([
  [["requirements.txt", "requirements-dev.txt"], ["requirements.txt"], ["requirements-dev.txt"]],
  [["requirements.txt", "requirements_test.txt"], ["requirements.txt"], ["requirements_test.txt"]],
  [["dev-requirements.txt"], [], ["dev-requirements.txt"]],
  [
    ["requirements/base.txt", "requirements/dev.txt", "requirements/docs.txt"],
    ["requirements/base.txt"],
    ["requirements/dev.txt"],
  ],
  [
    ["requirements/base.txt", "requirements/local.txt", "requirements/production.txt"],
    ["requirements/base.txt"],
    ["requirements/local.txt"],
  ],
  [["requirements-docs.txt"], [], []],
])("of %j runs with %j, and tests with %j besides", (names, running, testing) => {
  expect(requirementFiles(names)).toEqual({ running, testing })
})
