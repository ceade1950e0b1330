import { type Directory, dag, type GitRef } from "@dagger.io/dagger"
import { answered } from "./exec.js"

/** An image with Git and a shell that is probably cached where a frontend is built. */
const withGit = "node:24"

/** The date of a checkout's commit, ISO 8601 in UTC; "" when unknown. */
export async function commitDate(head: GitRef): Promise<string> {
  const asked = await answered(
    dag
      .container()
      .from(withGit)
      .withDirectory("/checkout", head.tree({ depth: 1 }))
      .withWorkdir("/checkout"),
    ["git", "-c", "safe.directory=*", "log", "-1", "--format=%ct"],
  )
  const seconds = Number(asked.stdout.trim() || Number.NaN)
  return asked.code === 0 && Number.isFinite(seconds) ? `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z` : ""
}

/**
 * Files with the two modes that Git knows: everybody may read them, and run those that somebody may run. The modes of a disk depend on its
 * owner's umask, and the engine lets everybody write what it takes from a commit (seen with Dagger 0.21.8).
 */
export const withModesOfGit = (files: Directory): Directory =>
  dag
    .container()
    .from(withGit)
    .withDirectory("/files", files)
    .withExec(["chmod", "-R", "u=rwX,go=rX", "/files"])
    .directory("/files")
