import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { repository } from "./dagger.js"

export type Checkout = ReturnType<typeof checkout>

/** A clone of this repository's HEAD: what isn't committed here doesn't matter, and commits can be added. */
export function checkout() {
  const path = mkdtempSync(join(tmpdir(), "checkout-"))
  execFileSync("git", ["clone", "--quiet", repository, path])
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=test", "-c", "user.email=test@example.com", ...args], {
      cwd: path,
      encoding: "utf8",
    }).trim()
  return {
    path,
    git,
    head: () => git("rev-parse", "HEAD"),
    /** A commit with these files written, or removed where the text is `undefined`; returns its hash. */
    commit(message: string, files: Record<string, string | undefined> = {}): string {
      for (const [name, text] of Object.entries(files))
        if (text === undefined) rmSync(join(path, name))
        else writeFileSync(join(path, name), text)
      git("add", "--all")
      git("commit", "--quiet", "--allow-empty", "--message", message)
      return git("rev-parse", "HEAD")
    },
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  }
}
