import { expect, it } from "vitest"
import { places, placesIn, rewritten } from "../../../.ci/dagger-version.ts"

it("one version of Dagger is declared, in every place", () => {
  const all = places()

  expect([...new Set(all.map(({ version }) => version))]).toHaveLength(1)
  expect(all.map(({ file }) => file)).toEqual(
    expect.arrayContaining([
      ...["dagger.json", "package.json", "README.md", ".ci/environment", ".ci/engine/build/go.mod"],
      ...[".github/workflows/delivery.yml", "dagger/assets/workflows/delivery.yml", "examples/go/dagger.json"],
    ]),
  )
})

it.each([
  ['  "engineVersion": "v0.21.8",', '  "engineVersion": "v0.22.0",'],
  ['    "@dagger.io/dagger": "0.21.8",', '    "@dagger.io/dagger": "0.22.0",'],
  ["\tgithub.com/dagger/dagger v0.21.8", "\tgithub.com/dagger/dagger v0.22.0"],
  [
    "- uses: dagger/dagger-for-github@27b1 # v8.4.1\n  with: { version: v0.21.8 }",
    "- uses: dagger/dagger-for-github@27b1 # v8.4.1\n  with: { version: v0.22.0 }",
  ],
  ["engine_version=v0.21.8", "engine_version=v0.22.0"],
])("a declaration is found and written anew: %s", (line, after) => {
  expect(placesIn("a", line)).toEqual([{ file: "a", line: line.split("\n").length, version: "0.21.8" }])
  expect(rewritten(line, "0.22.0")).toBe(after)
})

it("what was found out about a version is no declaration", () => {
  const finding = "// Tried with Dagger 0.21.8; the engine 0.21.8 takes the whole folder.\n"

  expect(placesIn("a", finding)).toEqual([])
  expect(rewritten(finding, "0.22.0")).toBe(finding)
})
