import { parse } from "smol-toml"
import { describe, expect, it } from "vitest"
import { pythonInstall } from "../../lib/checks/python-install.js"
import { pythonProject } from "../../lib/checks/python-project.js"
import { requirements } from "../../lib/checks/requirements.js"

/** The plan for a folder of these files; a text is that of a requirements file or of pyproject.toml. */
function plan(files: Record<string, string>, commands: string[] = []) {
  const texts = Object.entries(files).filter(([path]) => path.endsWith(".txt"))
  const project = pythonProject(parse(files["pyproject.toml"] ?? ""), files["setup.cfg"], files["setup.py"])
  const read = Object.fromEntries(texts.map(([path, text]) => [path, requirements(text, path)]))
  const made = pythonInstall({ names: Object.keys(files), project, requirements: read }, commands)
  const lines = (all: string[][] = []) => all.map((args) => args.join(" "))
  return made && { ...made, early: lines(made.early), late: lines(made.late) }
}
const tests = "pytest\npytest-cov\n"

describe("requirements", () => {
  it("are installed once where those for tests lead to the others", () => {
    expect(plan({ "requirements.txt": "idna", "requirements-dev.txt": `-r requirements.txt\n${tests}` })).toMatchObject(
      {
        early: ["pip install -r requirements-dev.txt"],
        files: ["requirements-dev.txt", "requirements.txt"],
        late: [],
      },
    )
  })

  it("are those for tests alone where they hold all the others", () => {
    const { early } = plan({ "requirements.txt": "idna==3", "requirements-dev.txt": `idna==3\n${tests}` }) ?? {}
    expect(early).toEqual(["pip install -r requirements-dev.txt"])
  })

  it("are both, one after the other, where neither leads to the other", () => {
    const { early } = plan({ "requirements.txt": "idna", "requirements-dev.txt": tests }) ?? {}
    expect(early).toEqual(["pip install -r requirements.txt", "pip install -r requirements-dev.txt"])
  })

  it("wait for the sources where they install something of the project itself", () => {
    expect(plan({ "requirements.txt": `-e .\n${tests}` })).toMatchObject({
      early: [],
      late: ["pip install -r requirements.txt"],
    })
  })

  it("come with the extras and groups for tests, and with pytest where nobody names it", () => {
    const toml =
      '[project]\nname = "a"\noptional-dependencies.test = ["respx>=0.2"]\n[dependency-groups]\ndev = ["idna", "httpx"]'
    expect(plan({ "requirements.txt": "idna", "pyproject.toml": toml })?.early).toEqual([
      "pip install -r requirements.txt",
      "pip install respx>=0.2 httpx",
      "pip install pytest pytest-cov",
    ])
  })

  it("are followed by the package below src that tests import", () => {
    const toml = '[build-system]\nrequires = ["setuptools-scm"]'
    expect(plan({ "requirements.txt": tests, "pyproject.toml": toml, src: "" })).toMatchObject({
      late: ["pip install --no-deps -e ."],
      env: { SETUPTOOLS_SCM_PRETEND_VERSION: "0.0.0" },
    })
  })

  it("are followed by the package below src of setup.py, and by extras that only its build tells", () => {
    const files = { "requirements.txt": tests, "setup.py": "setup()\n" }
    expect(plan({ ...files, src: "" })?.late).toEqual(["pip install --no-deps -e ."])
    expect(plan(files)?.late).toEqual([])
    const extras = "[options.extras_require]\ntest =\n  httpx\n"
    expect(plan({ ...files, "setup.cfg": extras })?.late).toEqual(["pip install -e .[test]"])
  })

  it.each([
    [{ "requirements-dev.txt": "-r requirements-test.txt", "requirements-test.txt": "-r requirements-dev.txt" }],
    [{ "requirements-dev.txt": "-r requirements.txt", "requirements.txt": "idna\n-c requirements-dev.txt" }],
    [{ "requirements-dev.txt": `-r requirements-dev.txt\n${tests}` }],
  ])("that lead to each other, as in %j, come to an end and to pip, which refuses them by name", (files) => {
    expect(plan(files)).toMatchObject({
      early: expect.arrayContaining(["pip install -r requirements-dev.txt"]),
      files: Object.keys(files),
    })
  })
})

describe("a lock file is obeyed:", () => {
  it("uv's, with the extras and groups for tests, and before the sources as far as it goes", () => {
    const toml =
      '[project]\nname = "a"\noptional-dependencies.test = ["pytest", "pytest-cov"]\n[build-system]\nrequires = []\n[dependency-groups]\ndev = []'
    expect(plan({ "pyproject.toml": toml, "uv.lock": "", "requirements.txt": "idna" })).toMatchObject({
      lockFile: "uv.lock",
      early: [
        "uv sync --locked --inexact --extra test --group dev --no-install-project --no-install-workspace --no-install-local",
      ],
      late: ["uv sync --locked --inexact --extra test --group dev"],
    })
    expect(plan({ "pyproject.toml": '[project]\nname = "a"', "uv.lock": "" })?.late).toEqual([])
  })

  it("Poetry's, and the project itself only where there is a package", () => {
    const toml = (more: string) =>
      `[tool.poetry]\nname = "My-App"\n${more}\n[tool.poetry.group.dev.dependencies]\npytest = "*"\npytest-cov = "*"`
    const install = "/opt/poetry/bin/poetry install --no-interaction"
    expect(plan({ "pyproject.toml": toml(""), "poetry.lock": "", my_app: "" })).toMatchObject({
      early: [`${install} --with dev --no-root`],
      late: [`${install} --only-root`],
    })
    expect(plan({ "pyproject.toml": toml(""), "poetry.lock": "", app: "" })?.late).toEqual([])
    expect(plan({ "pyproject.toml": toml("package-mode = false"), "poetry.lock": "", my_app: "" })?.late).toEqual([])
    expect(plan({ "pyproject.toml": toml('dependencies.lib = { path = "lib" }'), "poetry.lock": "" })).toMatchObject({
      early: [],
      late: [`${install} --with dev --no-root`],
    })
  })

  it("PDM's, whose lock file must fit", () => {
    const toml = '[project]\nname = "a"\n[dependency-groups]\ntest = ["pytest", "pytest-cov"]'
    expect(plan({ "pyproject.toml": toml, "pdm.lock": "" })).toMatchObject({
      early: ["/opt/pdm/bin/pdm install --check --group test --no-self"],
      late: [],
    })
  })
})

it.each(["uv", "poetry", "pdm"])("a version that comes from Git is given to the install by %s's lock file", (tool) => {
  const toml = '[project]\nname = "shop"\ndynamic = ["version"]\n[build-system]\nrequires = ["hatchling", "hatch-vcs"]'
  const env = (more: Record<string, string>) => plan({ "pyproject.toml": toml, [`${tool}.lock`]: "", ...more })?.env
  expect(env({})).toMatchObject({ SETUPTOOLS_SCM_PRETEND_VERSION: "0.0.0" })
  expect(env({ "PKG-INFO": "" })).not.toHaveProperty("SETUPTOOLS_SCM_PRETEND_VERSION")
})

describe("a project without a lock file", () => {
  it("is installed as its sources stand, where something builds it", () => {
    const toml =
      '[project]\nname = "a"\noptional-dependencies.dev = ["pytest", "pytest-cov"]\n[build-system]\nrequires = []'
    expect(plan({ "pyproject.toml": toml })).toMatchObject({ early: [], late: ["pip install -e .[dev]"] })
    expect(plan({ "setup.py": "" })?.late).toEqual(["pip install -e ."])
  })

  it("gets what it needs and stays a plain folder, where nothing builds it", () => {
    const toml =
      '[project]\nname = "a"\ndependencies = ["fastapi>=0.1"]\n[dependency-groups]\ndev = ["pytest", "pytest-cov"]'
    expect(plan({ "pyproject.toml": toml, app: "", alembic: "" })).toMatchObject({
      early: ["pip install fastapi>=0.1", "pip install pytest pytest-cov"],
      late: [],
    })
    expect(plan({ "pyproject.toml": "[tool.pytest.ini_options]" })?.early).toEqual(["pip install pytest pytest-cov"])
  })

  it("is installed by the commands of the settings, whatever there is", () => {
    expect(plan({ "requirements.txt": "idna" }, ["make deps"])).toMatchObject({ late: ["sh -c make deps"] })
  })

  it("can't be installed from nothing", () => {
    expect(plan({ "main.py": "" })).toBeUndefined()
  })
})

describe("what the tests need comes along", () => {
  const built =
    '[build-system]\nrequires = ["hatchling"]\n[project]\nname = "a"\noptional-dependencies.web = ["httpx"]\n'

  it("from Hatch's environments, and the extras that they name", () => {
    const toml = `${built}[tool.hatch.envs.default]\ndependencies = ["pytest", "respx"]\nfeatures = ["web"]\n[tool.hatch.envs.docs]\ndependencies = ["mkdocs"]`
    expect(plan({ "pyproject.toml": toml })).toMatchObject({
      early: ["pip install pytest respx", "pip install pytest-cov"],
      late: ["pip install -e .[web]"],
    })
  })

  it("beside a lock file that knows nothing of Hatch", () => {
    const toml = `${built}[tool.hatch.envs.hatch-test]\nextra-dependencies = ["pytest"]`
    expect(plan({ "pyproject.toml": toml, "uv.lock": "" })?.early.at(-1)).toBe("pip install pytest pytest-cov")
  })

  it("from an extra whose packages stand in a file of their own", () => {
    const toml =
      '[build-system]\nrequires = ["setuptools"]\n[tool.setuptools.dynamic]\noptional-dependencies.test = { file = ["test.in"] }'
    expect(plan({ "pyproject.toml": toml })?.late).toEqual(["pip install -e .[test]"])
  })

  it.each([
    ["setup(extras_require={\"docs\": [\"mkdocs\"], 'test': ['httpx']})\n", "pip install -e .[test]"],
    ["EXTRAS['dev'] = ['httpx']\nsetup(extras_require=EXTRAS)\n", "pip install -e .[dev]"],
    ["setup(package_data={'test': []})\n", "pip install -e ."],
  ])("from an extra of setup.py: %j", (script, install) => {
    expect(plan({ "setup.py": script })?.late).toEqual([install])
  })

  it("from an extra of setup.cfg", () => {
    const setup =
      "[metadata]\nname = a\n[options.extras_require]\ntesting =\n  pytest\ndocs = mkdocs\n[flake8]\ntest = 1\n"
    expect(plan({ "setup.cfg": setup, "setup.py": "" })?.late).toEqual(["pip install -e .[testing]"])
  })
})
