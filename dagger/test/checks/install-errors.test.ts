import { expect, it } from "vitest"
import { lockFileOutOfStep } from "../../lib/checks/install-errors.js"

const message = (error: Error) => error.message

it("advises npm install when the lock file is out of step", () => {
  expect(
    message(
      lockFileOutOfStep(
        "package-lock.json",
        "npm error code EUSAGE\nnpm error\nnpm error Missing: a@1.0.0 from lock file\n",
      ),
    ),
  ).toMatchInlineSnapshot(`
    "package-lock.json does not fit package.json.
      why: npm ci rejected it:
        npm error Missing: a@1.0.0 from lock file
      next: run \`npm install\` in the frontend's folder and commit both files"
  `)
})
