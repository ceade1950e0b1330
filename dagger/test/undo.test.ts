import { expect, it } from "vitest"
import { Half } from "../src/deployment.js"
import { undoDeployment, undoProduct, undoRollback } from "../src/undo.js"

it("gives commands that can be typed as they are, but for the reason", () => {
  expect([
    undoDeployment(Half.Frontend, "staging", "6921", false),
    undoDeployment(Half.Backend, "production", "ghcr.io/o/b@sha256:12", true),
    undoRollback(Half.Backend, "production", "abc"),
    undoProduct("staging"),
  ]).toMatchInlineSnapshot(`
    [
      "dagger call rollback-frontend --environment=staging --to=6921 --reason="…" --netlify-token=env://NETLIFY_TOKEN --github-token=env://GITHUB_TOKEN",
      "dagger call rollback-backend --environment=production --to=ghcr.io/o/b@sha256:12 --reason="…" --hugging-face-token=env://HF_TOKEN --github-token=env://GITHUB_TOKEN --database-url=env://DATABASE_URL",
      "git switch --detach abc && dagger call deploy-backend --environment=production --over-quarantine="…" --hugging-face-token=env://HF_TOKEN --github-token=env://GITHUB_TOKEN",
      "dagger call rollback --environment=staging --reason="…" --netlify-token=env://NETLIFY_TOKEN --hugging-face-token=env://HF_TOKEN --github-token=env://GITHUB_TOKEN",
    ]
  `)
})
