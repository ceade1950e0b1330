import { posix } from "node:path"

/** Files in which a component says how its tools work and what it is installed from; by their paths from its root. */
export const isConfiguration = (file: string): boolean =>
  /^(?:package\.json|[tj]sconfig[^/]*\.json|[^/]*\.config\.[cm]?[jt]s(?:on)?|\.(?:eslintrc|babelrc|prettierrc|stylelintrc|swcrc|mocharc)[^/]*)$/.test(
    file,
  ) ||
  /^(?:pyproject\.toml|\.?(?:ruff|uv)\.toml|\.?mypy\.ini|pytest\.ini|tox\.ini|setup\.cfg|\.(?:coveragerc|flake8|pylintrc)|[\w.-]*(?:requirements|constraints)[\w.-]*\.(?:txt|in)|requirements\/[\w.-]+\.(?:txt|in))$/.test(
    file,
  )

/**
 * Paths above a component that a text of configuration names, from the repository's root: `"extends": "../tsconfig.base.json"`,
 * `-r ../requirements.txt`, `"../lib/*"`. None out of the repository, none within the component, and none that holds it, for that would be all.
 * @param file path of the text, and @param own of the component, both from the repository's root.
 */
export function namedAbove(text: string, file: string, own: string): string[] {
  const found = [
    ...text.matchAll(/(?:^|["'`=\s(@,]|file:|link:|portal:|<rootDir>\/)((?:\.\/)?\.\.\/[^\s"'`,;)#<>|]*)/gm),
  ]
  const paths = found.map(([, given = ""]) => {
    const plain = given.replace(/[*?[\]{}\\$].*$/, "")
    return posix.normalize(posix.join(posix.dirname(file), plain)).replace(/\/+$/, "")
  })
  const isOutside = (path: string) =>
    !path.startsWith("..") && path !== "." && !`${path}/`.startsWith(`${own}/`) && !`${own}/`.startsWith(`${path}/`)
  return [...new Set(paths)].filter(isOutside)
}

/** A name may leave out the ending of a file, and mean a folder. */
export const patternsOf = (paths: string[]): string[] => paths.flatMap((path) => [path, `${path}.*`, `${path}/**`])

/** Of files that were taken along, those whose text may name further ones: each that is named itself, and configurations in a folder that is. */
export const mayName = (files: string[], named: string[]): string[] =>
  files.filter((file) =>
    named.some((path) => file === path || (file.startsWith(`${path}.`) && !file.slice(path.length).includes("/")))
      ? /\.(?:json|[cm]?[jt]s|toml|ini|cfg|txt|in)$/.test(file)
      : isConfiguration(posix.basename(file)),
  )
