import { readFileSync } from "node:fs"
import { expect, it } from "vitest"
import { licencesMarkdown, npmLicences, pipLicences } from "../../lib/checks/licences.js"

const lock = JSON.stringify({
  lockfileVersion: 3,
  packages: {
    "": { name: "site", license: "Apache-2.0" },
    "node_modules/react": { version: "19.2.9", license: "MIT" },
    "node_modules/a/node_modules/@scope/b": { version: "1.0.0", license: "(MIT OR GPL-2.0)" },
    "node_modules/vitest": { version: "4.1.12", dev: true, license: "MIT" },
    "node_modules/old": { version: "0.1.0", license: { type: "BSD" } },
    "node_modules/mute": { version: "1.0.0" },
    "node_modules/local": { link: true, resolved: "packages/local" },
  },
})

it("lists what is shipped of an npm lock file, not what only tests need", () => {
  expect(npmLicences(lock, "package-lock.json")).toEqual([
    { name: "@scope/b", version: "1.0.0", licence: "(MIT OR GPL-2.0)" },
    { name: "mute", version: "1.0.0", licence: "" },
    { name: "old", version: "0.1.0", licence: "BSD" },
    { name: "react", version: "19.2.9", licence: "MIT" },
  ])
})

it("reads the lock file of this repository's frontend", () => {
  const packages = npmLicences(readFileSync("frontend/package-lock.json", "utf8"), "package-lock.json")
  expect(packages.find(({ name }) => name === "react")?.licence).toBe("MIT")
})

it("takes a Python package's expression before its classifiers, and these before its own words", () => {
  const installed = [
    { metadata: { name: "fastapi", version: "1", license_expression: "MIT", classifier: ["License :: OSI Approved"] } },
    { metadata: { name: "orm", version: "2", classifier: ["License :: OSI Approved :: MIT License"], license: "x" } },
    { metadata: { name: "words", version: "3", license: "BSD-3-Clause" } },
    { metadata: { name: "text", version: "4", license: "Copyright\nAll of it" } },
    { metadata: { name: "unknown", version: "5", license: "UNKNOWN" } },
  ]
  expect(pipLicences(JSON.stringify({ version: "1", installed }), "pip.json").map(({ licence }) => licence)).toEqual([
    "MIT",
    "MIT License",
    "",
    "",
    "BSD-3-Clause",
  ])
})

it("shows first what says nothing, then the most frequent", () => {
  const packages = [
    { name: "a", version: "1", licence: "BSD" },
    { name: "b", version: "1", licence: "MIT" },
    { name: "c|d", version: "1", licence: "MIT" },
    { name: "e", version: "1", licence: "" },
  ]
  expect(licencesMarkdown(packages)).toBe(`| licence | packages | which |
| --- | --- | --- |
| says nothing | 1 | e 1 |
| MIT | 2 | b 1, c\\|d 1 |
| BSD | 1 | a 1 |
`)
})

it.each([
  ["empty", " ", "it is empty"],
  ["cut off", lock.slice(0, -3), "it is not JSON, or is cut off"],
  ["of npm 6", '{"lockfileVersion":1,"dependencies":{}}', "packages is not as expected"],
])("throws for a lock file that is %s", (_, text, why) => {
  expect(() => npmLicences(text, "package-lock.json")).toThrow(why)
})
