import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, expect, it, vi } from "vitest"
import { executable, names } from "../../../.ci/browser/chromium.js"
import { repositoryRoot } from "../support/workflows.js"

afterEach(() => vi.unstubAllEnvs())

it("says what to do where no Chromium is installed", () => {
  vi.stubEnv("PATH", "")
  expect(() => executable()).toThrowErrorMatchingInlineSnapshot(`
    [PipelineError: There is no Chromium on this machine.
      why: none of chromium, chromium-headless-shell, chromium-browser, google-chrome, google-chrome-stable is on PATH, and no browser is downloaded
      next: run .ci/test, which installs one with apt, or install one yourself]
  `)
})

it("takes the first Chromium of PATH", () => {
  const folder = mkdtempSync(join(tmpdir(), "path-"))
  for (const name of ["google-chrome", "chromium"]) {
    writeFileSync(join(folder, name), "")
    chmodSync(join(folder, name), 0o755)
  }
  vi.stubEnv("PATH", folder)
  const found = executable()
  rmSync(folder, { recursive: true })
  expect(found).toBe(join(folder, "chromium"))
})

it("looks for the browsers that .ci/test leaves alone, and for the one that it installs", () => {
  const environment = readFileSync(join(repositoryRoot, ".ci/environment"), "utf8")
  const [, known = ""] = /use_browser\(\) \{[\s\S]*?for name in (.*); do/.exec(environment) ?? []
  const [, installed = ""] = /apt-get install .*--no-install-recommends (chromium\S*)/.exec(environment) ?? []
  expect(known.split(" ")).toEqual(names)
  expect(names).toContain(installed)
})
