import { expect, it } from "vitest"
import { undoDeployment, undoProduct, undoProductRollback, undoRollback } from "../../lib/deployment/undo.js"
import { Component } from "../../src/exposed-types.js"

const secrets = { netlify: "NETLIFY_TOKEN_STAGING", huggingFace: "HF_TOKEN_STAGING", database: "DATABASE_URL_STAGING" }
const staging = { environment: "staging", secrets }
const registry = { user: "ana", token: "GITHUB_TOKEN" }
const production = { environment: "production", hasDatabase: true }

it("gives complete commands except for the reason, with the secrets of the environment", () => {
  expect([
    undoDeployment(Component.Frontend, staging, "6921"),
    undoDeployment(Component.Backend, production, "ghcr.io/o/b@sha256:12"),
    undoRollback(Component.Backend, production, "abc"),
    undoProduct({ ...staging, hasDatabase: true }),
    undoProductRollback(production, "abc"),
  ]).toMatchInlineSnapshot(`
    [
      "dagger call --github-token=env://GITHUB_TOKEN frontend rollback --environment=staging --to=6921 --reason="…" --netlify-token=env://NETLIFY_TOKEN_STAGING report",
      "dagger call --github-token=env://GITHUB_TOKEN backend rollback --environment=production --to=ghcr.io/o/b@sha256:12 --reason="…" --hugging-face-token=env://HF_TOKEN --database-url=env://DATABASE_URL report",
      "git switch --detach abc && dagger call --github-token=env://GITHUB_TOKEN backend deploy --environment=production --over-quarantine="…" --hugging-face-token=env://HF_TOKEN --database-url=env://DATABASE_URL report",
      "dagger call --github-token=env://GITHUB_TOKEN rollback --environment=staging --reason="…" --netlify-token=env://NETLIFY_TOKEN_STAGING --hugging-face-token=env://HF_TOKEN_STAGING --database-url=env://DATABASE_URL_STAGING",
      "git switch --detach abc && dagger call --github-token=env://GITHUB_TOKEN deploy --environment=production --over-quarantine="…" --netlify-token=env://NETLIFY_TOKEN --hugging-face-token=env://HF_TOKEN --database-url=env://DATABASE_URL",
    ]
  `)
})

it("calls the module by its name where it is a toolchain of the project", () => {
  const call = "dagger call delivery"

  expect([
    undoDeployment(Component.Frontend, { ...staging, call }, "6921"),
    undoProductRollback({ ...staging, call, registry, components: [Component.Frontend] }, "abc"),
  ]).toEqual([
    'dagger call delivery --github-token=env://GITHUB_TOKEN frontend rollback --environment=staging --to=6921 --reason="…" --netlify-token=env://NETLIFY_TOKEN_STAGING report',
    'git switch --detach abc && dagger call delivery --github-token=env://GITHUB_TOKEN --registry-user=ana --registry-token=env://GITHUB_TOKEN deploy --environment=staging --over-quarantine="…" --netlify-token=env://NETLIFY_TOKEN_STAGING',
  ])
})

it("names the registry's user and token where the call had them, each as one word", () => {
  const robot = { ...staging, registry: { user: "robot$acme+it's", token: "REGISTRY_TOKEN" } }

  expect([
    undoDeployment(Component.Backend, { ...production, registry }, "ghcr.io/o/b@sha256:12"),
    undoRollback(Component.Frontend, robot, "abc"),
    undoProduct({ ...production, registry: { ...registry, user: "" } }),
    undoProductRollback({ ...production, registry }, "abc"),
  ]).toMatchInlineSnapshot(`
    [
      "dagger call --github-token=env://GITHUB_TOKEN --registry-user=ana --registry-token=env://GITHUB_TOKEN backend rollback --environment=production --to=ghcr.io/o/b@sha256:12 --reason="…" --hugging-face-token=env://HF_TOKEN --database-url=env://DATABASE_URL report",
      "git switch --detach abc && dagger call --github-token=env://GITHUB_TOKEN --registry-user='robot$acme+it'\\''s' --registry-token=env://REGISTRY_TOKEN frontend deploy --environment=staging --over-quarantine="…" --netlify-token=env://NETLIFY_TOKEN_STAGING report",
      "dagger call --github-token=env://GITHUB_TOKEN --registry-token=env://GITHUB_TOKEN rollback --environment=production --reason="…" --netlify-token=env://NETLIFY_TOKEN --hugging-face-token=env://HF_TOKEN --database-url=env://DATABASE_URL",
      "git switch --detach abc && dagger call --github-token=env://GITHUB_TOKEN --registry-user=ana --registry-token=env://GITHUB_TOKEN deploy --environment=production --over-quarantine="…" --netlify-token=env://NETLIFY_TOKEN --hugging-face-token=env://HF_TOKEN --database-url=env://DATABASE_URL",
    ]
  `)
})
