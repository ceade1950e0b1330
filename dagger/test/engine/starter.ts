import { execFile } from "node:child_process"
import { setTimeout as sleep } from "node:timers/promises"
import { promisify } from "node:util"

const execute = promisify(execFile)

/** Three tries: whether a package registry answers at once is not what is tested. */
export async function patiently(cwd: string, command: string, ...args: string[]): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await execute(command, args, { cwd })
      return
    } catch (failure) {
      if (attempt === 3) throw failure
      await sleep(attempt * 5000)
    }
  }
}

/** A starter in a separate folder, which a failed try may have left incomplete, and its lock file: the newest packages of a day
 * on which those of all platforms are available. */
export async function starter(folder: string, name: string, creator: string): Promise<void> {
  await patiently(folder, "sh", "-c", `rm -rf ${name} && npx --yes ${creator}`)
  const options = "--package-lock-only --ignore-scripts --no-audit --no-fund --before=2026-09-20"
  await patiently(folder, "sh", "-c", `npm install ${options} --prefix ${name}`)
}

/** What Docusaurus's own command makes. */
export const docusaurus =
  "create-docusaurus@3.10.2 docusaurus classic --typescript --package-manager npm --skip-install"
