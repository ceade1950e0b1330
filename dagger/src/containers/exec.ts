import { availableParallelism } from "node:os"
import { type Container, ReturnType } from "@dagger.io/dagger"
import { turns } from "../turns.js"

/** What a command left: its container (for its files), exit code and the two streams. */
export type Ran = { container: Container; code: number; stdout: string; stderr: string }

/** The module runs where the engine does. More at once would only share its processors, and each needs memory of its own. */
const turn = turns(2 * availableParallelism())

/** Runs a command whose failure is an answer, not an exception. The arguments never pass a shell. */
export async function ran(container: Container, args: string[]): Promise<Ran> {
  const after = container.withExec(args, { expect: ReturnType.Any })
  const [code, stdout, stderr] = await turn(() => Promise.all([after.exitCode(), after.stdout(), after.stderr()]))
  return { container: after, code, stdout, stderr }
}
