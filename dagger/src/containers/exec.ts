import { type Container, ReturnType } from "@dagger.io/dagger"

/** What a command left: its container (for its files), exit code and the two streams. */
export type Ran = { container: Container; code: number; stdout: string; stderr: string }

/** Runs a command whose failure is an answer, not an exception. The arguments never pass a shell. */
export async function ran(container: Container, args: string[]): Promise<Ran> {
  const after = container.withExec(args, { expect: ReturnType.Any })
  const [code, stdout, stderr] = await Promise.all([after.exitCode(), after.stdout(), after.stderr()])
  return { container: after, code, stdout, stderr }
}
