// @vitest-environment node
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import contentSecurityPolicy, { inlineScriptHashes } from "../plugins/content-security-policy"
import versionFile, { commitFrom } from "../plugins/version-file"

const title = "Physical AI & Humanoid Robotics"
const commit = "0123456789abcdef0123456789abcdef01234567"

let outDir: string
beforeEach(async () => {
  outDir = await mkdtemp(join(tmpdir(), "site-"))
})
afterEach(() => rm(outDir, { recursive: true }))

type Built = { postBuild?: (props: never) => unknown }
const finish = (plugin: Built) => plugin.postBuild?.({ outDir } as never)

describe("version.json", () => {
  async function version() {
    await finish(versionFile({ siteConfig: { title } } as never))
    return JSON.parse(await readFile(join(outDir, "version.json"), "utf8")) as unknown
  }

  it("names the commit the site was built from", async () => {
    vi.stubEnv("COMMIT", commit)
    expect(await version()).toEqual({ commit, title })
  })

  it('says "unknown" for a build outside the pipeline', async () => {
    vi.stubEnv("COMMIT", undefined)
    expect(await version()).toEqual({ commit: "unknown", title })
  })

  it.each(["main", "0123456", commit.toUpperCase(), `${commit}\n`])("is refused for the commit %j", (value) => {
    vi.stubEnv("COMMIT", value)
    expect(() => versionFile({ siteConfig: { title } } as never)).toThrow("is not a full commit hash")
  })

  it("is refused with a message that says what to set", () => {
    expect(() => commitFrom("main")).toThrowErrorMatchingInlineSnapshot(`[Error: COMMIT is "main", which is not a full commit hash of 40 lowercase hexadecimal digits. Set it with COMMIT=$(git rev-parse HEAD), or leave it unset.]`)
  })
})

describe("the content security policy", () => {
  const page = "<script>start()</script>"
  const [hash = ""] = inlineScriptHashes(page)

  it("covers inline scripts, and neither files nor data", () => {
    expect(inlineScriptHashes('<script src="/a.js"></script><script type="application/ld+json">{}</script>')).toEqual([])
    expect(hash).toMatch(/^'sha256-.{44}'$/)
  })

  it("passes a page whose inline scripts it allows", async () => {
    await writeFile(join(outDir, "index.html"), page)
    await writeFile(join(outDir, "_headers"), `script-src ${hash}`)
    await expect(finish(contentSecurityPolicy())).resolves.toBeUndefined()
  })

  it("stops the build at a page whose inline script it blocks", async () => {
    await writeFile(join(outDir, "index.html"), page)
    await writeFile(join(outDir, "_headers"), "script-src 'self'")
    await expect(finish(contentSecurityPolicy())).rejects.toThrow(
      `index.html has an inline script that the Content-Security-Policy blocks. Add ${hash} to script-src`,
    )
  })
})
