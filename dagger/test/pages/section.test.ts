import { expect, it } from "vitest"
import { withSection } from "../../../.ci/pages/section.js"

it("replaces the section of the same title, and nothing else of the page", () => {
  const before = "# Performance\n\nCalls.\n\n## Load\n\nold\n\n## Deployments\n\n### Frontend\n\n3 s\n"

  expect(withSection(before, "## Load\n\nnew\n")).toBe(
    "# Performance\n\nCalls.\n\n## Load\n\nnew\n\n## Deployments\n\n### Frontend\n\n3 s\n",
  )
})

it("puts a section that the page lacks at its end", () => {
  expect(withSection("# Performance\n\nCalls.\n", "## Load\n\nnew\n")).toBe(
    "# Performance\n\nCalls.\n\n## Load\n\nnew\n",
  )
})
