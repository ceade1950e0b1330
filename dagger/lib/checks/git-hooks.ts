import { packageManifest, parsedJson } from "./package-manifest.js"
import { commandsIn } from "./test-script.js"

/**
 * Commands that set up the hooks of a developer's Git, which is not there: lefthook and Git itself fail then.
 * https://lefthook.dev/usage/commands.html https://typicode.github.io/husky/ https://github.com/toplenboren/simple-git-hooks
 */
const setsHooksUp =
  /^(?:(?:npx|bunx|npm|pnpm|yarn|bun)\s+(?:(?:exec|x|dlx|run)\s+)?(?:-\S*\s+)*)?(?:husky|lefthook\s+install|simple-git-hooks|pre-commit\s+install|git\s+config\s+(?:-\S+\s+)*core\.hooksPath)(?=\s|$)/
const doesNothing = /^(?:$|true$|:$|exit 0$|(?:npx\s+)?is-ci$)/

/** Whether a script does more than to set Git's hooks up. */
export const doesMore = (script: string): boolean =>
  commandsIn(script).some(({ command }) => !doesNothing.test(command) && !setsHooksUp.test(command))

/** package.json whose scripts leave Git's hooks alone; the same text where none of them sets any up. @param manifest its text. */
export function withoutGitHooks(manifest: string): string {
  const scripts = packageManifest(manifest)?.scripts ?? {}
  const changed = Object.entries(scripts).flatMap(([name, text]) => {
    const without = withoutCommands(text)
    return without === text ? [] : [[name, without] as const]
  })
  if (changed.length === 0) return manifest
  return `${JSON.stringify({ ...parsedJson(manifest), scripts: { ...scripts, ...Object.fromEntries(changed) } }, null, 2)}\n`
}

/** From the end on, so that what stands before keeps its place. */
const withoutCommands = (script: string): string =>
  commandsIn(script)
    .filter(({ command }) => setsHooksUp.test(command))
    .reduceRight((text, { command, at }) => `${text.slice(0, at - command.length)}true${text.slice(at)}`, script)
