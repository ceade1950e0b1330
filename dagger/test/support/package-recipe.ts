import type { Recipe } from "../../lib/cache/recipe.js"

/** Packages of a site. */
export const recipe: Recipe = {
  kind: "frontend",
  base: `sha256:${"a".repeat(64)}`,
  platform: "linux/amd64",
  files: { "package.json": "sha256:1", "package-lock.json": "sha256:2" },
  lock: "e".repeat(64),
  lockPath: "/site/package-lock.json",
  workdir: "/site",
  commands: [["npm", "ci", "--ignore-scripts"]],
  variables: {},
  week: "",
}
