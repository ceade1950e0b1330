import { expect, it } from "vitest"
import { imageBuildFailed } from "../../lib/image/errors.js"

const message = (error: Error) => error.message

it("names what the Dockerfile copies and nobody committed, and never the engine's own ids", () => {
  const engine =
    "failed to load container from converted ID: load Container@CoUrChV4eGgz… 3:2d035c5243959f00: inputs: load xxh3:6c9e3bbd1ed5a14e: inputs: "
  expect(
    message(
      imageBuildFailed(
        `${engine}failed to content hash dockerfile copy: failed to copy source directory: lstat /shared/greetings.json: no such file or directory`,
      ),
    ),
  ).toMatchInlineSnapshot(`
    "The Dockerfile copies "shared/greetings.json", which the build does not find.
      why: the build sees the folder backend.context of the settings, without what .gitignore and .dockerignore name
      next: commit what is missing, correct the COPY, or give a larger folder, such as "backend": { "context": "." }"
  `)
  expect(message(imageBuildFailed(`${engine}exit code: 1`)).split("\n")[2]).toBe("    exit code: 1")
})
