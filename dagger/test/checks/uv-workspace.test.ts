import { expect, it } from "vitest"
import { uvWorkspace } from "../../lib/checks/uv-workspace.js"

const workspace = (members: unknown, exclude?: unknown) => ({ tool: { uv: { workspace: { members, exclude } } } })

it.each([
  ["services/api", ["uv.lock", "pyproject.toml"], workspace(["services/*"]), "."],
  ["services/api", ["uv.lock", "pyproject.toml"], workspace(["./services/api/"]), "."],
  ["services/api", ["uv.lock", "pyproject.toml"], workspace(["libs/*"]), undefined],
  ["services/api", ["uv.lock", "pyproject.toml"], workspace(["services/*"], ["services/api"]), undefined],
  ["services/api", ["uv.lock", "pyproject.toml"], {}, undefined],
  ["services/api", ["pyproject.toml"], workspace(["services/*"]), undefined],
  ["services/api", [], undefined, undefined],
  [".", ["uv.lock", "pyproject.toml"], workspace(["*"]), undefined],
  ["api", ["uv.lock", "pyproject.toml"], { tool: { uv: { workspace: "odd" } } }, undefined],
  ["api", ["uv.lock", "pyproject.toml"], { tool: { uv: { workspace: { members: [1, "[", "api"] } } } }, "."],
])("of %s with %j above, where the root says %j, is %s", (source, files, project, folder) => {
  expect(uvWorkspace(source, files, { "pyproject.toml": project })).toBe(folder)
})

it("is the nearest one with a lock file", () => {
  const files = ["uv.lock", "pyproject.toml", "python/uv.lock", "python/pyproject.toml", "python/apps/pyproject.toml"]
  const projects = { "pyproject.toml": workspace(["python/*"]), "python/pyproject.toml": workspace(["apps/*"]) }
  expect(uvWorkspace("python/apps/api", files, projects)).toBe("python")
})
