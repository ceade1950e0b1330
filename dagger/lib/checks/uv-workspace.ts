import { filesAbove } from "./files-above.js"
import { globPattern } from "./glob-pattern.js"

/** Files by which a workspace of uv is known above a service. */
export const workspaceFiles = ["uv.lock", "pyproject.toml"]

/**
 * The folder of the workspace of uv that a service belongs to, from the repository's root ("." for that); `undefined` for none.
 * https://docs.astral.sh/uv/concepts/projects/workspaces/
 * @param files above the service, from the repository's root. @param projects each pyproject.toml among them, as its parser gave it.
 */
export function uvWorkspace(source: string, files: string[], projects: Record<string, unknown>): string | undefined {
  const folders = filesAbove(source, [""])
  const folder = folders.find((it) => workspaceFiles.every((name) => files.includes(`${it}${name}`)))
  if (folder === undefined) return undefined
  const { members, exclude } = objectIn(projects[`${folder}pyproject.toml`], "tool", "uv", "workspace")
  const below = source.slice(folder.length)
  const names = (globs: unknown) =>
    [globs].flat().some((glob) => typeof glob === "string" && globPattern(plain(glob), "whole")?.test(below))
  return names(members) && !names(exclude) ? folder.replace(/\/$/, "") || "." : undefined
}

const plain = (glob: string) => glob.replace(/^(?:\.\/)+|\/+$/g, "")

function objectIn(value: unknown, ...keys: string[]): Record<string, unknown> {
  const found = keys.reduce<unknown>((it, key) => (it as Record<string, unknown> | undefined)?.[key], value)
  return typeof found === "object" && found !== null ? (found as Record<string, unknown>) : {}
}
