import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { type Called, type Project, project, repository, run } from "./dagger.js"

it("names the broken tests of both components when both are broken", async () => {
  using both = project({ frontend: "frontend", backend: "backend" })
  both.write(
    "frontend/test/broken.test.ts",
    'import { describe, expect, it } from "vitest"\nit("the frontend is broken", () => expect("sun").toBe("moon"))\n',
  )
  both.write("backend/tests/test_broken.py", 'def test_the_backend_is_broken() -> None:\n    assert "sun" == "moon"\n')

  const { code, error } = await both.call(["ci"])

  expect(code).toBe(1)
  expect(error).toMatch(/^frontend tests, (frontend lint, )?backend tests(, backend lint)? failed$/m)
  expect(error).toContain("✗ test/broken.test.ts › the frontend is broken\n    expected 'sun' to be 'moon'")
  expect(error).toContain("✗ tests.test_broken › test_the_backend_is_broken")
  expect(error).toContain("AssertionError: assert 'sun' == 'moon'")
})

it("fails when line coverage is below the limit, and shows both numbers", async () => {
  using backend = project({ backend: "backend" }, { backend: { minLineCoverage: 99.9 } })

  const { code, error } = await backend.call(["backend", "test"])

  expect(code).toBe(1)
  expect(error).toMatch(/line coverage is 9\d\.\d %, the limit is 99\.9 %; most uncovered: /)
})

it("reports a frontend without a test script", async () => {
  using frontend = project({ frontend: "frontend" })
  frontend.edit("frontend/package.json", (text) => text.replace(/"test": .*\n/, ""))

  const { code, error } = await frontend.call(["frontend", "test"])

  expect(code).toBe(1)
  expect(error).toContain("frontend tests failed")
  expect(error).toMatch(/test.*script/)
  expect(error).toContain("next:")
})

it("reports a lock file that is out of step, and how to fix it", async () => {
  using frontend = project({ frontend: "frontend" })
  frontend.edit("frontend/package.json", (text) =>
    text.replace('"dependencies": {', '"dependencies": {\n    "left-pad": "1.3.0",'),
  )

  const { code, error } = await frontend.call(["frontend", "test"])

  expect(code).toBe(1)
  expect(error).toContain("package-lock.json does not fit package.json.")
  expect(error).toContain("Missing: left-pad@1.3.0 from lock file")
})

it("reports a backend without tests, and passes where the settings say why", async () => {
  using backend = project({ backend: "backend" })
  backend.remove("backend/tests")
  backend.edit("backend/pyproject.toml", (text) => text.replace(/^testpaths.*\n/m, ""))

  const { code, error } = await backend.call(["backend", "test"])

  expect(code).toBe(1)
  expect(error).toContain("The backend has no tests to run.")

  backend.edit("delivery.json", (text) =>
    JSON.stringify({ ...JSON.parse(text), backend: { untested: "it only hands files out" } }),
  )
  const allowed = await backend.call(["backend", "test"])

  expect(allowed.stdout, allowed.error).toMatch(/^not run backend tests.* NOT TESTED: it only hands files out$/m)
})

describe("dagger check", () => {
  it("lists each part once, and passes when all do", async () => {
    const { stdout } = await run(["check", "--silent", "-l"], repository)
    expect([...stdout.matchAll(/delivery:checks:([\w-]+)/g)].map(([, name]) => name)).toEqual([
      "backend-lint",
      "backend-test",
      "frontend-lint",
      "frontend-test",
      "workflow-lint",
    ])

    const { code, error } = await run(["check", "--silent"], repository)
    expect(code, error).toBe(0)
  })

  it("fails with the finding of the part that fails", async () => {
    const clone = mkdtempSync(join(tmpdir(), "check-"))
    execFileSync("git", ["clone", "--quiet", repository, clone])
    writeFileSync(join(clone, "backend/app/unused.py"), "import os\n")

    const { code, stdout, error } = await run(["check", "--progress=plain", "delivery:checks:backend-lint"], clone)

    rmSync(clone, { recursive: true })
    expect(code).not.toBe(0)
    expect(`${stdout}${error}`).toContain("`os` imported but unused")
  })
})

/** A frontend whose tests only write reports. No engine has installed it before. */
function reporting() {
  const frontend = project({ frontend: "frontend/static" })
  const manifest = { name: "reporting", version: `1.0.${Date.now()}`, scripts: { test: "node write.test.cjs" } }
  frontend.write("frontend/package.json", JSON.stringify(manifest))
  const lock = { name: "reporting", version: manifest.version, lockfileVersion: 3, packages: { "": manifest } }
  frontend.write("frontend/package-lock.json", JSON.stringify(lock))
  return frontend
}

/** Lets the tests write JUnit of one test, and LCOV of `megabytes`, which ends with `end`. */
const writing = (frontend: Project, megabytes: number, end: string) =>
  frontend.write(
    "frontend/write.test.cjs",
    `const fs = require("node:fs")
fs.mkdirSync("coverage")
fs.writeFileSync("coverage/junit.xml", '<testsuite><testcase name="passes"/></testsuite>')
const file = "SF:a.js\\n" + "DA:1,1\\nDA:2,1\\nDA:3,1\\nDA:4,0\\n".repeat(25_000) + "end_of_record\\n"
const report = fs.openSync("coverage/lcov.info", "w")
for (let written = 0; written < ${megabytes} * 1e6; written += file.length) fs.writeSync(report, file)
fs.writeSync(report, ${JSON.stringify(end)})
`,
  )

describe("a report of tests", () => {
  it("is read when it has 50 MB, not when it is truncated; told is what came from the cache", async () => {
    using frontend = reporting()

    writing(frontend, 50, "")
    const first = await frontend.call(["frontend", "test"])
    const again = await frontend.call(["frontend", "test"])
    writing(frontend, 50, "SF:b.js\nDA:1,1\n")
    const changed = await frontend.call(["frontend", "test"])

    const line = ({ stdout, error }: Called) => /^(?:passed|FAILED) .*$/m.exec(stdout || error)?.[0]
    expect(line(first)).toMatch(
      /^passed {2}frontend tests +[\d.]+ s {2}1 tests, 75\.0 % of lines covered \(limit 70 %\)$/,
    )
    expect(line(again)).toMatch(/ s {2}from the cache, 1 tests, 75\.0 % of lines covered \(limit 70 %\)$/)
    expect(changed.code).toBe(1)
    expect(changed.error).toContain("coverage/lcov.info can't be read.\n    why: it ends in the middle of a record")
    expect(line(changed)).toMatch(/^FAILED {2}frontend tests +[\d.]+ s {2}packages from the cache, 1 tests: /)
  })

  it("is reported as too large for the engine to pass on", async () => {
    using frontend = reporting()
    writing(frontend, 140, "")
    const { code, error } = await frontend.call(["frontend", "test"])
    expect(code).toBe(1)
    expect(error).toMatch(
      /coverage\/lcov\.info can't be read\.\n {4}why: the engine does not hand it over: file size \d+ exceeds limit 134217728/,
    )
  })
})
