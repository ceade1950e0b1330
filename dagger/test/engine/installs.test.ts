import { execFile } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { promisify } from "node:util"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { type Called, call, packageIndex, repository } from "./dagger.js"

const execute = promisify(execFile)
let folder = ""
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "installs-"))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function project(files: Record<string, string | object>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true })
    writeFileSync(join(folder, path), typeof content === "string" ? content : JSON.stringify(content))
  }
}
/** Lock files come from the program that writes them. */
const run = (command: string) => execute("sh", ["-c", command], { cwd: folder })

/** Calls the module in a project of one component, whose folder is the repository's root. */
async function called(component: "frontend" | "backend", args: string[], settings: object): Promise<Called> {
  const site = { site: "acme-docs" }
  const space = { space: "acme/backend" }
  project({
    ".gitignore": "node_modules\n",
    "delivery.json": {
      project: { title: "Acme", source: "https://github.com/acme/docs" },
      image: { repository: "ghcr.io/acme/backend" },
      [component]: { source: ".", ...settings },
      environments: { staging: { branch: "main", [component]: component === "frontend" ? site : space } },
    },
  })
  await run("git init --quiet")
  return await call(["-m", repository, component, ...args], { cwd: folder })
}
const frontend = (name: string, settings: object = {}) => called("frontend", [name], settings)
const backend = (name: string, settings: object = {}) => called("backend", [name], settings)
/** The first page of the site. */
const page = (settings: object = {}) =>
  called("frontend", ["build", `--commit=${"a".repeat(40)}`, "file", "--path=index.html", "contents"], settings)

const lockOf = (name: string, packages: object = {}, root: object = {}) => ({
  name,
  lockfileVersion: 3,
  requires: true,
  packages: { "": { name, ...root }, ...packages },
})

describe("a frontend", () => {
  it("runs on the Node.js that .nvmrc names, with the variables of the settings", async () => {
    project({
      "package.json": { name: "old", scripts: { build: "node build.cjs" }, engines: { node: ">=20 <23" } },
      "package-lock.json": lockOf("old", {}, { engines: { node: ">=20 <23" } }),
      ".npmrc": "engine-strict=true\n",
      ".nvmrc": "22\n",
      "build.cjs": `const fs = require("node:fs")
fs.mkdirSync("../dist", { recursive: true })
fs.writeFileSync("../dist/index.html", process.version.split(".")[0] + " " + process.env.API_URL)\n`,
    })
    const built = await page({ output: "../dist", env: { API_URL: "https://api.example" } })

    expect(built, built.error).toMatchObject({ stdout: "v22 https://api.example" })
  })

  it("is told which package's install script its build misses, and has it once the settings allow it", async () => {
    project({
      "package.json": { name: "native", scripts: { build: "node build.cjs" }, dependencies: { made: "file:./made" } },
      "package-lock.json": lockOf(
        "native",
        { "node_modules/made": { resolved: "made", link: true }, made: { version: "1.0.0", hasInstallScript: true } },
        { dependencies: { made: "file:./made" } },
      ),
      "made/package.json": { name: "made", version: "1.0.0", scripts: { install: "node make.cjs" } },
      "made/make.cjs": 'require("node:fs").writeFileSync("bindings.cjs", "module.exports = 42")\n',
      "made/index.js":
        'try { module.exports = require("./bindings.cjs") } catch { throw Error("Could not locate the bindings file") }\n',
      "build.cjs": `const fs = require("node:fs")
fs.mkdirSync("build")
fs.writeFileSync("build/index.html", String(require("made")))\n`,
    })

    const refused = await page()
    const allowed = await page({ installScripts: ["made"] })

    expect(refused.code).toBe(1)
    expect(refused.error).toContain("failed: it looks for what an install script makes.")
    expect(refused.error).toContain('"installScripts"')
    expect(allowed, allowed.error).toMatchObject({ stdout: "42" })
  })

  it("with a pnpm workspace and a patch is built from its own packages, as patched", async () => {
    project({
      "package.json": {
        name: "mono",
        private: true,
        packageManager: "pnpm@10.20.0",
        scripts: { build: "pnpm --filter web build" },
      },
      "pnpm-workspace.yaml": "packages:\n  - parts/*\npatchedDependencies:\n  left-pad@1.3.0: fixes/left-pad.patch\n",
      "fixes/left-pad.patch":
        "diff --git a/index.js b/index.js\n--- a/index.js\n+++ b/index.js\n@@ -1,3 +1,4 @@\n+module.patched = true\n /* This program is free software. It comes without any warranty, to\n      * the extent permitted by applicable law. You can redistribute it\n      * and/or modify it under the terms of the Do What The Fuck You Want\n",
      "parts/lib/package.json": { name: "lib", version: "1.0.0", dependencies: { "left-pad": "1.3.0" } },
      "parts/lib/index.js":
        'const fs = require("node:fs")\nmodule.exports = fs.readFileSync(require.resolve("left-pad"), "utf8").split("\\n")[0]\n',
      "parts/web/package.json": {
        name: "web",
        version: "1.0.0",
        scripts: { build: "node build.cjs" },
        dependencies: { lib: "workspace:*" },
      },
      "parts/web/build.cjs":
        'const fs = require("node:fs")\nfs.mkdirSync("../../build")\nfs.writeFileSync("../../build/index.html", require("lib"))\n',
    })
    await run("npx --yes pnpm@10.20.0 install --lockfile-only --ignore-scripts && rm -rf node_modules")

    const built = await page()

    expect(built, built.error).toMatchObject({ stdout: "module.patched = true" })
  })

  it("below a workspace's lock file is built with its neighbours, on the Node.js of the whole", async () => {
    project({
      "package.json": { name: "mono", private: true, workspaces: ["parts/*"] },
      ".nvmrc": "22",
      "parts/lib/package.json": { name: "lib", version: "1.0.0", main: "index.js" },
      "parts/lib/index.js": 'module.exports = "of lib"\n',
      "parts/web/package.json": {
        name: "web",
        version: "1.0.0",
        scripts: { build: "node build.cjs" },
        dependencies: { lib: "1.0.0" },
      },
      "parts/web/build.cjs":
        'const fs = require("node:fs")\nfs.mkdirSync("build")\nfs.writeFileSync("build/index.html", process.version.slice(0, 3) + " " + require("lib"))\n',
    })
    await run("npm install --package-lock-only --ignore-scripts --no-audit --no-fund")

    const built = await page({ source: "parts/web" })

    expect(built, built.error).toMatchObject({ stdout: "v22 of lib" })
  })

  it("of a Yarn workspace, with a Yarn of its own, is installed by that and built with its neighbours", async () => {
    project({
      "package.json": { name: "berry", private: true, workspaces: ["parts/*"] },
      ".yarnrc.yml": "yarnPath: tools/yarn-4.12.0.cjs\n",
      "parts/lib/package.json": { name: "lib", version: "1.0.0", main: "index.js" },
      "parts/lib/index.js": 'module.exports = "of lib"\n',
      "parts/web/package.json": {
        name: "web",
        version: "1.0.0",
        scripts: { build: "node build.cjs" },
        dependencies: { lib: "workspace:*" },
      },
      "parts/web/build.cjs":
        'const fs = require("node:fs")\nfs.mkdirSync("build")\nfs.writeFileSync("build/index.html", require("lib"))\n',
    })
    await run(
      "npm pack --silent @yarnpkg/cli-dist@4.12.0 && tar -xzf *.tgz && mkdir tools && mv package/bin/yarn.js tools/yarn-4.12.0.cjs && rm -r package *.tgz",
    )
    await run(
      "YARN_ENABLE_IMMUTABLE_INSTALLS=false node tools/yarn-4.12.0.cjs install --mode=update-lockfile && rm -rf .yarn node_modules",
    )

    const built = await page({ source: "parts/web" })

    expect(built, built.error).toMatchObject({ stdout: "of lib" })
  })

  it("with bun's lock file and tests is installed and tested by bun", async () => {
    project({
      "package.json": {
        name: "bunny",
        private: true,
        scripts: { test: "bun test" },
        dependencies: { "left-pad": "1.3.0" },
      },
      "sum.js": "export const sum = (one, other) => one + other\n",
      "sum.test.js":
        'import { expect, test } from "bun:test"\nimport { sum } from "./sum.js"\ntest("adds", () => expect(sum(1, 2)).toBe(3))\n',
    })

    await run("npx --yes bun@1.4.5 install --lockfile-only && rm -rf node_modules")

    const tested = await frontend("test")

    expect(tested.stdout, tested.error).toMatch(/^passed {2}frontend tests.* 1 tests, 100\.0 % of lines/)
  })

  it("whose build writes elsewhere is told which folders there are", async () => {
    project({
      "package.json": { name: "lost", scripts: { build: "mkdir public" } },
      "package-lock.json": lockOf("lost"),
    })

    const { code, error } = await page()

    expect(code).toBe(1)
    expect(error).toContain('The build left no folder "build".')
    expect(error).toContain("there are public/")
  })

  it("whose tests need a browser is told so, and which script would do", async () => {
    project({
      "package.json": { name: "e2e", scripts: { test: "playwright test", "test:node": "node --test" } },
      "package-lock.json": lockOf("e2e"),
    })

    const { code, error } = await frontend("test")

    expect(code).toBe(1)
    expect(error).toContain(`The frontend's tests need a browser, and none is there.`)
    expect(error).toContain('there are "test:node"')
  })

  it("that the settings call untested runs none of its tests", async () => {
    project({
      "package.json": { name: "words", scripts: { test: "exit 1" } },
      "package-lock.json": lockOf("words"),
    })

    const { stdout, error } = await frontend("test", { untested: "words alone" })

    expect(stdout, error).toBe(
      `${/^.*s {2}/.exec(stdout)?.[0] ?? ""}NOT TESTED: words alone\nnot run: 1 check, see above\n`,
    )
    expect(stdout).toMatch(/^not run frontend tests/)
  })
})

const app = {
  "app/__init__.py": "",
  "app/names.py": "import idna\n\n\ndef host(name: str) -> str:\n    return idna.encode(name).decode()\n",
  "tests/__init__.py": "",
  "tests/test_names.py":
    'from app.names import host\n\n\ndef test_host() -> None:\n    assert host("büro.example") == "xn--bro-hoa.example"\n',
}
const tested = /^passed {2}backend tests.* 1 tests, 100\.0 % of lines/

describe("a backend", () => {
  it("with requirements that lead to each other is tested", async () => {
    project({
      ...app,
      "requirements.txt": "idna==3.10\n",
      "requirements-dev.txt": "-r requirements.txt\npytest==8.4.2\n",
    })

    const { stdout, error } = await backend("test")

    expect(stdout, error).toMatch(tested)
  })

  it("with uv, a settings class, a database of its own and an older Python is tested by its lock file", async () => {
    project({
      ...app,
      "pyproject.toml": `[project]
name = "shop"
version = "1.0.0"
requires-python = ">=3.11,<3.13"
dependencies = ["idna==3.10", "psycopg[binary]==3.2.13"]
[dependency-groups]
dev = ["pytest==8.4.2", "pytest-cov==7.0.0"]
`,
      Dockerfile: "FROM python:3.11-slim\n",
      "tests/test_database.py": `import os
import sys

import psycopg


def test_database() -> None:
    assert sys.version_info[:2] == (3, 11)
    assert os.environ["API_KEY"] == "for-tests"
    with psycopg.connect(os.environ["SHOP_DATABASE"]) as connection:
        assert connection.execute("select 42").fetchone() == (42,)
`,
    })
    await run(`python3 -m venv tools && tools/bin/pip install -q uv==0.13.9 && tools/bin/uv lock -q && rm -r tools`)

    const { stdout, error } = await backend("test", {
      testDatabase: true,
      databaseVariable: "SHOP_DATABASE",
      env: { API_KEY: "for-tests" },
    })

    expect(stdout, error).toMatch(/^passed {2}backend tests.* 2 tests, 100\.0 % of lines/)
  })

  it("whose lock file is out of step is told the command that mends it", async () => {
    project({
      ...app,
      "pyproject.toml":
        '[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.13"\ndependencies = ["idna"]\n',
      "uv.lock":
        'version = 1\nrevision = 3\nrequires-python = ">=3.13"\n\n[[package]]\nname = "shop"\nversion = "1"\nsource = { virtual = "." }\n',
    })

    const { code, error } = await backend("test")

    expect(code).toBe(1)
    expect(error).toContain("uv.lock does not fit pyproject.toml.")
    expect(error).toContain("next: run `uv lock` in the backend's folder and commit both files")
  })

  it("with Poetry and a folder that is no package is tested by its lock file", async () => {
    project({
      ...app,
      "pyproject.toml": `[tool.poetry]
name = "shop-service"
version = "1.0.0"
description = ""
authors = []
[tool.poetry.dependencies]
python = ">=3.11,<3.12"
idna = "3.10"
[tool.poetry.group.dev.dependencies]
pytest = "8.4.2"
pytest-cov = "*"
[build-system]
requires = ["poetry-core"]
build-backend = "poetry.core.masonry.api"
[[tool.poetry.source]]
name = "simple"
url = "${packageIndex()}"
priority = "primary"
`,
    })
    await run(
      "python3 -m venv tools && tools/bin/pip install -q poetry==2.2.1 && tools/bin/poetry lock -q -n && rm -r tools",
    )

    const { stdout, error } = await backend("test")

    expect(stdout, error).toMatch(tested)
  })

  it("with Poetry and a plugin that asks Git for the version is tested without Git", async () => {
    project({
      ...app,
      "pyproject.toml": `[tool.poetry]
name = "app"
version = "0.0.0"
description = ""
authors = []
[tool.poetry.requires-plugins]
poetry-dynamic-versioning = { version = "1.10.1", extras = ["plugin"] }
[tool.poetry-dynamic-versioning]
enable = true
[tool.poetry.dependencies]
python = ">=3.11"
idna = "3.10"
[tool.poetry.group.dev.dependencies]
pytest = "8.4.2"
pytest-cov = "*"
[[tool.poetry.source]]
name = "simple"
url = "${packageIndex()}"
priority = "primary"
`,
    })
    await run(
      "python3 -m venv tools && tools/bin/pip install -q poetry==2.2.1 poetry-dynamic-versioning==1.10.1 && POETRY_DYNAMIC_VERSIONING_BYPASS=0.0.0 tools/bin/poetry lock -q -n && rm -r tools",
    )

    const { stdout, error } = await backend("test")

    expect(stdout, error).toMatch(tested)
  })

  it("with PDM is tested by its lock file", async () => {
    project({
      ...app,
      "pyproject.toml": `[project]
name = "shop"
version = "1.0.0"
requires-python = ">=3.11"
dependencies = ["idna==3.10"]
[dependency-groups]
test = ["pytest==8.4.2", "pytest-cov==7.0.0"]
[tool.pdm]
distribution = false
`,
    })
    await run(
      "python3 -m venv tools && tools/bin/pip install -q pdm==2.29.4 'hishel<2' && tools/bin/pdm lock -q && rm -rf tools .venv .pdm-python",
    )

    const { stdout, error } = await backend("test")

    expect(stdout, error).toMatch(tested)
  })

  it("gets the packages of Debian and the commands that its settings name", async () => {
    project({
      ...app,
      "deps/all.txt": "idna==3.10\n",
      "tests/test_system.py":
        'import subprocess\n\n\ndef test_system() -> None:\n    assert subprocess.run(["jq", "-n", "6 * 7"], capture_output=True).stdout == b"42\\n"\n',
    })

    const { stdout, error } = await backend("test", {
      systemPackages: ["jq"],
      install: ["pip install -r deps/all.txt"],
    })

    expect(stdout, error).toMatch(/^passed {2}backend tests.* 2 tests, 100\.0 % of lines/)
  })

  it("is linted as the repository's root says, where its own folder says nothing", async () => {
    const of = (files: Record<string, string>) =>
      project(Object.fromEntries(Object.entries(files).map(([path, text]) => [`services/api/${path}`, text])))
    of({
      ...app,
      "requirements.txt": "idna==3.10\n",
      "app/odd.py": "import os\n\n\ndef odd(a):\n    return a == None\n",
      "app/sum.py": 'def total(prices):\n    return "".join(prices)\n',
    })
    project({
      "pyproject.toml":
        '[tool.ruff.lint]\nselect = ["E711"]\n[tool.ruff.lint.per-file-ignores]\n"services/api/tests/**" = ["E711"]\n[tool.mypy]\ndisallow_untyped_defs = true\n',
      ".pre-commit-config.yaml":
        "repos:\n  - repo: https://github.com/psf/black\n    rev: 26.10.1\n    hooks:\n      - id: black\n",
      "services/api/tests/test_odd.py": "def test_odd() -> None:\n    assert None == None\n",
    })

    const { code, error } = await backend("lint", { source: "services/api" })

    expect(code).toBe(1)
    expect(error).toContain("E711")
    expect(error).not.toMatch(/F401|test_odd\.py:\d+:\d+/)
    expect(error).toContain("[no-untyped-def]")
    expect(error).not.toContain("no configuration")
  })

  it("that nobody linted before is asked for bugs alone, and told what is left", async () => {
    project({
      ...app,
      "requirements.txt": "idna==3.10\n",
      "app/odd.py": "import os\n\n\ndef odd(a = []):\n    return a == None\n",
    })

    const { code, error } = await backend("lint")

    expect(code).toBe(1)
    expect(error).toContain("F401")
    expect(error).not.toContain("E711")
    expect(error).toMatch(/ruff: only E9 and F \(no configuration\); \d+ more with "lint": "all"/)
  })

  it("that configures mypy without naming files is typed as a whole", async () => {
    project({
      ...app,
      "requirements.txt": "idna==3.10\n",
      "pyproject.toml": "[tool.mypy]\nstrict = true\n",
      "app/sum.py": 'def total(prices: list[int]) -> int:\n    return "".join(prices)\n',
    })

    const { code, error } = await backend("lint")

    expect(code).toBe(1)
    expect(error).toContain("[return-value]")
    expect(error).toContain("[arg-type]")
  })

  it("has its image built from a larger folder, by the Dockerfile in its own", async () => {
    project({
      "shared/words.txt": "from the root",
      "services/api/Dockerfile": 'FROM python:3.13-slim\nCOPY shared/words.txt /words.txt\nCMD ["cat", "/words.txt"]\n',
    })
    const image = ["image", `--commit=${"a".repeat(40)}`, "file", "--path=/words.txt", "contents"]

    const read = await called("backend", image, { source: "services/api", context: "." })

    expect(read, read.error).toMatchObject({ stdout: "from the root" })
  })
})
