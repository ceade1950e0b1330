import { expect, it } from "vitest"
import { project } from "./dagger.js"

type Files = Record<string, string | Buffer>

const manifest = (scripts: object, packages: object = { devDependencies: { vitest: "4.0.8" } }) =>
  JSON.stringify({ name: "case", private: true, type: "module", scripts, ...packages })
const one = {
  "one.js": "export const one = () => 1\n",
  "one.test.js":
    'import { expect, it } from "vitest"\nimport { one } from "./one.js"\nit("is one", () => expect(one()).toBe(1))\n',
}
const names = {
  "app/__init__.py": "",
  "app/names.py": "import idna\n\n\ndef host(name: str) -> str:\n    return idna.encode(name).decode()\n",
  "tests/__init__.py": "",
  "tests/test_names.py":
    'from app.names import host\n\n\ndef test_host() -> None:\n    assert host("büro.example") == "xn--bro-hoa.example"\n',
}
const service = "def run(kind: int) -> int:\n    return kind\n"

const uvLock =
  "cd backend && python3 -m venv tools && tools/bin/pip install -q uv==0.13.9 && tools/bin/uv lock -q && rm -r tools"

interface Case {
  is: string
  frontend: Files
  backend: Files
  /** Writes the backend's lock file; "" for none. */
  lock?: string
  limit: number
  code: number
  says: RegExp[]
}

/** Inputs of the kinds that people reported as passing, or as ending the call, and what is right. */
const cases: Case[] = [
  {
    is: "a file that no test loads counts, and so does each of two files of one name",
    frontend: {
      "package.json": manifest({ test: "vitest run" }),
      "src/tested.js": "export const tested = () => 1\n",
      "src/payments.js": "export const pay = (sum) => sum\n",
      "src/tested.test.js":
        'import { expect, it } from "vitest"\nimport { tested } from "./tested.js"\nit("is one", () => expect(tested()).toBe(1))\n',
    },
    backend: {
      "requirements-dev.txt": "pytest==8.4.2\n",
      "pyproject.toml": '[tool.pytest.ini_options]\npythonpath = ["."]\n',
      "api/__init__.py": "",
      "api/service.py": service,
      "worker/__init__.py": "",
      "worker/service.py": service,
      // No package, by its lack of __init__.py.
      "jobs/service.py": service,
      "main.py": `${service}\n\ndef main() -> None:\n    run(1)\n`,
      "tests/test_api.py": "from api.service import run\n\n\ndef test_run() -> None:\n    assert run(1) == 1\n",
    },
    limit: 20,
    code: 0,
    says: [
      /^passed {2}frontend tests.* 1 tests, 50\.0 % of lines covered \(limit 20 %\), no test loads 1 of the files$/m,
      /^passed {2}backend tests.* 1 tests, 20\.0 % of lines covered/m,
    ],
  },
  {
    is: "a runner that the lock file lacks fails in our words, a number that JSON does not have disturbs nobody, and the other component is told",
    frontend: {
      ...one,
      "package.json": manifest({ test: "npx vitest run" }, { dependencies: { "left-pad": "1.3.0" } }),
    },
    backend: {
      ...names,
      "requirements.txt": "idna==3.10\n",
      "pyproject.toml": '[project]\nname = "x"\nversion = "1"\n[tool.acme]\ntimeout = inf\nsince = 1979-05-27\n',
    },
    limit: 70,
    code: 1,
    says: [
      /^FAILED {2}frontend tests.* vitest is not installed/im,
      /^passed {2}backend tests.* 1 tests, 100\.0 % of lines covered/m,
    ],
  },
  {
    is: "what editors of another system write is read: a byte order mark, UTF-16, Windows line ends",
    frontend: { ...one, "package.json": `\uFEFF${manifest({ test: "vitest run" }).replaceAll(",", ",\r\n")}` },
    backend: {
      ...names,
      "requirements.txt": Buffer.from("\uFEFFidna==3.10\r\n", "utf16le"),
      "pyproject.toml": '[tool.pytest.ini_options]\r\npythonpath = ["."]\r\n',
      "app/names.py": `\uFEFF${names["app/names.py"].replaceAll("\n", "\r\n")}`,
    },
    limit: 70,
    code: 0,
    says: [
      /^passed {2}frontend tests.* 1 tests, 100\.0 % of lines covered/m,
      /^passed {2}backend tests.* 1 tests, 100\.0 % of lines covered/m,
    ],
  },
  {
    is: "a script that watches and names coverage's folder runs once, Git's hooks are left alone, and a version from Git is not asked for",
    frontend: {
      "package.json": JSON.stringify({
        name: "case",
        private: true,
        scripts: {
          test: "jest --watchAll --coverage --coverageDirectory=out",
          prepare: "lefthook install && node scripts/prepare.js",
        },
        devDependencies: { jest: "30.2.0", lefthook: "2.1.1" },
      }),
      "jest.config.js": 'module.exports = { coverageProvider: "v8" }\n',
      "scripts/prepare.js": 'require("node:fs").writeFileSync("prepared.json", "1")\n',
      "src/one.js": "module.exports = () => 1\n",
      "src/one.test.js": 'test("is one", () => expect(require("./one.js")()).toBe(require("../prepared.json")))\n',
    },
    backend: {
      "pyproject.toml": `[build-system]
requires = ["hatchling", "hatch-vcs"]
build-backend = "hatchling.build"
[project]
name = "acme-shop"
dynamic = ["version"]
requires-python = ">=3.11"
dependencies = ["idna==3.10"]
[dependency-groups]
dev = ["pytest==8.4.2", "pytest-cov==7.0.0", "pytest-xdist==3.8.0"]
[tool.hatch.version]
source = "vcs"
raw-options.root = ".."
[tool.hatch.build.targets.wheel]
packages = ["src/acme"]
[tool.pytest.ini_options]
addopts = "-n 2 --cov-context=test --cov-report=term"
`,
      ".coveragerc": "[run]\nsource = acme\n",
      // A namespace, for it has no __init__.py.
      "src/acme/shop/names.py": names["app/names.py"],
      "src/acme/shop/unloaded.py": names["app/names.py"],
      "tests/test_names.py": `from importlib.metadata import version\n\n${names["tests/test_names.py"].replace("app.", "acme.shop.")}    assert version("acme-shop") == "0.0.0"\n`,
    },
    lock: uvLock,
    limit: 50,
    code: 0,
    says: [
      /^passed {2}frontend tests.* 1 tests, 100\.0 % of lines covered/m,
      /^passed {2}backend tests.* 1 tests, 50\.0 % of lines covered/m,
    ],
  },
  {
    is: "projects of Vitest that watch, releases in UTF-16 and behind two arguments of a Dockerfile, extras of setup.py, and what .coveragerc chose",
    frontend: {
      "package.json": manifest({ test: "vitest watch --coverage.reportsDirectory=out --coverage.enabled=true" }),
      "vitest.config.js": 'export default { test: { projects: ["src/*"], coverage: { exclude: ["src/made/**"] } } }\n',
      ".nvmrc": Buffer.from("\uFEFFv22.3.0\r\n", "utf16le"),
      "src/made/all.js": "export const all = () => 3\n",
      ...Object.fromEntries(
        ["first", "second"].flatMap((name) => [
          [`src/${name}/vitest.config.js`, `export default { test: { name: "${name}" } }\n`],
          [`src/${name}/one.js`, one["one.js"]],
          [
            `src/${name}/one.test.js`,
            one["one.test.js"].replace("toBe(1))", 'toBe(Number(process.version.startsWith("v22"))))'),
          ],
        ]),
      ),
    },
    backend: {
      ...names,
      Dockerfile: `ARG VERSION=3.11\r\nARG IMAGE=python:\${VERSION}-slim\r\nFROM $IMAGE\r\n`,
      "requirements.txt": "six==1.17.0 ; \\\r\n  python_version >= '3.9'  # kept\r\n\r\n",
      "setup.py":
        'from setuptools import setup\n\nsetup(name="case", use_scm_version=True, setup_requires=["setuptools_scm"], packages=["app"], extras_require={"test": ["idna==3.10"]})\n',
      ".coveragerc": "[run]\nbranch = True\nsource =\n    app\n",
      "tools/seed.py": service,
      "tests/test_names.py": `import sys\n\nimport six\n${names["tests/test_names.py"]}    assert six.PY3 and sys.version_info[:2] == (3, 11)\n`,
    },
    limit: 100,
    code: 0,
    says: [
      /^passed {2}frontend tests.* 2 tests, 100\.0 % of lines covered/m,
      /^passed {2}backend tests.* 1 tests, 100\.0 % of lines covered/m,
    ],
  },
]

it.each(cases)("$is", async ({ frontend, backend, lock, limit, code, says }) => {
  using made = project(
    {},
    {
      image: { repository: "registry:5000/acme/case" },
      frontend: { minLineCoverage: limit },
      backend: { minLineCoverage: limit },
      environments: { staging: { branch: "main", frontend: { site: "acme" }, backend: { space: "acme/case" } } },
    },
  )
  for (const [folder, files] of Object.entries({ frontend, backend }))
    for (const [file, content] of Object.entries(files)) made.write(`${folder}/${file}`, content)
  await made.run("cd frontend && npm install --package-lock-only --ignore-scripts --no-audit --no-fund")
  if (lock) await made.run(lock)

  const checked = await made.call(["ci"])

  const said = `${checked.stdout}${checked.error}`
  expect(checked.code, said).toBe(code)
  for (const words of says) expect(said).toMatch(words)
})
