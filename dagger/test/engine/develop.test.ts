import { execFileSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { checkout } from "./checkout.js"
import { call, run } from "./dagger.js"

test("dagger develop changes nothing in a clone, and the module runs after it", async () => {
  using clone = checkout()

  const developed = await run(["develop", "--silent"], clone.path)
  const called = await call(["settings", "contents"], { cwd: clone.path })

  expect(developed).toMatchObject({ code: 0 })
  expect(execFileSync("git", ["status", "--porcelain"], { cwd: clone.path, encoding: "utf8" })).toBe("")
  expect(called).toMatchObject({ code: 0, stdout: readFileSync(join(clone.path, "delivery.json"), "utf8") })
})

test("a module that names the runtime's very own TypeScript can't be called: it would be installed over a mount", async () => {
  using clone = checkout()
  const file = join(clone.path, "dagger/package.json")
  writeFileSync(file, readFileSync(file, "utf8").replace('"~5.9.3"', '"5.9.3"'))

  const called = await call(["settings", "contents"], { cwd: clone.path })

  expect(called.error).toContain("failed to sync sdk moduleTypes container: exit code: 240")
})
