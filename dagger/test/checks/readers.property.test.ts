import fc from "fast-check"
import { parse } from "smol-toml"
import { describe, expect, it } from "vitest"
import { coverageGate, type SourceFiles } from "../../lib/checks/coverage-gate.js"
import { measuredByJavaScript, measuredByPython } from "../../lib/checks/coverage-scope.js"
import { npmLicences, pipLicences } from "../../lib/checks/licences.js"
import { installFiles, packageManager } from "../../lib/checks/package-manager.js"
import { packageManifest, parsedJson } from "../../lib/checks/package-manifest.js"
import { pythonInstall } from "../../lib/checks/python-install.js"
import { pythonLinters } from "../../lib/checks/python-linters.js"
import { measured, pythonProject } from "../../lib/checks/python-project.js"
import { requirements } from "../../lib/checks/requirements.js"
import { nodeTag, pythonTag } from "../../lib/checks/runtime-version.js"
import { codeLines } from "../../lib/checks/source-files.js"
import { testReport } from "../../lib/checks/test-report.js"
import { testScript } from "../../lib/checks/test-script.js"
import { readAlembicFacts } from "../../lib/database/alembic-facts.js"
import { databaseUrl } from "../../lib/database/database-url.js"
import { linksOf } from "../../lib/deployment/health-probe.js"
import { PipelineError } from "../../lib/errors.js"
import { vulnerabilityGate } from "../../lib/image/vulnerability-gate.js"
import { excerpt } from "../../lib/text/excerpt.js"

/** Text of a format with anything in its places: the words of the format are what opens the rooms behind them. */
const written = (words: string[]) =>
  fc
    .array(
      fc.oneof(
        { weight: 3, arbitrary: fc.constantFrom(...words) },
        fc.string(),
        fc.string({ unit: "binary" }),
        fc.nat().map(String),
      ),
      {
        maxLength: 60,
      },
    )
    .map((parts) => parts.join(""))

const anything = fc.oneof(
  fc.constantFrom<unknown>(null, true, -1, 1e308, "", "a", "__proto__", [], {}, [[]], [{}], { a: [null] }),
  fc.string(),
  fc.jsonValue({ maxDepth: 2 }),
)

/** A document of the format in which up to four places hold anything; also cut off, and with a byte order mark. */
const json = (sample: unknown) =>
  fc
    .tuple(
      fc.array(fc.tuple(fc.nat(), anything), { maxLength: 4 }),
      fc.constantFrom("", "\uFEFF"),
      fc.option(fc.nat(300)),
    )
    .map(([changes, mark, cut]) => {
      const holder: Holder = { document: structuredClone(sample) }
      for (const [at, value] of changes) {
        const places = placesIn(holder)
        const [parent, key] = places[at % places.length] ?? [holder, "document"]
        parent[key] = structuredClone(value)
      }
      const text = JSON.stringify(holder.document) ?? ""
      return `${mark}${cut === null ? text : text.slice(0, cut)}`
    })

type Holder = Record<string, unknown>

function placesIn(holder: object): [Holder, string][] {
  return Object.entries(holder).flatMap(([key, value]): [Holder, string][] => [
    [holder as Holder, key],
    ...(typeof value === "object" && value !== null ? placesIn(value) : []),
  ])
}

const alembic = {
  folders: ["a"],
  revisions: [{ file: "a", revision: "1", down: ["0"], depends: [], class: "expand", title: "" }],
  current: ["1"],
  sql: "",
  error: { chain: [{ type: "a", message: "b" }], place: "" },
}
const trivy = {
  SchemaVersion: 2,
  ArtifactType: "container_image",
  Metadata: { OS: { Family: "debian", Name: "13.1" } },
  Results: [
    {
      Target: "Python",
      Class: "lang-pkgs",
      Type: "python-pkg",
      Packages: [{ Name: "a", Version: "1" }],
      Vulnerabilities: [
        { VulnerabilityID: "CVE-1", PkgName: "a", InstalledVersion: "1", FixedVersion: "2", Severity: "HIGH" },
      ],
    },
  ],
}
const packageLock = {
  lockfileVersion: 3,
  packages: {
    "": { name: "a" },
    "node_modules/a": { version: "1", license: "MIT", dev: true, link: false, name: "b" },
  },
}
const pipInspect = {
  installed: [{ metadata: { name: "a", version: "1", license: "MIT", classifier: ["License :: X"] } }],
}
const policy = { severities: ["HIGH"], unfixableToo: false, ignores: [], now: new Date("2026-01-01") }

const xml = (...elements: string[]) =>
  written([
    ...elements.flatMap((name) => [`<${name}>`, `</${name}>`, `<${name} `]),
    ...[
      'filename="a"',
      'number="1"',
      'hits="2"',
      'lines-valid="3"',
      "/>",
      ">",
      "<?xml?>",
      "<![CDATA[",
      "]]>",
      "<!--",
      "&amp;",
      "&x;",
    ],
  ])

/** The reader returns, or throws an error of ours; both in time. */
function holds(text: fc.Arbitrary<string>, read: (text: string) => unknown) {
  return fc.assert(
    fc.asyncProperty(text, async (given) => {
      const began = performance.now()
      try {
        await read(given)
      } catch (failure) {
        if (!(failure instanceof PipelineError)) throw failure
        expect(failure.message).toMatch(/\n {2}why: \S/)
        expect(failure.message).toMatch(/\n {2}next: \S/)
      }
      expect(performance.now() - began).toBeLessThan(1000)
    }),
    { numRuns: 1000 },
  )
}

const sources: SourceFiles = {
  root: "/site",
  files: ["a.js", "b/a.js", "c.py"],
  measured: { everything: true, counts: () => true },
  read: async () => "a = 1",
}
const manifest = {
  name: "a",
  scripts: { test: "vitest run", lint: "b" },
  packageManager: "pnpm@10.20.0",
  engines: { node: ">=20" },
  volta: { node: "22.1.0", yarn: "1.22.22" },
  devEngines: { runtime: [{ name: "node", version: "22" }], packageManager: { name: "npm", version: "11" } },
  dependencies: { a: "file:./a", b: "workspace:*" },
}
const pyproject = {
  project: {
    name: "a",
    "requires-python": ">=3.11",
    dependencies: ["b==1"],
    "optional-dependencies": { test: ["a[dev]", "pytest"], dev: ["c"] },
  },
  "dependency-groups": { dev: ["d", { "include-group": "test" }], test: [{ "include-group": "dev" }] },
  "build-system": { requires: ["hatch-vcs"] },
  tool: {
    poetry: {
      name: "a",
      dependencies: { python: "^3.11" },
      group: { dev: { dependencies: { e: "1" } } },
      packages: [{}],
    },
    uv: { "dev-dependencies": ["f"], workspace: {}, package: true },
    pdm: { "dev-dependencies": { test: ["g"] }, distribution: false },
    pytest: { ini_options: { addopts: ["--cov=a"], testpaths: ["tests"] } },
    coverage: { run: { source: ["a"] } },
    ruff: { format: {} },
    mypy: { files: ["a"] },
  },
}

/** What a site is installed, tested and built by, all of it from its package.json. */
function readManifest(text: string): void {
  const read = packageManifest(text)
  if (!read) return
  packageManager("pnpm-lock.yaml", "", read.packageManager)
  installFiles(read.text, "package-lock.json")
  expect(testScript(read.scripts).script).toEqual(expect.any(String))
  nodeTag({ setting: "", above: "", nvmrc: "", engines: "", volta: "", devEngines: "", ...read.runtime })
}

/** What a service is installed, tested and linted by, all of it from its pyproject.toml. */
function readProject(toml: unknown): void {
  const project = pythonProject(toml)
  pythonTag({ setting: "", pinned: "", above: "", requires: project.requires, dockerfile: "" })
  for (const lock of ["uv.lock", "poetry.lock", "pdm.lock", "requirements.txt"]) {
    const plan = pythonInstall({ names: ["pyproject.toml", lock], project, requirements: {} })
    for (const word of [...(plan?.early ?? []), ...(plan?.late ?? [])].flat()) expect(word).toEqual(expect.any(String))
  }
  expect(measured(["a"], project).every((it) => typeof it === "string")).toBe(true)
  pythonLinters({
    ...{
      project,
      names: [],
      installed: [],
      mentioned: [],
      ini: "",
      preCommit: "",
      python: "3.13",
      lint: "bugs" as const,
    },
    above: {},
  })
}

const record = ["SF:", "a.js", "DA:", ",", "\n", "end_of_record\n", "LF:", "LH:", "\r\n", "\uFEFF", "/site/", "../"]
const lock = ["lockfileVersion: ", "'9.0'", "__metadata:", "packages", "\n", "  ", '"', ":", "@"]

describe("whatever a project contains, it is read or refused in our words, in time", () => {
  it.each<[string, fc.Arbitrary<string>, (text: string) => unknown]>([
    ["LCOV", written(record), (text) => coverageGate(text, 70, "lcov.info", sources)],
    [
      "Cobertura",
      xml("coverage", "sources", "source", "class", "methods", "lines", "line"),
      (text) => coverageGate(text, 70, "coverage.xml", sources),
    ],
    [
      "JUnit",
      xml("testsuites", "testsuite", "testcase", "failure", "skipped", "error"),
      (text) => testReport(text, "junit.xml"),
    ],
    ["package-lock.json", json(packageLock), (text) => npmLicences(text, "package-lock.json")],
    ["the list of pip", json(pipInspect), (text) => pipLicences(text, "pip")],
    ["package.json", json(manifest), readManifest],
    ["pyproject.toml", json(pyproject), (text) => readProject(parsedJson(text))],
    [
      "the text of a pyproject.toml",
      written([
        "[project]",
        "[tool.",
        "ruff]",
        "name = ",
        '"""',
        "'",
        "[[",
        "]]",
        "{",
        "}",
        "=",
        "inf",
        "1979-05-27",
        "\n",
        "\\u",
      ]),
      (text) => {
        let read: unknown
        try {
          read = parse(text)
        } catch {
          return
        }
        readProject(read)
      },
    ],
    [
      "requirements.txt",
      written(["-r ", "-c ", "-e .", "a==1", "[b]", ";", "#", "\\\n", "\n", " @ ", "https://", "--hash=", "../"]),
      (text) => requirements(text, "requirements.txt"),
    ],
    ["pnpm-lock.yaml", written(lock), (text) => packageManager("pnpm-lock.yaml", text)],
    ["yarn.lock", written(lock), (text) => packageManager("yarn.lock", text, text)],
    ["a report of Trivy", json(trivy), (text) => vulnerabilityGate(text, policy, text)],
    ["what Alembic knows", json(alembic), readAlembicFacts],
    [
      "a database's URL",
      written(["postgres", "://", "@", ":", "/", "?", "[", "]", "%", "#", "localhost", "\n"]),
      databaseUrl,
    ],
    [
      "HTML",
      written([
        "<a href=",
        "<base href=",
        "<title>",
        "</title>",
        "<template>",
        "<!--",
        "<svg>",
        "<script>",
        "//[",
        ">",
        '"',
        "&#x110000;",
        "<table>",
      ]),
      (text) => linksOf("http://site/", text),
    ],
    [
      "Python",
      written(['"""', "'", "def ", "(", ")", "\\", "\n", "#", "f'", ";", ":"]),
      (text) => codeLines("a.py", text),
    ],
    [
      "a script",
      written(["/*", "*/", "//", "`", "'", "${", "{", "}", "(", ")", "\n", "/"]),
      (text) => codeLines("a.vue", `<script>${text}</script>`),
    ],
    [
      "the configuration of a frontend's coverage",
      written(["coverage: {", "exclude: [", '"', "'", "`", "//", "/*", "*/", "}", "]", "**/", "{a,", "(", ")+", "\n"]),
      (text) => measuredByJavaScript(text).counts("src/some/folder/of/a/page/aaaaaaaaaaaaaaaaaaaaaaaa.ts"),
    ],
    [
      "the configuration of pytest",
      written([
        "[run]\n",
        "[tool.coverage.run]\n",
        "omit = ",
        "source=",
        "[",
        "]",
        '"',
        "*",
        "**/",
        "\n",
        "  ",
        "--cov",
        ",",
      ]),
      (text) => measuredByPython(text).counts("src/some/folder/of/a/service/aaaaaaaaaaaaaaaaaaaaaaaa.py"),
    ],
    [
      "what a tool says",
      written(["Error: ", "npm error ", "E   ", "at a (b:1:1)", "\n", "\u001b[31m", "#1 0.1 "]),
      excerpt,
    ],
  ])("%s", (_, text, read) => holds(text, read))

  it("the scripts of a package.json", () =>
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom("test", "a", "b", "__proto__"),
          written(["npm run ", "a", "b", " -- ", "&&", "vitest", "jest ", "npx ", "cross-env ", "A=b "]),
        ),
        (scripts) => {
          expect(testScript(scripts).script).toEqual(expect.any(String))
        },
      ),
    ))
})

describe("of any two reports", () => {
  it("the one with more covered lines never has the lower share", () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.nat(1), { minLength: 1, maxLength: 40 }), fc.nat(39), async (hits, at) => {
        const lcov = (all: number[]) =>
          `SF:a.js\n${all.map((hit, line) => `DA:${line},${hit}\n`).join("")}end_of_record\n`
        const more = hits.map((hit, line) => (line === at ? 1 : hit))
        const [one, other] = [await coverageGate(lcov(hits), 50, "r"), await coverageGate(lcov(more), 50, "r")]
        expect(other.percent).toBeGreaterThanOrEqual(one.percent)
        expect(one.covered).toBe(hits.filter(Boolean).length)
      }),
    ))
})
