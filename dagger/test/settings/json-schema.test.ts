import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Ajv } from "ajv"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { readCommentedJson } from "../../lib/settings/commented-json.js"
import { readSettings } from "../../lib/settings/settings.js"
import { docusaurus, fastApi, proposed } from "../init/repositories.js"
import { repositoryRoot } from "../support/workflows.js"

const path = "docs/deployment/reference/delivery.schema.json"
const schema = JSON.parse(readFileSync(join(repositoryRoot, path), "utf8")) as object
const ajv = new Ajv({ strict: true, allErrors: true, formats: { uri: (text) => URL.canParse(text), date: true } })
const accepts = ajv.compile(schema)
const mistakes = (text: string) => {
  accepts(readCommentedJson(text))
  return (accepts.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  )
}

const least = {
  project: { title: "Acme", source: "https://github.com/acme/shop" },
  environments: { production: { branch: "main", frontend: { site: "acme" } } },
}

it("accepts this repository's own settings, which name it", () => {
  const text = readFileSync(join(repositoryRoot, "delivery.json"), "utf8")

  expect(mistakes(text)).toEqual([])
  expect(readCommentedJson(text)).toMatchObject({ $schema: `./${path}` })
  expect(Object.keys(readSettings(text).environments)).toEqual(["staging", "production"])
})

it.each([
  ["environments.md", 0],
  ["your-project.md", 0],
])("accepts the whole file that %s shows", (page, at) => {
  const text = readFileSync(join(repositoryRoot, "docs/deployment", page), "utf8")
  const file = [...text.matchAll(/^```json\n([\s\S]*?)^```$/gm)][at]?.[1] ?? ""

  expect(mistakes(file)).toEqual([])
})

it("accepts what `init` writes", () => {
  const { files } = proposed({ ...docusaurus("web"), ...fastApi("api") })

  expect(mistakes(files["delivery.json"] ?? "")).toEqual([])
})

describe("an editor marks", () => {
  it.each([
    [
      "an unknown key",
      { ...least, fronted: {} },
      ` must NOT have additional properties {"additionalProperty":"fronted"}`,
    ],
    [
      "a missing one",
      { project: least.project },
      ` must have required property 'environments' {"missingProperty":"environments"}`,
    ],
    [
      "a number out of its bounds",
      { ...least, probe: { times: 21 } },
      `/probe/times must be <= 20 {"comparison":"<=","limit":20}`,
    ],
    [
      "a word that is none of the choices",
      { ...least, backend: { delivery: "Image" } },
      `/backend/delivery must be equal to one of the allowed values {"allowedValues":["image","source"]}`,
    ],
  ])("%s, as a call does", (_, settings, mistake) => {
    expect(mistakes(JSON.stringify(settings))).toEqual([mistake])
    expect(() => readSettings(JSON.stringify(settings))).toThrow("The settings have a mistake.")
  })
})

it("accepts each file that a call accepts", () => {
  const word = fc.oneof(
    fc.string({ maxLength: 20 }),
    fc.constantFrom("Docs-1.example.org", "a/b", "main", "22", "../dist", "linux/arm64", "api.v1"),
  )
  const file = fc.record(
    {
      site: word,
      branch: word,
      output: word,
      node: word,
      title: word,
      times: fc.integer({ min: -1, max: 25 }),
      env: fc.dictionary(word, word, { maxKeys: 2 }),
      needs: fc.array(word, { maxLength: 2 }),
    },
    { requiredKeys: ["site", "branch"] },
  )
  let accepted = 0
  fc.assert(
    fc.property(file, ({ site, branch, output, node, title, times, env }) => {
      const text = JSON.stringify({
        ...least,
        frontend: { output, node, env },
        probe: { times },
        environments: { production: { branch, frontend: { site, title } } },
      })
      try {
        readSettings(text)
      } catch {
        return
      }
      accepted++
      expect(mistakes(text)).toEqual([])
    }),
    { numRuns: 2000 },
  )
  expect(accepted).toBeGreaterThan(20)
})
