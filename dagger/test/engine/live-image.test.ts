import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { checkout } from "./checkout.js"
import { providers, registryFlags, scannerFlags, spaces } from "./providers.js"

it("deploys what is no more vulnerable than the live image, reports what both have, and stops at anything new", async () => {
  using clone = checkout()
  clone.git("rm", "--quiet", "-r", "backend")
  mkdirSync(join(clone.path, "backend"))
  await using it = await providers(clone, { untested: "only its packages matter" }, { onlyNew: true })
  const commit = (packages: string) =>
    clone.commit(packages, {
      "backend/requirements.txt": "",
      "backend/service.py": '"""A service."""\n',
      "backend/Dockerfile": `FROM python:3.13-slim\nRUN pip install --no-deps ${packages}\n`,
    })
  const deploy = (...flags: string[]) =>
    it.call("backend deploy", ["--hugging-face-token=env://HF_TOKEN", ...registryFlags, ...flags, "report"])

  commit("python-multipart==0.0.6")
  const first = await deploy("--unscanned=it is the one to compare with")
  expect(first, first.error).toMatchObject({ code: 0 })

  commit("python-multipart==0.0.6")
  const same = await deploy(...scannerFlags)
  expect(same, same.error).toMatchObject({ code: 0 })
  expect(same.stdout).toContain("in the live image as well: CVE-2024-24762, CVE-2024-53981")
  const live = it.hub.dockerfile(spaces.staging)

  commit("python-multipart==0.0.6 h11==0.14.0")
  const worse = await deploy(...scannerFlags)
  expect(worse.code).toBe(1)
  expect(worse.error).toMatch(
    /The image is vulnerable\.\n1 vulnerability stops the image:\n +CRITICAL +CVE-2025-43859 +h11/,
  )
  expect(it.hub.dockerfile(spaces.staging)).toBe(live)
})
