import { describe, expect, it } from "vitest"
import { serviceSecrets } from "../../lib/deployment/service-secrets.js"

describe("the secrets of a service", () => {
  it("are read as Node reads a dotenv file: comments, quotes, several lines, export", () => {
    const text = `# keys\nOPENROUTER_API_KEY="sk-or=1 # 2"\nexport QDRANT_API_KEY='q'\nPEM="one\ntwo"\n`

    expect(serviceSecrets(text, [])).toEqual({
      OPENROUTER_API_KEY: "sk-or=1 # 2",
      QDRANT_API_KEY: "q",
      PEM: "one\ntwo",
    })
  })

  it("are refused when the text holds none, without showing it", () => {
    expect(() => serviceSecrets("hunter2-hunter2", [])).toThrowErrorMatchingInlineSnapshot(`
      [PipelineError: The secrets of the service can't be read.
        why: --space-secrets: it has no line NAME=value
        next: store a text in dotenv form, a line for each, such as OPENROUTER_API_KEY="…"; names have letters, digits and _]
    `)
  })

  it("are refused when one has no value, or a name that a Space does not take", () => {
    expect(() => serviceSecrets("GOOD=hunter2\nEMPTY=\nbad-name=hunter3", [])).toThrowErrorMatchingInlineSnapshot(`
      [PipelineError: The secrets of the service can't be read.
        why: --space-secrets: 2 of its 3 entries have no value, or a name that a Space does not take
        next: store a text in dotenv form, a line for each, such as OPENROUTER_API_KEY="…"; names have letters, digits and _]
    `)
  })

  it("are refused when one is a variable of the settings as well", () => {
    expect(() => serviceSecrets("CORS_ORIGINS=hunter2", ["CORS_ORIGINS"])).toThrowErrorMatchingInlineSnapshot(`
      [PipelineError: CORS_ORIGINS would be set twice.
        why: --space-secrets holds what backend.variables of the settings or --database-url sets as well
        next: leave each in one place]
    `)
  })
})
