import type { Site } from "./site.js"

/** What the pipeline's commands leave behind, and what holds secrets. */
const entries = ["/reports/", ".env"]

/** .gitignore with the entries that it lacks; "" when it lacks none. */
export function gitignore(existing: string): string {
  const has = new Set(existing.split("\n").map(plain))
  const missing = entries.filter((entry) => !has.has(plain(entry)))
  if (missing.length === 0) return ""
  const end = endOf(existing)
  const before = existing === "" ? "" : `${existing}${/\n$/.test(existing) ? "" : end}${end}`
  return `${before}# Written by \`dagger call\`, and secrets of this machine.${end}${missing.join(end)}${end}`
}

/** What ends the lines of a text. */
export const endOf = (text: string): string => (/\r\n/.test(text) ? "\r\n" : "\n")

const plain = (line: string) => line.trim().replace(/^\/|\/$/g, "")

/** netlify.toml of a site that is uploaded: Netlify itself must not build the same commit a second time, untested. */
export const netlifyToml = ({ source, output }: Site): string => `# Written by \`dagger call init\`; it is yours now.
# The pipeline uploads what it tested. Where the site is linked to the repository, Netlify would build each push as well: exit code 0
# tells it to leave that out.
[build]
${source === "." ? "" : `  base = ${JSON.stringify(source)}\n`}  publish = ${JSON.stringify(output)}
  ignore = "exit 0"
`
