// @vitest-environment node
import { readFileSync } from "node:fs"
import { expect, it } from "vitest"
import { parseSettings } from "../src/lib/settings"

const toml = readFileSync("netlify.toml", "utf8")
const rules = (path: string) =>
  readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("#"))

it("sends the same headers whether Netlify builds the site or receives it as files", () => {
  const fromFile = rules("static/_headers").map((line) => line.trim())
  const fromToml = [...toml.matchAll(/^ +for = "(.+)"|^ {4}([\w-]+) = "(.+)"/gm)].map(
    ([, path, name, value]) => path ?? `${name}: ${value}`,
  )
  expect(fromFile).toEqual(fromToml)
})

it("redirects alike whether Netlify builds the site or receives it as files", () => {
  const fromToml = [...toml.matchAll(/from = "(.+)"\n +to = "(.+)"\n +status = (\d+)/g)].map((rule) =>
    rule.slice(1).join(" "),
  )
  expect(rules("static/_redirects")).toEqual(fromToml)
})

it("ships settings for a backend on the reader's own machine", () => {
  const shipped: unknown = JSON.parse(readFileSync("static/config.json", "utf8"))
  expect(parseSettings(shipped)).toEqual({ environment: "local", apiUrl: "http://localhost:7860" })
})
