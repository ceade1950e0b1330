import { z } from "zod"

/** What a pyproject.toml says about testing and linting. */
export interface PythonProject {
  /** Optional dependencies that bring what the tests need. */
  extras: string[]
  /** Dependency groups of the same kind. https://peps.python.org/pep-0735/ */
  groups: string[]
  /** Whether the project itself chose what coverage measures. */
  choosesCoverage: boolean
  /** Whether the version comes from Git, which the pipeline does not hand to the build. */
  versionFromGit: boolean
  /** Arguments that pyproject.toml gives to every run of pytest. */
  pytestArguments: string
  /** Linters, each with its arguments, as the project uses them. */
  linters: string[][]
  /** Linters that must be installed for them. */
  tools: string[]
}

/** Extras and groups that projects keep their test tools in. */
const forTests = /^(?:tests?|testing|dev|development)$/i

/**
 * @param toml pyproject.toml as JSON, "" when there is none.
 * @param others text of the requirements and of .pre-commit-config.yaml, where projects name their linters too.
 */
export function pythonProject(toml: string, others = ""): PythonProject {
  const { project, tool, ...rest } = schema().parse(JSON.parse(toml || "{}"))
  const named = (name: string) => new RegExp(`(?:^|[\\s"'/-])${name}(?:[-\\s"'=<>~[]|$)`, "m").test(others)
  const black = tool.black !== undefined || named("black")
  const ruffFormat = tool.ruff?.format !== undefined || named("ruff-format")
  const { files, packages, modules } = tool.mypy ?? {}
  const mypy = files !== undefined || packages !== undefined || modules !== undefined
  return {
    extras: Object.keys(project["optional-dependencies"]).filter((name) => forTests.test(name)),
    groups: Object.keys(rest["dependency-groups"]).filter((name) => forTests.test(name)),
    choosesCoverage:
      tool.coverage?.run?.source !== undefined ||
      tool.coverage?.run?.source_pkgs !== undefined ||
      tool.coverage?.run?.include !== undefined,
    pytestArguments: [tool.pytest?.addopts, tool.pytest?.ini_options?.addopts].flat().join(" "),
    versionFromGit: rest["build-system"].requires.some((it) => /^(?:setuptools[-_]scm|hatch-vcs|pdm-backend)/.test(it)),
    linters: [
      // A project may ask for fixes; here it would hide what is wrong.
      ["ruff", "check", "--no-fix", "--no-cache", "."],
      ...(black ? [["black", "--check", "--quiet", "--diff", "."]] : []),
      ...(!black && ruffFormat ? [["ruff", "format", "--check", "--diff", "--no-cache", "."]] : []),
      ...(mypy ? [["mypy"]] : []),
    ],
    tools: ["ruff", ...(black ? ["black"] : []), ...(mypy ? ["mypy"] : [])],
  }
}

/** What pytest-cov is told to measure: the project's own choice, `src`, its packages, or all there is. @param ini text of pytest.ini, tox.ini and setup.cfg */
export function measured(packages: string[], project: PythonProject, ini = ""): string[] {
  const { choosesCoverage, pytestArguments } = project
  // Without a path --cov would widen what the project itself chose to measure.
  if (`${pytestArguments} ${iniArguments(ini)}`.includes("--cov")) return []
  if (choosesCoverage) return ["--cov"]
  const own = packages.filter((name) => !/^(?:tests?|testing|docs?|examples?|bench\w*|migrations|scripts)$/.test(name))
  if (own.includes("src")) return ["--cov=src"]
  return own.length === 0 ? ["--cov"] : own.map((name) => `--cov=${name}`)
}

/**
 * Whether pytest found no test at all. Its code 5 says so, but a coverage limit or a missing folder of tests makes it another.
 * https://docs.pytest.org/en/stable/reference/exit-codes.html
 */
export const foundNoTests = (code: number, said: string) =>
  code === 5 || (code !== 0 && /^collected 0 items\s*$/m.test(said))

/** The value and its indented lines. */
const iniArguments = (ini: string) =>
  [...ini.matchAll(/^addopts\s*=(.*(?:\n[ \t]+.*)*)/gm)].map(([, value]) => value).join(" ")

// Built when a project is read: this file is loaded by every call.
const schema = () => {
  const table = z.record(z.string(), z.unknown()).default({})
  const words = z.union([z.string(), z.array(z.string())]).optional()
  return z.object({
    project: z.object({ "optional-dependencies": table }).prefault({}),
    "dependency-groups": table,
    "build-system": z.object({ requires: z.array(z.string()).default([]) }).prefault({}),
    tool: z
      .object({
        black: z.unknown().optional(),
        pytest: z.object({ addopts: words, ini_options: z.object({ addopts: words }).optional() }).optional(),
        ruff: z.object({ format: z.unknown().optional() }).optional(),
        mypy: z
          .object({ files: z.unknown().optional(), packages: z.unknown().optional(), modules: z.unknown().optional() })
          .optional(),
        coverage: z
          .object({
            run: z
              .object({
                source: z.unknown().optional(),
                source_pkgs: z.unknown().optional(),
                include: z.unknown().optional(),
              })
              .optional(),
          })
          .optional(),
      })
      .prefault({}),
  })
}
