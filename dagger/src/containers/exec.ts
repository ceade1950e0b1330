import { availableParallelism } from "node:os"
import { type Container, ReturnType } from "@dagger.io/dagger"
// p-limit: the usual one for this, small, and kept for ten years.
import pLimit from "p-limit"

/** What a command left: its container (for its files), exit code and the two streams. */
export type Ran = { container: Container; code: number; stdout: string; stderr: string }

/** The module runs where the engine does. More at once would only share its processors, and each needs memory of its own. */
const limit = pLimit(2 * availableParallelism())

/**
 * Runs a command whose failure is an answer, not an exception; what it said is asked for only then, for each question takes its time.
 * The arguments never pass a shell.
 */
export async function ran(container: Container, args: string[]): Promise<Ran> {
  const after = container.withExec(args, { expect: ReturnType.Any })
  const code = await limit(() => after.exitCode())
  const [stdout, stderr] = code === 0 ? ["", ""] : await Promise.all([after.stdout(), after.stderr()])
  return { container: after, code, stdout, stderr }
}

/** Runs a command of which the output is wanted, and its errors where it failed. */
export async function answered(container: Container, args: string[]): Promise<Ran> {
  const after = container.withExec(args, { expect: ReturnType.Any })
  const [code, stdout] = await limit(() => Promise.all([after.exitCode(), after.stdout()]))
  return { container: after, code, stdout, stderr: code === 0 ? "" : await after.stderr() }
}
