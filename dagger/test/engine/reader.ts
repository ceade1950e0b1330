import { spawn } from "node:child_process"
import { chmodSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Block } from "../support/followed-page.js"

/** A shell that keeps what it was given from block to block, as a person's does. */
export function shellIn(folder: string, home: string, own: Record<string, string> = {}) {
  const state = join(home, "state")
  writeFileSync(state, "")
  const who = { NAME: "ana", EMAIL: "ana@example.com" }
  const env = {
    ...process.env,
    ...own,
    PATH: `${home}:${process.env.PATH}`,
    ...Object.fromEntries(
      ["AUTHOR", "COMMITTER"].flatMap((role) =>
        Object.entries(who).map(([key, value]) => [`GIT_${role}_${key}`, value]),
      ),
    ),
  }
  // Not the synchronous one: the stand-ins answer from this process.
  return ({ text }: Block, input: string) =>
    new Promise<{ status: number | null; stdout: string; stderr: string }>((ended, failed) => {
      const script = `set -eo pipefail; source "${state}"; ${text}\nexport -p >"${state}"`
      const child = spawn("bash", ["--noprofile", "--norc", "-c", script], { cwd: folder, env })
      const [out, err]: [Buffer[], Buffer[]] = [[], []]
      child.stdout.on("data", (data: Buffer) => out.push(data))
      child.stderr.on("data", (data: Buffer) => err.push(data))
      child.on("error", failed)
      child.on("close", (status) =>
        ended({ status, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }),
      )
      child.stdin.end(input)
    })
}

/**
 * A `dagger` that reaches the registry and the scanner's database of these tests, where a reader's reaches the internet.
 * @param flags that each call of the project's module gets besides.
 */
export function daggerIn(folder: string, flags: string[]): void {
  const program = join(folder, "dagger")
  writeFileSync(
    program,
    `#!/usr/bin/env bash
PATH=\${PATH#*:}
case $* in
call*\\ -m\\ *) exec dagger call --silent "\${@:2}" ;;
call*) exec dagger call --silent ${flags.join(" ")} "\${@:2}" ;;
*) exec dagger "$@" ;;
esac
`,
  )
  chmodSync(program, 0o755)
}
