import { expect, it } from "vitest"
import { protect, protectAll } from "../../lib/doctor/protect.js"
import { GitHub } from "../../lib/providers/github/github.js"
import { BranchProtection } from "../../lib/providers/github/protection.js"
import { readSettings } from "../../lib/settings/settings.js"
import type { ProtectionSettings } from "../../lib/settings/settings-types.js"
import { gitHub } from "../../stand-ins/github.js"
import { fastClock } from "../support/fast-clock.js"

const wanted: ProtectionSettings = { checks: ["ci"], reviews: 1, dismissStale: true, admins: false }

async function repository() {
  const server = await gitHub({ token: "ghp_x" })
  server.commit("root", [], "main")
  const github = new GitHub({ repository: "owner/book", token: "ghp_x", api: server.url }, fastClock())
  return {
    server,
    main: new BranchProtection(github, "main"),
    branch: (name: string) => new BranchProtection(github, name),
    [Symbol.asyncDispose]: () => server.close(),
  }
}

/** A protection that is stricter than the settings in all that they don't name. */
const strict = {
  required_status_checks: {
    strict: true,
    contexts: [],
    checks: [{ context: "ci", app_id: 7 }, { context: "licences" }],
  },
  enforce_admins: true,
  required_pull_request_reviews: {
    dismiss_stale_reviews: false,
    require_code_owner_reviews: true,
    required_approving_review_count: 2,
    require_last_push_approval: true,
    dismissal_restrictions: { users: ["ana"], teams: ["owners"], apps: [] },
  },
  restrictions: { users: ["ana"], teams: [], apps: ["deployer"] },
  required_linear_history: true,
  allow_force_pushes: true,
  allow_deletions: false,
  block_creations: false,
  required_conversation_resolution: true,
  lock_branch: false,
  allow_fork_syncing: false,
}

it("protects an unprotected branch as the settings say, and lists what was missing", async () => {
  await using it = await repository()

  const said = await protect(it.main, wanted, false)

  expect(said).toMatchInlineSnapshot(`
    "main: protected now; before:
      ci need not succeed
      0 of 1 reviews must approve
      approvals stay when a commit is added
      its history can be overwritten
      it can be deleted"
  `)
  expect(it.server.protection("main")).toMatchObject({
    required_status_checks: { strict: false, checks: [{ context: "ci" }] },
    enforce_admins: false,
    required_pull_request_reviews: { dismiss_stale_reviews: true, required_approving_review_count: 1 },
    restrictions: null,
    allow_force_pushes: false,
    allow_deletions: false,
  })
})

it("reports every branch, also one that is protected before another one fails", async () => {
  await using it = await repository()

  await expect(
    protectAll(
      [it.main, it.branch("staging"), it.main].map((branch) => ({ branch, wanted })),
      false,
    ),
  ).rejects.toThrowErrorMatchingInlineSnapshot(`
    [PipelineError: main: protected now; before:
      ci need not succeed
      0 of 1 reviews must approve
      approvals stay when a commit is added
      its history can be overwritten
      it can be deleted
    The repository has no branch "staging".
      why: an environment of the settings deploys it, but GitHub has no such branch
      next: push it (\`git push origin HEAD:"staging"\`), or correct the environment's \`branch\` in the settings
    main: protected as the settings say]
  `)
})

it("asks of each branch what its own environment's settings say", async () => {
  await using it = await repository()
  it.server.commit("root", [], "staging")
  const { staging, production } = readSettings(
    JSON.stringify({
      project: { title: "Book", source: "https://github.com/owner/book" },
      environments: {
        staging: { branch: "staging", protection: { reviews: 0, checks: [] }, frontend: { site: "book-staging" } },
        production: { branch: "main", frontend: { site: "book" } },
      },
    }),
  ).environments

  const said = await protectAll(
    [staging, production].flatMap((place) =>
      place ? [{ branch: it.branch(place.branch), wanted: place.protection }] : [],
    ),
    false,
  )

  expect(said).toBe(`staging: protected now; before:
  its history can be overwritten
  it can be deleted
main: protected now; before:
  ci need not succeed
  0 of 1 reviews must approve
  approvals stay when a commit is added
  its history can be overwritten
  it can be deleted`)
  expect(it.server.protection("staging")).toMatchObject({ required_pull_request_reviews: null })
  expect(it.server.protection("main")).toMatchObject({
    required_pull_request_reviews: { required_approving_review_count: 1 },
  })
})

it("writes nothing when a branch is protected already, or when only the plan is asked for", async () => {
  await using it = await repository()

  expect(await protect(it.main, wanted, true)).toContain("main: would be protected; now:\n  ci need not succeed")
  expect(it.server.writes()).toEqual([])
  await protect(it.main, wanted, false)
  expect(await protect(it.main, wanted, false)).toBe("main: protected as the settings say")

  expect(it.server.writes()).toEqual(["PUT /repos/owner/book/branches/main/protection"])
})

it("raises what is weaker, and keeps all that is stricter", async () => {
  await using it = await repository()
  it.server.protect("main", strict)

  const said = await protect(it.main, wanted, false)

  expect(said).toBe(
    "main: protected now; before:\n  approvals stay when a commit is added\n  its history can be overwritten",
  )
  expect(it.server.protection("main")).toEqual({
    ...strict,
    required_status_checks: {
      ...strict.required_status_checks,
      checks: [
        { context: "ci", app_id: 7 },
        { context: "licences", app_id: -1 },
      ],
    },
    required_pull_request_reviews: { ...strict.required_pull_request_reviews, dismiss_stale_reviews: true },
    allow_force_pushes: false,
  })
})

it("counts what a ruleset does, also for a token that may not read the branch protection", async () => {
  await using it = await repository()
  it.server.withoutAdministration()
  it.server.rule("main", [
    { type: "required_status_checks", parameters: { required_status_checks: [{ context: "ci" }] } },
    { type: "pull_request", parameters: { required_approving_review_count: 1, dismiss_stale_reviews_on_push: true } },
    { type: "non_fast_forward" },
    { type: "deletion" },
  ])

  expect(await protect(it.main, wanted, false)).toBe("main: protected as the settings say")
  expect(it.server.writes()).toEqual([])
})

it("does not count a ruleset that only forbids deletion as checks for administrators", async () => {
  await using it = await repository()
  await protect(it.main, wanted, false)
  it.server.rule("main", [{ type: "deletion" }])

  expect(await protect(it.main, { ...wanted, admins: true }, true)).toBe(
    "main: would be protected; now:\n  administrators can bypass it",
  )
})

it("says which token may protect a branch", async () => {
  await using it = await repository()
  it.server.withoutAdministration()

  await expect(protect(it.main, wanted, true)).rejects.toThrowErrorMatchingInlineSnapshot(`
    [PipelineError: The protection of "main" could not be changed.
      why: GitHub lets only an administrator of the repository see and change it
      next: give --github-token the token of an administrator: classic with \`repo\`, or fine-grained with Administration: read and write. the token of a workflow can't do this; a private repository also needs a paid plan]
  `)
  expect(it.server.writes()).toEqual([])
})

it("names a missing branch", async () => {
  await using it = await repository()

  await expect(protect(it.branch("stagin"), wanted, false)).rejects.toThrowErrorMatchingInlineSnapshot(`
    [PipelineError: The repository has no branch "stagin".
      why: an environment of the settings deploys it, but GitHub has no such branch
      next: push it (\`git push origin HEAD:"stagin"\`), or correct the environment's \`branch\` in the settings]
  `)
})

it("does not report success when GitHub accepts a protection and does not apply it", async () => {
  await using it = await repository()
  it.server.fail({ on: /^PUT/, kind: "status", status: 200, body: "{}" })

  await expect(protect(it.main, wanted, false)).rejects.toThrowErrorMatchingInlineSnapshot(`
    [PipelineError: The protection of "main" was written, but GitHub did not apply all of it.
      why: GitHub accepted the request, but still: ci need not succeed; 0 of 1 reviews must approve; approvals stay when a commit is added; its history can be overwritten; it can be deleted
      next: look at Settings, Branches of the repository: the account's plan or an organisation's rule may forbid it]
  `)
})

it.each([
  [{ reviews: 0, dismissStale: true }, "ci need not succeed, its history can be overwritten, it can be deleted"],
  [
    { checks: [], admins: true, reviews: 2 },
    "0 of 2 reviews must approve, approvals stay when a commit is added, administrators can bypass it, its history can be overwritten, it can be deleted",
  ],
])("lists what %j lacks", async (more, lacking) => {
  await using it = await repository()

  const said = await protect(it.main, { ...wanted, ...more }, true)

  expect(
    said
      .split("\n")
      .slice(1)
      .map((line) => line.trim())
      .join(", "),
  ).toBe(lacking)
})
