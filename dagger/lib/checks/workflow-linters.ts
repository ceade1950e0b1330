/** A linter of workflows and Dockerfiles, as it is run over a project. */
export interface WorkflowLinter {
  tool: "actionlint" | "zizmor" | "hadolint"
  args: string[]
  /** Said beside the outcome: that it is asked for a part of what it finds; "" for all. */
  note: string
  /** Asks for all as JSON; empty where nothing is left out. */
  whole: string[]
}

/** Where each of them looks for the configuration of a project, from the repository's root on, and hadolint from the Dockerfile's folder on. */
export const lintFiles = [
  ...[".github/**", "**/action.yml", "**/action.yaml", "zizmor.yml", "zizmor.yaml"],
  ...[".shellcheckrc", "shellcheckrc", ".hadolint.yaml", ".hadolint.yml"],
]

const configurations = {
  actionlint: /^(?:\.github\/actionlint\.ya?ml|\.?shellcheckrc)$/,
  zizmor: /^(?:\.github\/)?zizmor\.ya?ml$/,
  hadolint: /^\.hadolint\.ya?ml$/,
}

/**
 * The linters that there is something for. One that the project has no configuration of is asked for what is always a bug, unless `lint`
 * is `all`: nobody has agreed to its advice yet.
 * @param files of the repository. @param beside files in the Dockerfile's folder. @param dockerfile its path, "" for none.
 */
export function workflowLinters(
  files: string[],
  beside: string[],
  dockerfile: string,
  lint: "bugs" | "all",
): WorkflowLinter[] {
  const part = (tool: WorkflowLinter["tool"], names: string[]) =>
    lint === "bugs" && !names.some((name) => configurations[tool].test(name))
  const linter = (
    tool: WorkflowLinter["tool"],
    args: string[],
    json: string[],
    bugs: string[],
    what: string,
    names = files,
  ) =>
    part(tool, names)
      ? {
          tool,
          args: [tool, ...bugs, ...args],
          note: `${tool}: only ${what} (no configuration)`,
          whole: [tool, ...json, ...args],
        }
      : { tool, args: [tool, ...args], note: "", whole: [] }
  const workflows = files.some((name) => /^\.github\/workflows\/[^/]*\.ya?ml$/.test(name))
  const actions = files.some((name) => /(?:^|\/)action\.ya?ml$/.test(name))
  return [
    ...(workflows
      ? [
          linter(
            "actionlint",
            ["-no-color", "-ignore", newerThanActionlint],
            ["-format", "{{json .}}"],
            ["-ignore", adviceOfShellcheck],
            "errors, without shellcheck's advice",
          ),
        ]
      : []),
    ...(workflows || actions
      ? [
          linter(
            "zizmor",
            ["--offline", "--quiet", "--no-progress", "."],
            ["--format=json", "--no-exit-codes"],
            ["--min-severity=high"],
            "high severity",
          ),
        ]
      : []),
    ...(dockerfile
      ? [
          linter(
            "hadolint",
            ["--no-color", dockerfile],
            ["--no-fail", "--format=json"],
            ["--failure-threshold=error"],
            "errors",
            [...beside, ...files],
          ),
        ]
      : []),
  ]
}

/** `queue` is of May 2026, and actionlint 1.7.12 does not know it yet. */
const newerThanActionlint = 'unexpected key "queue" for "concurrency" section'

/** What it says of a script below its errors. */
const adviceOfShellcheck = "shellcheck reported issue in this script: SC[0-9]+:(info|style|warning):"

/** How many findings of a whole report, as JSON, a linter that is asked for bugs alone leaves out; 0 for what is no report. */
export function leftOut(tool: string, report: string): number {
  try {
    const read: unknown = JSON.parse(report)
    return Array.isArray(read) ? read.filter((finding) => !isBug(tool, finding as Finding | null)).length : 0
  } catch {
    return 0
  }
}

interface Finding {
  /** Ruff's and hadolint's. */
  code?: string | null
  level?: string
  /** actionlint's. */
  message?: string
  /** zizmor's. */
  determinations?: { severity?: string }
}

function isBug(tool: string, finding: Finding | null): boolean {
  switch (tool) {
    case "ruff":
      // A mistake of the language itself has no code, or a word for one.
      return !/^(?!E9|F\d)[A-Z]+\d/.test(finding?.code ?? "")
    case "hadolint":
      return finding?.level === "error"
    case "zizmor":
      return finding?.determinations?.severity === "High"
    default:
      return !new RegExp(adviceOfShellcheck).test(finding?.message ?? "")
  }
}
