import { scriptTexts } from "./test-script.js"

/** The scripts that look at a site's sources, and each linter that the project configures and none of them starts. */
export interface SiteLinting {
  scripts: string[]
  notRun: string[]
}

/** Names under which projects keep such scripts, one group for each purpose; of each the first that is there. */
const groups = [
  ["lint", "lint:check", "lint:ci", "eslint"],
  ["typecheck", "type-check", "check-types", "check:types", "types:check", "tsc"],
  ["format:check", "check:format", "format-check", "prettier:check", "formatcheck"],
]
/** One of a name that says too little. */
const checksTypes = /\b(?:tsc|vue-tsc|svelte-check|astro check)\b/

/** Files in which the project configures a linter, and what else runs it. */
const linters: Record<string, { files: RegExp; by: RegExp }> = {
  // Frameworks have commands of their own for it, such as `next lint`.
  eslint: { files: /^(?:eslint\.config\.[cm]?[jt]s|\.eslintrc(?:\.\w+)?)$/, by: /\b(?:eslint|lint|xo)\b/ },
  biome: { files: /^\.?biome\.jsonc?$/, by: /\b(?:biome|ultracite)\b/ },
  oxlint: { files: /^\.oxlintrc\.json$/, by: /\boxlint\b/ },
  prettier: { files: /^(?:\.prettierrc(?:\.\w+)?|prettier\.config\.[cm]?[jt]s)$/, by: /\bprettier\b/ },
  stylelint: { files: /^(?:\.stylelintrc(?:\.\w+)?|stylelint\.config\.[cm]?[jt]s)$/, by: /\bstylelint\b/ },
}
/** Hands the work to scripts of other packages. */
const elsewhere = /\b(?:turbo|nx|lerna|wireit|moon)\b/

/** @param names of the files in the site's folder. @param manifest text of package.json. */
export function siteLinters(scripts: Record<string, string>, names: string[], manifest: string): SiteLinting {
  const found = groups.flatMap((group) => group.find((name) => scripts[name]) ?? [])
  const types = groups[1]?.some((name) => found.includes(name))
  const chosen = !types && checksTypes.test(scripts.check ?? "") ? [...found, "check"] : found
  const texts = chosen.flatMap((name) => scriptTexts(scripts, name)).join("\n")
  const notRun = Object.entries(linters).flatMap(([tool, { files, by }]) => {
    const file = names.find((name) => files.test(name))
    const isRun = by.test(texts) || elsewhere.test(texts) || manifest.includes(`eslint-plugin-${tool}`)
    return file && !isRun ? [`${tool}: ${file} configures it, and no script lint runs it`] : []
  })
  return { scripts: chosen, notRun }
}
