import { expect, it } from "vitest"
import { call, copyOf, settingsFile } from "./dagger.js"

it("names the broken tests of both halves when both are broken", async () => {
  using frontend = copyOf("frontend")
  using backend = copyOf("backend")
  frontend.write(
    "test/broken.test.ts",
    'import { expect, it } from "vitest"\nit("the frontend is broken", () => expect("sun").toBe("moon"))\n',
  )
  backend.write("tests/test_broken.py", 'def test_the_backend_is_broken() -> None:\n    assert "sun" == "moon"\n')

  const { code, error } = await call(["ci", `--frontend=${frontend.path}`, `--backend=${backend.path}`])

  expect(code).toBe(1)
  expect(error).toMatch(/^frontend tests, (frontend lint, )?backend tests(, backend lint)? failed$/m)
  expect(error).toContain("✗ test/broken.test.ts › the frontend is broken\n    expected 'sun' to be 'moon'")
  expect(error).toContain("✗ tests.test_broken › test_the_backend_is_broken")
  expect(error).toContain("AssertionError: assert 'sun' == 'moon'")
})

it("fails when line coverage is below the limit, and says both numbers", async () => {
  using backend = copyOf("backend")
  using settings = settingsFile((all) => ({ ...all, backend: { minLineCoverage: 99.9 } }))

  const { code, error } = await call([`--settings=${settings.path}`, "backend-tests", `--backend=${backend.path}`])

  expect(code).toBe(1)
  expect(error).toMatch(/line coverage is 9\d\.\d %, the limit is 99\.9 %; most uncovered: /)
})

it("says that a frontend has no test script", async () => {
  using frontend = copyOf("frontend")
  frontend.edit("package.json", (text) => text.replace(/"test": .*\n/, ""))

  const { code, error } = await call(["frontend-tests", `--frontend=${frontend.path}`])

  expect(code).toBe(1)
  expect(error).toContain("frontend tests failed")
  expect(error).toMatch(/test.*script/)
  expect(error).toContain("next:")
})

it("says that the lock file is out of step, and names the way out", async () => {
  using frontend = copyOf("frontend")
  frontend.edit("package.json", (text) =>
    text.replace('"dependencies": {', '"dependencies": {\n    "left-pad": "1.3.0",'),
  )

  const { code, error } = await call(["frontend-tests", `--frontend=${frontend.path}`])

  expect(code).toBe(1)
  expect(error).toContain("package-lock.json does not fit package.json.")
  expect(error).toContain("Missing: left-pad@1.3.0 from lock file")
})

it("says that a backend has no tests", async () => {
  using backend = copyOf("backend")
  backend.remove("tests")
  backend.write("tests", "a file, so that there is nothing to collect\n")

  const { code, error } = await call(["backend-tests", `--backend=${backend.path}`])

  expect(code).toBe(1)
  expect(error).toMatch(/no test/)
})
