import { posix } from "node:path"

/** A caller's repository, as far as it is looked at. */
export interface Repository {
  /** Every file, from the root on. */
  files: string[]
  /** Texts of those that say something, by path. */
  texts: Record<string, string>
  /** pyproject.toml as their parser gave them, by path; a file that can't be read is left out. */
  tables: Record<string, unknown>
  /** How many more there were that would say something. */
  unread?: number
  /** `.git/config`, "" for none. */
  gitConfig: string
  /** Branches by name: the one that is checked out first. */
  branches: string[]
}

/** The same with lines as Unix ends them, and without a byte order mark: how a file is stored says nothing of the product. */
export const plainTexts = (repository: Repository): Repository => ({
  ...repository,
  texts: Object.fromEntries(
    Object.entries(repository.texts).map(([path, text]) => [
      path,
      text.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n"),
    ]),
  ),
})

/** Files that tell where a product's parts are and how they work; `proposal` needs their texts. */
export function isTelling(path: string): boolean {
  if (isAside(path) && !isTest(path)) return false
  const name = posix.basename(path)
  return (
    /^(?:package\.json|pyproject\.toml|alembic\.ini|netlify\.toml|dagger\.json|delivery\.json|\.gitignore|\.dockerignore|\.python-version|\.nvmrc)$/.test(
      name,
    ) ||
    /^(?:Dockerfile|[\w.-]+\.Dockerfile)$/.test(name) ||
    /^[\w.-]*requirements[\w.-]*\.txt$/.test(name) ||
    /^(?:docusaurus|vite|astro|next|svelte|nuxt|vue|eleventy|\.eleventy|angular|gatsby)[\w.-]*\.(?:[cm]?[jt]s|json)$/.test(
      name,
    ) ||
    /(?:^|\/)\.vitepress\/config\.[cm]?[jt]s$/.test(path) ||
    /^(?:\.github\/workflows\/[^/]+\.ya?ml)$/.test(path) ||
    /^(?:index|app|layout|_document|root|build|__root|Layout|BaseLayout|BaseHead)\.(?:html|[cm]?js|[jt]sx?|astro|njk|vue|svelte)$/.test(
      name,
    ) ||
    /(?:^|\/)(?:static|public)\/config\.json$/.test(path) ||
    name.endsWith(".py")
  )
}

/** Whether a file stands beside the product: an example, a fixture, a test. */
export const isAside = (path: string): boolean =>
  path
    .split("/")
    .slice(0, -1)
    .some((part) =>
      /^(?:node_modules|\.venv|venv|examples?|fixtures?|__fixtures__|templates?|e2e|samples?|vendor|third[-_]party|\.ci|tests?|__tests__)$/i.test(
        part,
      ),
    )

/** Whether pytest would look for tests in it. */
export const isTest = (path: string): boolean => /(?:^|\/)(?:test_[^/]*|[^/]*_test|conftest)\.py$/.test(path)

/** The folder of a file, "." for the root. */
export const folderOf = (path: string): string => posix.dirname(path)

/** Path of a file in a folder. */
export const inFolder = (folder: string, name: string): string => (folder === "." ? name : `${folder}/${name}`)

/** Files of a folder and below, from there on. */
export const filesBelow = ({ files }: Repository, folder: string): string[] =>
  folder === "."
    ? files
    : files.filter((path) => path.startsWith(`${folder}/`)).map((path) => path.slice(folder.length + 1))

/** The text of a file in a folder, "" where there is none. */
export const textIn = ({ texts }: Repository, folder: string, name: string): string =>
  texts[inFolder(folder, name)] ?? ""

/** The folder, or the nearest one above it, that has one of these files; `undefined` for none. */
export function nearest({ files }: Repository, folder: string, names: string[]): string | undefined {
  for (let here = folder; ; here = folderOf(here)) {
    if (names.some((name) => files.includes(inFolder(here, name)))) return here
    if (here === ".") return undefined
  }
}

/** How far a folder is from what people usually call such a part; smaller is likelier. */
export function unlikeliness(folder: string, usual: string[]): number {
  const place = usual.indexOf(posix.basename(folder).toLowerCase())
  const depth = folder === "." ? 0 : folder.split("/").length
  return depth * 10 + (place < 0 ? usual.length : place) / 10
}
