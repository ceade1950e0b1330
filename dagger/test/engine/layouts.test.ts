import { expect, it } from "vitest"
import { project } from "./dagger.js"

/** A site in the root, which leaves a folder out of its coverage, and below it a service whose packages the root's uv.lock names. */
const files = {
  "package.json": JSON.stringify({
    name: "handbook",
    private: true,
    type: "module",
    packageManager: "npm@10.9.0",
    scripts: { test: "vitest run" },
    devDependencies: { vitest: "4.0.8" },
  }),
  "vitest.config.js": 'export default { test: { coverage: { exclude: ["src/generated/**"] } } }\n',
  "src/page.js": "export const page = () => 1\n",
  "src/unloaded.js": "export const unloaded = () => 2\n",
  "src/generated/many.js": "export const many = () => 3\nexport const more = () => 4\n",
  "src/page.test.js":
    'import { expect, it } from "vitest"\nimport { page } from "./page.js"\nit("is one", () => expect(page()).toBe(1))\n',
  "pyproject.toml": '[tool.uv.workspace]\nmembers = ["services/api", "libs/names"]\n',
  "services/api/pyproject.toml":
    '[project]\nname = "api"\nversion = "1.0.0"\nrequires-python = ">=3.11"\ndependencies = ["names"]\n[dependency-groups]\ndev = ["pytest==8.4.2"]\n[tool.uv.sources]\nnames = { workspace = true }\n[tool.pytest.ini_options]\npythonpath = ["."]\n[tool.coverage.run]\nsource = ["api"]\n',
  "services/api/api/__init__.py": "",
  "services/api/api/hosts.py": "from names import host\n\n\ndef shown(name: str) -> str:\n    return host(name)\n",
  "services/api/api/jobs/unloaded.py": "def run() -> int:\n    return 1\n\n\nrun()\n",
  "services/api/tests/test_hosts.py":
    'from api.hosts import shown\n\n\ndef test_shown() -> None:\n    assert shown("büro.example") == "xn--bro-hoa.example"\n',
  "libs/names/pyproject.toml":
    '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n[project]\nname = "names"\nversion = "1.0.0"\ndependencies = ["idna==3.10"]\n',
  "libs/names/names/__init__.py":
    "import idna\n\n\ndef host(name: str) -> str:\n    return idna.encode(name).decode()\n",
}

it("a site in the root and a service in a workspace of uv below it are each installed and measured by themselves", async () => {
  using made = project(
    {},
    {
      image: { repository: "registry:5000/acme/layout" },
      frontend: { source: ".", minLineCoverage: 50 },
      backend: { source: "services/api", minLineCoverage: 50 },
      environments: { staging: { branch: "main", frontend: { site: "acme" }, backend: { space: "acme/layout" } } },
    },
  )
  for (const [file, text] of Object.entries(files)) made.write(file, text)
  await made.run("npm install --package-lock-only --ignore-scripts --no-audit --no-fund")
  await made.run("python3 -m venv tools && tools/bin/pip install -q uv==0.13.9 && tools/bin/uv lock -q && rm -r tools")

  const checked = await made.call(["ci"])

  const said = `${checked.stdout}${checked.error}`
  expect(said).toMatch(/^passed {2}frontend tests.* 1 tests, 50\.0 % of lines covered.*, no test loads 1 of the files/m)
  expect(said).toMatch(/^passed {2}backend tests.* 1 tests, 50\.0 % of lines covered.*, no test loads 1 of the files/m)
})

/** A site and a service that are no workspace, and whose files lead to others above their folders. */
const apart = {
  ".nvmrc": "22\n",
  ".python-version": "3.11\n",
  "tsconfig.base.json": '{ "compilerOptions": { "strict": true } }\n',
  "libs/shapes/package.json": '{ "name": "shapes", "version": "1.0.0", "type": "module", "exports": "./index.js" }\n',
  "libs/shapes/index.js": "export const sides = 4\n",
  "apps/web/package.json": JSON.stringify({
    name: "web",
    private: true,
    type: "module",
    scripts: { test: "npm run unit && echo done | tee log", unit: "vitest run", typecheck: "tsc --noEmit" },
    dependencies: { shapes: "file:../../libs/shapes" },
    devDependencies: { typescript: "5.9.3", vitest: "4.0.8" },
  }),
  "apps/web/tsconfig.json":
    '{ "extends": "../../tsconfig.base.json", "compilerOptions": { "allowJs": true, "skipLibCheck": true, "types": [], "module": "nodenext" }, "include": ["src/square.ts"] }\n',
  "apps/web/src/square.ts": 'import { sides } from "shapes"\n\nexport const square = (side: number) => side * sides\n',
  "apps/web/src/square.test.ts":
    'import { expect, it } from "vitest"\nimport { square } from "./square.js"\nit("has four sides", () => expect([square(2), process.version]).toEqual([8, expect.stringMatching(/^v22/)]))\n',
  "requirements/base.txt": "idna==3.10\n",
  "config/ruff.toml": 'lint.select = ["E9", "F", "D100"]\n',
  "services/api/requirements.txt": "-r ../../requirements/base.txt\n",
  "services/api/ruff.toml": 'extend = "../../config/ruff.toml"\n',
  "services/api/hosts.py": "import idna\n\n\ndef shown(name: str) -> str:\n    return idna.encode(name).decode()\n",
  "services/api/test_hosts.py":
    'import sys\n\nfrom hosts import shown\n\n\ndef test_shown() -> None:\n    assert shown("büro.example") == "xn--bro-hoa.example"\n    assert sys.version_info[:2] == (3, 11)\n',
}

it("what their files name above their folders, and the releases that the root names, come along to components that are no workspace", async () => {
  using made = project(
    {},
    {
      image: { repository: "registry:5000/acme/apart" },
      frontend: { source: "apps/web" },
      backend: { source: "services/api" },
      environments: { staging: { branch: "main", frontend: { site: "acme" }, backend: { space: "acme/apart" } } },
    },
  )
  for (const [file, text] of Object.entries(apart)) made.write(file, text)
  await made.run("cd apps/web && npm install --package-lock-only --ignore-scripts --no-audit --no-fund")

  const checked = await made.call(["ci"])

  const said = `${checked.stdout}${checked.error}`
  expect(said).toMatch(/^passed {2}frontend tests .* 1 tests, 100\.0 % of lines covered/m)
  expect(said).toMatch(/^passed {2}frontend lint /m)
  expect(said).toMatch(/^passed {2}backend tests .* 1 tests, 100\.0 % of lines covered/m)
  // The rule that only the file above the service asks for.
  expect(said).toMatch(/^FAILED {2}backend lint .*D100/m)
})
