/**
 * Folders in which every source file counts; none where the project's own configuration says more than folders, for then it says
 * what counts.
 * @param configuration text of package.json and of the runner's configuration
 */
export function measuredByJavaScript(configuration: string): string[] {
  const chosen =
    /\bcollectCoverageFrom\b|\bcoveragePathIgnorePatterns\b|\bcoverage["']?\s*:\s*\{[^{}]{0,4000}\b(?:include|exclude)\b|--coverage\.(?:include|exclude)\b/
  return chosen.test(configuration) ? [] : ["."]
}

/** The same for pytest and coverage.py. @param configuration text of pyproject.toml, .coveragerc, pytest.ini, tox.ini and setup.cfg */
export function measuredByPython(configuration: string): string[] {
  // https://coverage.readthedocs.io/en/latest/config.html
  if (/^\s*(?:source|source_pkgs|source_dirs|include|omit)\s*=/m.test(coverageParts(configuration))) return []
  const folders = [...configuration.matchAll(/--cov[= ]["']?([\w./-]+)/g)].map(([, folder = ""]) => folder)
  if (folders.length === 0) return ["."]
  return folders.map((folder) => folder.replace(/^\.\/|\/+$/g, "").replace(/^$/, "."))
}

/** Sections of coverage.py: `[tool.coverage.run]` of TOML, `[coverage:run]` and `[run]` of INI files. */
const coverageParts = (configuration: string) =>
  configuration
    .split(/^(?=\[)/m)
    .filter((part) => /^\[(?:tool\.coverage\.|coverage:)?(?:run|report)\]/.test(part))
    .join("\n")
