import { availableParallelism } from "node:os"
import { type Container, ReturnType } from "@dagger.io/dagger"
// p-limit: small, widely used and maintained for ten years.
import pLimit from "p-limit"

/** The result of a command: its container (for its files), exit code, stdout and stderr. */
export type Ran = { container: Container; code: number; stdout: string; stderr: string }

/** The module runs next to the engine: more commands at once would only share its processors, and each needs memory. */
const limit = pLimit(2 * availableParallelism())

/**
 * Runs a command whose failure is a result, not an exception. Reads the output only then, because each request takes time.
 * The arguments never pass a shell.
 */
export async function ran(container: Container, args: string[]): Promise<Ran> {
  const after = container.withExec(args, { expect: ReturnType.Any })
  const code = await limit(() => after.exitCode())
  const [stdout, stderr] = code === 0 ? ["", ""] : await Promise.all([after.stdout(), after.stderr()])
  return { container: after, code, stdout, stderr }
}

/** Runs a command for its output, and for its errors when it failed. */
export async function answered(container: Container, args: string[]): Promise<Ran> {
  const after = container.withExec(args, { expect: ReturnType.Any })
  const [code, stdout] = await limit(() => Promise.all([after.exitCode(), after.stdout()]))
  return { container: after, code, stdout, stderr: code === 0 ? "" : await after.stderr() }
}
