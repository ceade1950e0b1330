import { filesAbove } from "./files-above.js"
import type { PythonProject } from "./python-project.js"

/** A linter as it is run over a backend. */
export interface PythonLinter {
  tool: string
  args: string[]
  /** What pip installs to get it, pinned; "" where the project brings its own. */
  install: string
  /** Whether it imports or follows what is installed; others see the sources alone. */
  needsPackages: boolean
  /** Said beside the outcome, such as that only a part of its rules was asked for; "" for nothing. */
  note: string
  /** Asks for all of its rules as JSON, to count what the above leaves out; empty where nothing is left out. */
  whole: string[]
}

/** The linters of a backend, and each tool that it configures or lists but that isn't run, with why. */
export interface PythonLinting {
  linters: PythonLinter[]
  notRun: string[]
}

/** What a backend's folder says of its linters. */
export interface LintedFolder {
  project: PythonProject
  /** Files and folders in it. */
  names: string[]
  /** Packages that somebody wrote down in the requirements files that are installed, and in others. */
  installed: string[]
  mentioned: string[]
  /** Text of setup.cfg, tox.ini, mypy.ini and .mypy.ini, one under the other. */
  ini: string
  /** Text of .pre-commit-config.yaml. */
  preCommit: string
  /** Such as `3.12`. */
  python: string
  lint: "bugs" | "all"
  /** Where folders above configure a tool, by its name: the nearest file, from the repository's root. */
  above: Record<string, string>
}

const above = ["ruff.toml", ".ruff.toml", "pyproject.toml", "mypy.ini", ".mypy.ini", "setup.cfg", ".isort.cfg"]

/** Files in which linters look for their configuration also above a component. */
export const linterFiles = [...above, ".pre-commit-config.yaml"]

/**
 * Which tools the folders above configure, among those that look there by themselves, or are told where: Ruff, Black, mypy, isort.
 * @param texts of these files, by path from the repository's root.
 */
export function configuredAbove(source: string, texts: Record<string, string>): Record<string, string> {
  const inToml = (tool: string) => new RegExp(`^\\[tool\\.${tool}[.\\]]`, "m")
  const places: Record<string, [name: RegExp, text: RegExp][]> = {
    ruff: [
      [/^\.?ruff\.toml$/, /^/],
      [/^pyproject\.toml$/, inToml("ruff")],
    ],
    black: [[/^pyproject\.toml$/, inToml("black")]],
    mypy: [
      [/^\.?mypy\.ini$/, /^/],
      [/^pyproject\.toml$/, inToml("mypy")],
      [/^setup\.cfg$/, /^\[mypy\]/m],
    ],
    isort: [
      [/^\.isort\.cfg$/, /^/],
      [/^pyproject\.toml$/, inToml("isort")],
      [/^setup\.cfg$/, /^\[isort\]/m],
    ],
  }
  const nearest = filesAbove(source, above)
    .filter((path) => Object.hasOwn(texts, path))
    .map((path) => [path.slice(path.lastIndexOf("/") + 1), path] as const)
  const found = Object.entries(places).map(([tool, kinds]) => {
    const [, path] =
      nearest.find(([name, file]) => kinds.some(([is, has]) => is.test(name) && has.test(texts[file] ?? ""))) ?? []
    return [tool, path] as const
  })
  return Object.fromEntries(found.filter((one): one is readonly [string, string] => one[1] !== undefined))
}

interface Tool {
  install: string
  /** Its files of configuration, its sections in setup.cfg and tox.ini, and its tables in pyproject.toml, where the name alone won't do. */
  files?: string[]
  sections?: string[]
  needsPackages?: boolean
  /** With the project's own configuration, or all of its rules. */
  args: string[]
  /** What it is asked for where the project has no configuration of it; the same as `args` where that asks for bugs alone. */
  bugs?: string[]
  /** What `bugs` asks for, in a few words. */
  bugsNote?: string
}

const tools: Record<string, Tool> = {
  ruff: {
    install: "ruff==0.17.6",
    files: ["ruff.toml", ".ruff.toml"],
    // A project may ask for fixes; here it would hide what is wrong.
    args: ["ruff", "check", "--no-fix", "--no-cache", "."],
    bugs: ["ruff", "check", "--isolated", "--select=E9,F", "--no-fix", "--no-cache", "."],
    bugsNote: "E9 and F",
  },
  black: {
    install: "black==26.10.1",
    args: ["black", "--check", "--quiet", "--diff", "."],
  },
  mypy: {
    install: "mypy==2.4.1",
    files: ["mypy.ini", ".mypy.ini"],
    sections: ["mypy"],
    needsPackages: true,
    args: ["mypy", "."],
    bugs: ["mypy", "--ignore-missing-imports", "."],
    bugsNote: "without packages that have no types",
  },
  flake8: {
    install: "flake8==7.3.0",
    files: [".flake8"],
    sections: ["flake8"],
    args: ["flake8", "."],
    bugs: ["flake8", "--isolated", "--select=E9,F", "."],
    bugsNote: "E9 and F",
  },
  isort: {
    install: "isort==7.0.0",
    files: [".isort.cfg"],
    sections: ["isort", "settings"],
    args: ["isort", "--check-only", "--diff", "."],
  },
  pylint: {
    install: "pylint==4.0.4",
    files: [".pylintrc", "pylintrc", ".pylintrc.toml", "pylintrc.toml"],
    sections: ["pylint", "pylint.main", "pylint.messages control"],
    needsPackages: true,
    args: ["pylint", "--recursive=y", "."],
    bugs: ["pylint", "--recursive=y", "--errors-only", "."],
    bugsNote: "errors",
  },
  bandit: {
    install: "bandit[toml]==1.9.2",
    files: [".bandit"],
    sections: ["bandit"],
    args: ["bandit", "--quiet", "--recursive", "."],
    bugs: ["bandit", "--quiet", "--recursive", "-lll", "."],
    bugsNote: "high severity",
  },
  pyright: {
    install: "pyright[nodejs]==1.1.414",
    files: ["pyrightconfig.json"],
    needsPackages: true,
    args: ["pyright"],
  },
}

/** Linters and formatters that projects name and that are not run. */
const unknownTools = [
  ...["autoflake", "autopep8", "basedpyright", "codespell", "deptry", "djlint", "docformatter", "import-linter"],
  ...["importlinter", "interrogate", "pycodestyle", "pydocstyle", "pyflakes", "pyre-check", "pyrefly", "pytype"],
  ...["pyupgrade", "sqlfluff", "ty", "vulture", "yapf", "zuban"],
]

/** Which linters are run over a backend: Ruff, and every other that the project configures or lists. */
export function pythonLinters(folder: LintedFolder): PythonLinting {
  const { project, names, preCommit, lint, python } = folder
  const hooked = (name: string) => new RegExp(`(?:^|[\\s"'/-])${name}(?:[-\\s"'=<>~[]|$)`, "m").test(preCommit)
  const own = new Set([...project.installs, ...folder.installed])
  const listed = (name: string) =>
    own.has(name) || [...project.listed, ...folder.mentioned].includes(name) || hooked(name)
  const inFolder = (name: string, { files = [], sections = [] }: Tool) =>
    project.tools.includes(name) ||
    files.some((file) => names.includes(file)) ||
    sections.some((section) => hasSection(folder.ini, section))
  const configured = (name: string, tool: Tool) => inFolder(name, tool) || Object.hasOwn(folder.above, name)
  const linters: PythonLinter[] = []
  const notRun: string[] = []
  for (const [name, tool] of Object.entries(tools)) {
    const [known, named] = [configured(name, tool), listed(name)]
    if (!known && !named && name !== "ruff") continue
    // A formatter has no bugs to find: who lists it, uses it; one that only orders imports may serve another.
    if (name === "isort" && !known && lint === "bugs") {
      notRun.push("isort: the project lists it and configures it nowhere")
      continue
    }
    const part = !known && lint === "bugs" && tool.bugs !== undefined
    const target = name === "ruff" && !known ? [`--target-version=py${python.replace(".", "")}`] : []
    linters.push({
      tool: name,
      args: [...configuredArgs(name, part ? (tool.bugs ?? tool.args) : tool.args, folder), ...target],
      install: own.has(name) ? "" : tool.install,
      needsPackages: tool.needsPackages ?? false,
      note: part ? `${name}: only ${tool.bugsNote} (no configuration)` : "",
      whole:
        part && name === "ruff"
          ? ["ruff", "check", "--isolated", "--exit-zero", "--no-cache", "--output-format=json", "."]
          : [],
    })
  }
  const formats = object(project.tool.ruff).format !== undefined || hooked("ruff-format")
  const ruff = linters.find(({ tool }) => tool === "ruff")
  if (formats && ruff && !linters.some(({ tool }) => tool === "black"))
    linters.push({ ...ruff, args: ["ruff", "format", "--check", "--diff", "--no-cache", "."], note: "", whole: [] })
  const unknown = unknownTools.filter((name) => listed(name) || project.tools.includes(name))
  return { linters, notRun: [...notRun, ...unknown.map((name) => `${name}: the pipeline doesn't know how to run it`)] }
}

/** mypy has files of its own choice only where they are configured; Bandit reads pyproject.toml only where it is named. */
function configuredArgs(name: string, args: string[], { project, ini, above: root, names }: LintedFolder): string[] {
  if (name === "mypy") {
    const ownFile = project.tools.includes("mypy") || names.some((it) => /^\.?mypy\.ini$/.test(it))
    if (root.mypy && !ownFile && !hasSection(ini, "mypy")) return [...args, `--config-file=/sources/${root.mypy}`]
    const chosen = object(project.tool.mypy)
    const inFile = /^(?:files|packages|modules)\s*=/m.test(sectionOf(ini, "mypy"))
    if (inFile || [chosen.files, chosen.packages, chosen.modules].some((it) => it !== undefined))
      return args.slice(0, -1)
  }
  if (name === "bandit" && project.tools.includes("bandit")) return [...args, "-c", "pyproject.toml"]
  return args
}

const hasSection = (ini: string, name: string) => ini.split("\n").some((line) => line.trim() === `[${name}]`)
const sectionOf = (ini: string, name: string) =>
  new RegExp(`^\\[${name}\\][^\\n]*\\n((?:(?!\\[).*\\n?)*)`, "m").exec(ini)?.[1] ?? ""
const object = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {}
