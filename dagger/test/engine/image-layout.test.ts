import { readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { call, copyOf } from "./dagger.js"

/** Digest of the image that the backend in `folder` gives. */
async function digestOf(folder: string): Promise<string> {
  const layout = join(folder, "../layout-of-the-image")
  const { code, error } = await call(["image-layout", `--backend=${folder}`, `--output=${layout}`])
  expect(code, error).toBe(0)
  const index = JSON.parse(readFileSync(join(layout, "index.json"), "utf8")) as { manifests: { digest: string }[] }
  rmSync(layout, { recursive: true })
  return index.manifests[0]?.digest ?? ""
}

it("gives the same commit the same digest, also when its packages are installed and its sources compiled anew", async () => {
  using backend = copyOf("backend")
  const digest = await digestOf(backend.path)
  // None of this gets into the image, but all that is made from it is made again.
  backend.edit("requirements.txt", (text) => `${text}# at ${new Date().toISOString()}\n`)

  expect(await digestOf(backend.path)).toBe(digest)
  expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/)

  backend.edit("app/__init__.py", (text) => `${text}\nCHANGED = True\n`)
  expect(await digestOf(backend.path)).not.toBe(digest)
})
