import { availableParallelism } from "node:os"
import { type Container, ReturnType } from "@dagger.io/dagger"
// p-limit: small, widely used and maintained for ten years.
import pLimit from "p-limit"
import { type Origin, originOf, timeIn } from "../cache/slow-step.js"

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

/** A slow command's result, and whether it ran in this call. */
export type SlowRan = Ran & { origin: Origin }

/** Where a slow command leaves when it began. */
export const stamp = "/opt/began"

/**
 * The words of a command that first writes when it begins. The time is kept with what the command leaves: a second command that tells the
 * time could be lost from a cache, or kept in it, without the first. The arguments stand outside of the shell's text.
 * It costs a command 5 ms (2 busy processors, outside of the engine).
 */
export const stamped = (args: string[]): string[] => ["sh", "-c", `date +%s%3N >${stamp}; exec "$@"`, "sh", ...args]

/** The same as `ran` for a command that takes long. */
export async function ranSlowly(container: Container, args: string[]): Promise<SlowRan> {
  const after = container.withExec(stamped(args), { expect: ReturnType.Any })
  const [code, origin] = await limit(() => Promise.all([after.exitCode(), originIn(after)]))
  const [stdout, stderr] = code === 0 ? ["", ""] : await Promise.all([after.stdout(), after.stderr()])
  return { container: after, code, stdout, stderr, origin }
}

/**
 * Whether the last stamped command of a container ran in this call. A command reads the stamp, because its output comes from the cache as
 * well; of a file the engine takes the sum at each call: `ci` with nothing changed takes 2.3 s instead of 2.8.
 */
export const originIn = async (container: Container): Promise<Origin> =>
  originNow(
    timeIn(
      await container
        .withExec(["cat", stamp])
        .stdout()
        .catch(() => ""),
    ),
  )

/** Whether what cannot write a stamp, such as an image's build, ran in this call: a command after it tells the time. Unknown where the image has no `date`. */
export const originAfter = async (container: Container): Promise<Origin> =>
  originNow(
    timeIn(
      await container
        .withExec(["date", "+%s%3N"])
        .stdout()
        .catch(() => ""),
    ),
  )

/**
 * Whether what tells a time ran in this call. The engine runs the module and its commands on one machine, and the module's process begins
 * before anything that it asks for.
 * @param at milliseconds since 1970; `undefined` where it tells none.
 */
export const originNow = (at: number | undefined): Origin =>
  originOf(at, { began: performance.timeOrigin, now: Date.now() })

/** Runs a command for its output, and for its errors when it failed. */
export async function answered(container: Container, args: string[]): Promise<Ran> {
  const after = container.withExec(args, { expect: ReturnType.Any })
  const [code, stdout] = await limit(() => Promise.all([after.exitCode(), after.stdout()]))
  return { container: after, code, stdout, stderr: code === 0 ? "" : await after.stderr() }
}
