import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { repository } from "./dagger.js"

export type Checkout = ReturnType<typeof checkout>

/** A site of one page and no packages, which builds at once; an unfinished page does not pass its lint. The rehearsal deploys the real one. */
const plainSite = {
  "package.json": JSON.stringify({
    name: "plain-site",
    version: "0.0.0",
    private: true,
    scripts: { build: "node build.mjs", lint: "node lint.mjs" },
  }),
  "package-lock.json": JSON.stringify({
    name: "plain-site",
    version: "0.0.0",
    lockfileVersion: 3,
    packages: { "": { name: "plain-site", version: "0.0.0" } },
  }),
  "page.html": "<!doctype html><title>Physical AI &amp; Humanoid Robotics</title><p>One page.</p>\n",
  "lint.mjs": `import { readFileSync } from "node:fs"
if (readFileSync("page.html", "utf8").includes("TODO")) {
  console.log("page.html: TODO is left")
  process.exit(1)
}
`,
  "build.mjs": `import { copyFileSync, mkdirSync, writeFileSync } from "node:fs"
mkdirSync("build")
copyFileSync("page.html", "build/index.html")
writeFileSync("build/version.json", JSON.stringify({ commit: process.env.COMMIT, title: "Physical AI & Humanoid Robotics" }))
`,
}

/** A clone of this repository's HEAD: what isn't committed here doesn't matter, and commits can be added. */
export function checkout() {
  const path = mkdtempSync(join(tmpdir(), "checkout-"))
  execFileSync("git", ["clone", "--quiet", repository, path])
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=test", "-c", "user.email=test@example.com", ...args], {
      cwd: path,
      encoding: "utf8",
    }).trim()
  function commit(message: string, files: Record<string, string | undefined> = {}): string {
    for (const [name, text] of Object.entries(files))
      if (text === undefined) rmSync(join(path, name))
      else writeFileSync(join(path, name), text)
    git("add", "--all")
    git("commit", "--quiet", "--allow-empty", "--message", message)
    return git("rev-parse", "HEAD")
  }
  return {
    path,
    git,
    /** Commits a small site in the frontend's place. */
    plainSite(): string {
      rmSync(join(path, "frontend"), { recursive: true })
      mkdirSync(join(path, "frontend"))
      return commit(
        "a plain site",
        Object.fromEntries(Object.entries(plainSite).map(([name, text]) => [`frontend/${name}`, text])),
      )
    },
    head: () => git("rev-parse", "HEAD"),
    /** A commit with these files written, or removed where the text is `undefined`; returns its hash. */
    commit,
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  }
}
