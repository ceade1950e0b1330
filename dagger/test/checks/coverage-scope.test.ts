import { expect, it } from "vitest"
import { filesOf, measuredByJavaScript, measuredByPython } from "../../lib/checks/coverage-scope.js"

const pages = ["a.ts", "src/a.ts", "src/gen/b.ts", "types/c.ts"]

it.each([
  ["no configuration", "", "all"],
  ["tests that are included", 'test: { include: ["test/**"] }', "all"],
  ["an include of Vitest's coverage", 'coverage: { provider: "v8", include: ["src/**"] }', "none"],
  ["one behind thresholds", "coverage: { thresholds: { lines: 80 }, include }", "none"],
  ["Jest's coverage", '"jest": { "collectCoverageFrom": ["src/**"] }', "none"],
  ["an include on the command line", '"test": "vitest run --coverage.include=src/**"', "none"],
  ["an include that is commented out", "// coverage: { include: [] }\n/* collectCoverageFrom: [] */", "all"],
  ["folders that are left out", "coverage: { reporter: ['text'], exclude: ['src/gen/**', 'types/'] }", "a.ts src/a.ts"],
  ["patterns of names", 'coverage: { exclude: [...defaults.exclude, "**/{b,c}.ts"] }', "a.ts src/a.ts"],
  [
    "paths that Jest leaves out",
    String.raw`"coveragePathIgnorePatterns": ["<rootDir>/types/", "/gen/b\\.ts$"]`,
    "a.ts src/a.ts",
  ],
  ["a pattern that takes time", '"coveragePathIgnorePatterns": ["(a+)+$"]', "all"],
])("of JavaScript with %s, these files count", (_, text, files) => {
  const { counts } = measuredByJavaScript(text)
  expect(pages.filter(counts)).toEqual(files === "all" ? pages : files === "none" ? [] : files.split(" "))
})

const modules = ["main.py", "app/a.py", "app/gen/b.py", "worker/c.py", "src/acme/d.py"]

it.each([
  ["no configuration", "", "all"],
  ["branches only", "[tool.coverage.run]\nbranch = true\n[tool.ruff]\ninclude = ['a']", "all"],
  [
    "packages on the command line",
    'addopts = ["--cov=app", "--cov-report=xml", "--cov=./worker/"]',
    "app/a.py app/gen/b.py worker/c.py",
  ],
  ["a package's name", "addopts = --cov=app.gen --cov acme", "app/gen/b.py src/acme/d.py"],
  ["everything on the command line", "addopts = --cov=.", "all"],
  ["reports alone", "addopts = --cov --cov-report=term\ntestpaths = app", "all"],
  ["sources", '[tool.coverage.run]\nsource = [\n  "app", # ours\n]', "app/a.py app/gen/b.py"],
  [
    "sources on lines of an INI file",
    "[coverage:run]\nsource =\n    app\n    acme\nbranch = true",
    "app/a.py app/gen/b.py src/acme/d.py",
  ],
  ["a dotted table", "[tool.coverage]\nrun.source = ['worker']", "worker/c.py"],
  ["omissions", "[run]\nomit = app/gen/*, */c.py", "main.py app/a.py src/acme/d.py"],
  [
    "omissions of the report",
    '[tool.coverage.report]\nomit = ["*/gen/*"]',
    "main.py app/a.py worker/c.py src/acme/d.py",
  ],
  ["an include", "[run]\ninclude = app/*", "app/a.py app/gen/b.py"],
])("of Python with %s, these files count", (_, text, files) => {
  const { counts } = measuredByPython(text)
  expect(modules.filter(counts)).toEqual(files === "all" ? modules : files.split(" "))
})

it.each([
  ["javascript", ".", "backend", "src/a.ts"],
  ["javascript", ".", "", "src/a.ts backend/static/b.js"],
  ["python", ".", "src", "tools/c.py backend/d.py"],
  ["python", ".", ".", "tools/c.py backend/d.py"],
] as const)("of %s in %s, beside a component in %j, these files are its own", (language, own, other, files) => {
  const all = ["src/a.ts", "backend/static/b.js", "tools/c.py", "backend/d.py"]
  expect(filesOf(language, all, own, other)).toEqual(files.split(" "))
})

it("a folder of the other component that only begins alike is the component's own", () => {
  expect(filesOf("python", ["web/a.py", "website/b.py"], "apps/x", "apps/x/web")).toEqual(["website/b.py"])
})

it("what is served as it lies and what belongs to an environment of Python is nobody's source", () => {
  const files = [
    ...[
      "package.json",
      "public/sw.js",
      "static/jquery.js",
      "src/public/routes.js",
      "src/static/a.ts",
      "publication/a.js",
    ],
    ...["apps/shop/package.json", "apps/shop/public/b.js", "src/env/c.ts", "build/d.js", "out/e.js"],
  ]
  expect(filesOf("javascript", files, "web", "")).toEqual(
    "src/public/routes.js src/static/a.ts publication/a.js src/env/c.ts build/d.js out/e.js".split(" "),
  )
  const modules = ["env/a.py", "build/b.py", "static/c.py", "public/d.py", "out/e.py", ".envs/x/pyvenv.cfg"]
  expect(filesOf("python", modules, "api", "")).toEqual(modules.slice(0, 5))
  expect(filesOf("python", [...modules, "env/pyvenv.cfg"], "api", "")).toEqual(modules.slice(1, 5))
})
