import { readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { type Project, project } from "./dagger.js"

/** Digest of the image that a project's service gives. */
async function digestOf(service: Project): Promise<string> {
  const layout = join(service.path, "../layout-of-the-image")
  const { code, error } = await service.call(["backend", "image-layout", `--output=${layout}`])
  expect(code, error).toBe(0)
  const index = JSON.parse(readFileSync(join(layout, "index.json"), "utf8")) as { manifests: { digest: string }[] }
  rmSync(layout, { recursive: true })
  return index.manifests[0]?.digest ?? ""
}

it("gives the same commit the same digest, also when its packages are installed and its sources compiled anew", async () => {
  using service = project({ backend: "backend" })
  const digest = await digestOf(service)
  // None of this gets into the image, but all that is made from it is made again.
  service.edit("backend/requirements.txt", (text) => `${text}# at ${new Date().toISOString()}\n`)

  expect(await digestOf(service)).toBe(digest)
  expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/)

  service.edit("backend/app/__init__.py", (text) => `${text}\nCHANGED = True\n`)
  expect(await digestOf(service)).not.toBe(digest)
})

it("gives the same commit the same digest on a disk whose owner lets the group write, and lets nobody but root write its files", async () => {
  using service = project({ backend: "backend" })
  service.write(
    "backend/Dockerfile",
    "FROM node:24-slim\nCOPY app /app\nRUN find /app -perm /022 | grep . && exit 1 || true\n",
  )
  const digest = await digestOf(service)

  await service.run("chmod -R g+w backend")

  expect(await digestOf(service)).toBe(digest)
})
