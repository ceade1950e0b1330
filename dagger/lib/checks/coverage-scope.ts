import { globPattern } from "./glob-pattern.js"

/** What a project's own configuration says of which source files coverage counts. */
export interface CoverageScope {
  /** Whether it chose no folders. */
  everything: boolean
  /** Whether a source file counts that the report leaves out. Never where the tool that wrote it lists such files by itself. */
  counts(file: string): boolean
}

/** The languages of a component: those of the other say nothing of it, also where one lies within the other. */
export type Language = "javascript" | "python"

/**
 * The files of a component in its own language. None of an environment of Python that lies among them, and no script beside a package.json
 * in `public` or `static`: that is served as it lies, and no test can load it.
 * @param files from the component's root. @param own and @param other are the folders of this component and of the other, from the repository's root; "" for no other.
 */
export function filesOf(language: Language, files: string[], own: string, other: string): string[] {
  const written = language === "python" ? /\.py$/ : /\.(?:[cm]?[jt]sx?|vue|svelte)$/
  const inner = own === "." ? other : other.startsWith(`${own}/`) ? other.slice(own.length + 1) : ""
  const beside = (name: string) =>
    files.filter((file) => isNamed(file, name)).map((file) => file.slice(0, -name.length))
  const environments = beside("pyvenv.cfg").filter(Boolean)
  const served =
    language === "python" ? [] : beside("package.json").flatMap((folder) => [`${folder}public/`, `${folder}static/`])
  const lost = [...environments, ...served, ...(inner === "" || inner === "." ? [] : [`${inner}/`])]
  return files.filter((file) => written.test(file) && !lost.some((folder) => file.startsWith(folder)))
}

const isNamed = (file: string, name: string) => file === name || file.endsWith(`/${name}`)

/**
 * Vitest and Jest list what no test loads only where their configuration includes it. Else every source file counts but those that it
 * leaves out by a path; what it computes is not known here, and counts.
 * @param configuration text of package.json and of the runner's configuration
 */
export function measuredByJavaScript(configuration: string): CoverageScope {
  const { code, texts } = withoutTexts(configuration)
  const coverage = [...code.matchAll(/\bcoverage\s*:\s*\{/g)].map(({ index, 0: head }) =>
    block(code, index + head.length),
  )
  const includes =
    /\bcollectCoverageFrom\b/.test(code) ||
    coverage.some((it) => /\binclude\b/.test(it)) ||
    texts.some((text) => /--(?:coverage\.include|collectCoverageFrom)\b/.test(text))
  if (includes) return { everything: false, counts: () => false }
  const listed = (from: string, name: string) =>
    [...from.matchAll(new RegExp(`\\b${name}\\s*:\\s*(\\[[^\\]]*\\]|"\\d+")`, "g"))].flatMap(([, list = ""]) =>
      [...list.matchAll(/"(\d+)"/g)].map(([, at]) => texts[Number(at)] ?? ""),
    )
  const flags = texts.flatMap((text) =>
    [...text.matchAll(/--coverage\.exclude[= ]["']?([^\s"']+)/g)].map(([, glob = ""]) => glob),
  )
  const left = [
    ...[...coverage.flatMap((it) => listed(it, "exclude")), ...flags].map((glob) => globPattern(glob, "within")),
    ...listed(code, "coveragePathIgnorePatterns").map(ignored),
  ].filter((it) => it !== undefined)
  return { everything: true, counts: (file) => !left.some((pattern) => pattern.test(`/${file}`)) }
}

/** The same for pytest and coverage.py. @param configuration text of pyproject.toml, .coveragerc, pytest.ini, tox.ini and setup.cfg */
export function measuredByPython(configuration: string): CoverageScope {
  const parts = coverageParts(configuration)
  const lists = (name: string) => listsOf(parts, name)
  const onCommandLine = [...configuration.matchAll(/--cov(?:=|["', ]+(?!-))["']?([\w./-]+)/g)].map((it) => it[1] ?? "")
  const chosen = onCommandLine.length > 0 ? onCommandLine : lists("(?:source|source_pkgs|source_dirs)")
  const folders = chosen.map((folder) => folder.replace(/^(?:\.\/)+|\/+$/g, "") || ".")
  const everything = folders.length === 0 || folders.includes(".")
  const [include, omit] = [lists("include"), lists("omit")].map((globs) =>
    globs.map(ofCoverage).filter((it) => it !== undefined),
  )
  return {
    everything,
    counts: (file) =>
      (everything || folders.some((folder) => isIn(file, folder))) &&
      (include?.length === 0 || include?.some((it) => it.test(file)) === true) &&
      !omit?.some((it) => it.test(file)),
  }
}

/** Whether setup.cfg, tox.ini or .coveragerc choose what coverage.py measures. */
export const choosesByIni = (ini: string): boolean =>
  ini
    .split(/^(?=\[)/m)
    .some(
      (part) => /^\[(?:coverage:)?run\]/.test(part) && /^(?:source|source_pkgs|source_dirs|include)[ \t]*=/m.test(part),
    )

/** A choice may be a folder or a package: `src`, `acme.api`, `acme` that lies in `src/acme`. */
const isIn = (file: string, chosen: string) =>
  [chosen, chosen.replaceAll(".", "/")].some(
    (folder) =>
      [folder, `${folder}.py`].includes(file) || file.startsWith(`${folder}/`) || file.startsWith(`src/${folder}/`),
  )

/** Sections of coverage.py: `[tool.coverage.run]` of TOML, `[coverage:run]` and `[run]` of INI files. */
const coverageParts = (configuration: string) =>
  configuration
    .split(/^(?=\[)/m)
    .filter((part) => /^\[(?:tool\.coverage\]|(?:tool\.coverage\.|coverage:)?(?:run|report)\])/.test(part))
    .join("\n")

/** Values of a setting, in a list of TOML, or of an INI file by commas and lines. */
const listsOf = (parts: string, name: string): string[] =>
  [
    ...parts.matchAll(
      new RegExp(
        `^[ \\t]*(?:(?:run|report)\\.)?${name}[ \\t]*=[ \\t]*(\\[(?:"[^"\\n]*"|'[^'\\n]*'|#.*|[^\\]"'#])*\\]|.*(?:\\n[ \\t]+\\S.*)*)`,
        "gm",
      ),
    ),
  ]
    .flatMap(([, value = ""]) =>
      /^["'[]/.test(value)
        ? [...value.matchAll(/#.*|"([^"\n]*)"|'([^'\n]*)'/g)].map(([, one, other]) => one ?? other ?? "")
        : value.replace(/(?:^|\s)[#;].*$/gm, "").split(/[\s,]+/),
    )
    .filter(Boolean)

/** https://coverage.readthedocs.io/en/latest/source.html#file-patterns */
const ofCoverage = (glob: string) =>
  globPattern(
    glob
      .replace(/^\.\//, "")
      .replace(/^\*+\//, "**/")
      .replace(/\/\*+$/, "/**"),
    "whole",
  )

/** A pattern of Jest. One that could take long over a path is left unread, so what it names counts. */
function ignored(pattern: string): RegExp | undefined {
  if (pattern.length > 200 || /\)[*+{?]|\\[1-9]/.test(pattern) || (pattern.match(/[*+{]/g)?.length ?? 0) > 5)
    return undefined
  try {
    return new RegExp(pattern.replaceAll("\\\\", "\\").replace("<rootDir>", "^"))
  } catch {
    return undefined
  }
}

/** The code without comments; each text as its number, a quoted key as it is: then brackets and words are what they look like. */
function withoutTexts(configuration: string): { code: string; texts: string[] } {
  const texts: string[] = []
  const code = configuration.replace(
    /(?:"((?:\\.|[^"\\\n])*)"|'((?:\\.|[^'\\\n])*)'|`((?:\\.|[^`\\])*)`)(?=(\s{0,20}:)?)|\/\/.*|\/\*[\s\S]*?\*\//g,
    (_, one?: string, other?: string, third?: string, colon?: string) => {
      const text = one ?? other ?? third
      if (text === undefined) return ""
      return colon && /^\w+$/.test(text) ? text : `"${texts.push(text) - 1}"`
    },
  )
  return { code, texts }
}

/** What stands between a brace and its partner. */
function block(code: string, from: number): string {
  let depth = 1
  for (let at = from; at < code.length; at++) {
    if (code[at] === "{") depth++
    else if (code[at] === "}" && --depth === 0) return code.slice(from, at)
  }
  return code.slice(from)
}
