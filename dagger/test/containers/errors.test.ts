import { expect, it } from "vitest"
import { missingSecret } from "../../lib/containers/errors.js"

const message = (error: Error) => error.message

it("names the flag of an empty secret and how to give it", () => {
  expect(message(missingSecret("hugging-face-token", "HF_TOKEN"))).toMatchInlineSnapshot(`
    "The secret --hugging-face-token is empty.
      why: the variable, file or command that it names is not set, or holds nothing
      next: set it where the call runs, and name it: --hugging-face-token=env://HF_TOKEN"
  `)
})
