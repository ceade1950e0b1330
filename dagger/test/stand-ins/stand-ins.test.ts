import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { commit as commitToHub, createRepo, repoExists, spaceInfo, whoAmI } from "@huggingface/hub"
import { Octokit } from "@octokit/rest"
import { Ajv, type ValidateFunction } from "ajv"
import { NetlifyAPI } from "netlify"
import { describe, expect, it } from "vitest"
import { gitHub } from "../../stand-ins/github.js"
import { huggingFace } from "../../stand-ins/hugging-face.js"
import { netlify } from "../../stand-ins/netlify.js"
import { standIn } from "../../stand-ins/server.js"
import { runner } from "../support/app.js"

const require = createRequire(import.meta.url)
const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false })

/** A check of answers against the schemas that a provider publishes itself. */
function published(name: string, document: object, pointer: (schema: string) => string) {
  ajv.addSchema(document, name)
  const validators = new Map<string, ValidateFunction>()
  return (schema: string, answer: unknown) => {
    const validate = validators.get(schema) ?? ajv.compile({ $ref: `${name}#${pointer(schema)}` })
    validators.set(schema, validate)
    validate(JSON.parse(JSON.stringify(answer)))
    expect(validate.errors ?? [], schema).toEqual([])
  }
}
/** Ajv takes OpenAPI's `nullable` only beside a type, and not beside an enum; there it becomes a choice. */
function nullableByChoice<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null) return value
  if (Array.isArray(value)) return value.map(nullableByChoice) as Value
  const { nullable, ...rest } = value as Record<string, unknown>
  const inner = Object.fromEntries(Object.entries(rest).map(([key, child]) => [key, nullableByChoice(child)]))
  if (nullable !== true || ("type" in rest && !("enum" in rest)))
    return { ...inner, ...(nullable !== undefined && { nullable }) } as Value
  return { anyOf: [{ type: "null" }, inner] } as Value
}
const readJson = (path: string) => JSON.parse(readFileSync(path, "utf8")) as object

describe("the Netlify stand-in", () => {
  const swagger = join(import.meta.dirname, "../../node_modules/@netlify/open-api/dist/swagger.json")
  const fits = published("netlify", readJson(swagger), (schema) => `/definitions/${schema}`)

  it("answers Netlify's own client as Netlify's description says", async () => {
    await using api = await netlify({ sites: ["book"], token: "nfp_x" })
    const client = new NetlifyAPI("nfp_x", { scheme: "http", host: new URL(api.url).host })
    expect(() => fits("deploy", { state: 1 }), "the check itself").toThrow()
    fits("user", await client.getCurrentUser())
    const [listed] = await client.listSites({ name: "book" })
    fits("site", listed)
    const site = await client.getSite({ site_id: "book.netlify.app" })
    const sha = "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d"
    const body = { files: { "/index.html": sha }, draft: true }
    const created = await client.createSiteDeploy({ site_id: site.id ?? "", title: "one & two", body } as never)
    fits("deploy", created)
    expect(created).toMatchObject({ state: "uploading", required: [sha], title: "one & two" })

    const upload = { deploy_id: created.id ?? "", path: "index.html", body: () => Buffer.from("hello") }
    fits("file", await client.uploadDeployFile(upload as never))
    await expect(client.uploadDeployFile(upload as never)).rejects.toMatchObject({
      status: 422,
      json: { code: 422, message: "No records matched" },
    })

    const seen: (string | undefined)[] = []
    while (seen.at(-1) !== "ready") {
      const now = await client.getDeploy({ deploy_id: created.id ?? "" })
      fits("deploy", now)
      seen.push(now.state)
    }
    expect(seen).toEqual(["processing", "processed", "ready"])
    expect((await client.getSite({ site_id: site.id ?? "" })).published_deploy).toBeUndefined()
    fits("deploy", await client.restoreSiteDeploy({ site_id: site.id ?? "", deploy_id: created.id ?? "" }))
    expect((await client.getSite({ site_id: site.id ?? "" })).published_deploy?.id).toBe(created.id)
    for (const file of await client.listSiteFiles({ site_id: site.id ?? "" })) fits("file", file)
    fits("deploy", await client.lockDeploy({ deploy_id: created.id ?? "" }))
    for (const deploy of await client.listSiteDeploys({ site_id: site.id ?? "" })) fits("deploy", deploy)
    fits("deploy", await client.unlockDeploy({ deploy_id: created.id ?? "" }))
    await expect(client.getSite({ site_id: "other" })).rejects.toMatchObject({ status: 404 })
  })

  it("publishes an ordinary deploy by itself, unless the site is locked", async () => {
    await using api = await netlify({ sites: ["book"] })
    const client = new NetlifyAPI("any", { scheme: "http", host: new URL(api.url).host })
    const deployed = async () => {
      const { id = "" } = await client.createSiteDeploy({ site_id: "book", body: { files: {} } } as never)
      while ((await client.getDeploy({ deploy_id: id })).state !== "ready");
      return id
    }
    const first = await deployed()
    expect(api.published("book")).toBe(first)
    api.lock("book")
    await deployed()
    expect(api.published("book")).toBe(first)
  })

  it("allows three deploys a minute when told to", async () => {
    await using api = await netlify({ sites: ["book"], createsPerMinute: 3 })
    const create = () => fetch(`${api.url}/api/v1/sites/book/deploys`, { method: "POST", body: "{}" })
    for (let n = 0; n < 3; n++) expect((await create()).status).toBe(200)
    const refused = await create()
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get("x-ratelimit-reset"))).toBeGreaterThan(Date.now() / 1000)
  })
})

describe("the Netlify stand-in's deploys", () => {
  it("are removed for good, address and all, unless one of them is published", async () => {
    await using api = await netlify({ sites: ["book"] })
    const client = new NetlifyAPI("nfp_x", { scheme: "http", host: new URL(api.url).host })
    const make = async (draft: boolean) => {
      const body = { files: { "/index.html": "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d" }, draft }
      const { id = "" } = await client.createSiteDeploy({ site_id: "book", body } as never)
      await client
        .uploadDeployFile({ deploy_id: id, path: "index.html", body: () => Buffer.from("hello") } as never)
        .catch(() => {})
      while ((await client.getDeploy({ deploy_id: id })).state !== "ready");
      return id
    }
    const [live, draft] = [await make(false), await make(true)]
    const address = api.deploys("book").find(({ id }) => id === draft)?.url ?? ""
    expect((await fetch(address)).status).toBe(200)

    await client.deleteDeploy({ deploy_id: draft })

    expect((await fetch(address)).status).toBe(404)
    await expect(client.getDeploy({ deploy_id: draft })).rejects.toMatchObject({ status: 404 })
    await expect(client.deleteDeploy({ deploy_id: draft })).rejects.toMatchObject({ status: 404 })
    await expect(client.deleteDeploy({ deploy_id: live })).rejects.toMatchObject({ status: 422 })
    expect(api.published("book")).toBe(live)

    await api.close()

    await expect(fetch(address), "a server that still listens keeps its process alive").rejects.toThrow("fetch failed")
  })
})

describe("the Hugging Face stand-in", () => {
  it("answers the Hub's own client", async () => {
    await using hub = await huggingFace({ spaces: ["owner/book"], run: runner() })
    const access = { hubUrl: hub.url, accessToken: "hf_secret" }
    const repo = { type: "space", name: "owner/book" } as const

    expect(await whoAmI(access)).toMatchObject({
      type: "user",
      name: "stand-in",
      auth: { accessToken: { role: "write" } },
    })
    expect(await repoExists({ repo, ...access })).toBe(true)
    expect(await repoExists({ repo: { type: "space", name: "owner/none" }, ...access })).toBe(false)
    const made = await commitToHub({
      repo,
      title: "by the client",
      operations: [
        { operation: "addOrUpdate", path: "README.md", content: new Blob(["---\nsdk: docker\n---\n"]) },
        { operation: "addOrUpdate", path: "Dockerfile", content: new Blob(["FROM scratch\n"]) },
      ],
      ...access,
    })
    expect(made?.commit.oid).toBe(hub.commits("owner/book")[0]?.oid)
    expect(hub.dockerfile("owner/book")).toBe("FROM scratch\n")
    expect(
      await spaceInfo({ name: "owner/book", additionalFields: ["sha", "runtime", "subdomain"], ...access }),
    ).toMatchObject({
      name: "owner/book",
      sdk: "docker",
      sha: made?.commit.oid,
      subdomain: "owner-book",
    })
    await expect(
      commitToHub({ repo, title: "late", parentCommit: "0".repeat(40), operations: [], ...access }),
    ).rejects.toMatchObject({ statusCode: 412 })
    await expect(createRepo({ repo, sdk: "docker", ...access })).rejects.toMatchObject({ statusCode: 409 })
    await expect(whoAmI({ ...access, accessToken: "hf_" })).resolves.toBeDefined()
  })

  it("walks through the stages, tells the old one for a while, and serves the old container meanwhile", async () => {
    await using hub = await huggingFace({ spaces: ["owner/book"], run: runner(), stalePolls: 2, pollsPerStage: 2 })
    const ask = async (method: string, path: string, body?: string) =>
      (
        await fetch(hub.url + path, { method, headers: { authorization: "Bearer hf_x" }, ...(body && { body }) })
      ).json() as Promise<Record<string, string>>
    const push = (letter: string) => {
      const lines = [
        { key: "header", value: { summary: letter } },
        {
          key: "file",
          value: {
            path: "Dockerfile",
            content: `FROM x@sha256:${"a".repeat(64)}\nENV LETTER=${letter}\n`,
            encoding: "utf-8",
          },
        },
      ]
      return ask("POST", "/api/spaces/owner/book/commit/main", lines.map((line) => JSON.stringify(line)).join("\n"))
    }
    const stages = async () => {
      const seen: string[] = []
      while (seen.filter((stage) => stage === "RUNNING").length < 3 && seen.length < 30)
        seen.push((await ask("GET", "/api/spaces/owner/book/runtime")).stage ?? "")
      return seen
    }
    await push("a")
    await hub.settled("owner/book")
    expect(await stages()).toEqual([
      "NO_APP_FILE",
      "NO_APP_FILE",
      "BUILDING",
      "BUILDING",
      "APP_STARTING",
      "APP_STARTING",
      "RUNNING",
      "RUNNING",
      "RUNNING",
    ])
    await push("b")
    await hub.settled("owner/book")
    expect((await stages()).slice(0, 6)).toEqual([
      "RUNNING",
      "RUNNING",
      "RUNNING_BUILDING",
      "RUNNING_BUILDING",
      "RUNNING_APP_STARTING",
      "RUNNING_APP_STARTING",
    ])
  })
})

describe("the GitHub stand-in", () => {
  const fits = published(
    "github",
    require("@octokit/openapi/generated/api.github.com.json"),
    (schema) => `/components/schemas/${schema}`,
  )

  it("answers GitHub's own client as GitHub's description says", async () => {
    await using server = await gitHub({ token: "ghp_x" })
    const log = { debug: () => {}, info: () => {}, warn: console.warn, error: () => {} }
    const octokit = new Octokit({ auth: "ghp_x", baseUrl: server.url, log })
    const root = server.commit("root", [], "main")
    const side = server.commit("side", [root], "staging")
    const on = { owner: "owner", repo: "book" }

    expect(() => fits("deployment", { id: "one" }), "the check itself").toThrow()
    const tree = await octokit.rest.git.createTree({
      ...on,
      tree: [{ path: "x", mode: "100644", type: "blob", content: "y" }],
    })
    fits("git-tree", tree.data)
    const made = await octokit.rest.git.createCommit({ ...on, message: "{}", tree: tree.data.sha, parents: [root] })
    fits("git-commit", made.data)
    fits("git-ref", (await octokit.rest.git.createRef({ ...on, ref: "refs/pipeline-locks/staging", sha: root })).data)
    fits(
      "git-ref",
      (await octokit.rest.git.updateRef({ ...on, ref: "pipeline-locks/staging", sha: made.data.sha })).data,
    )
    fits("git-ref", (await octokit.rest.git.getRef({ ...on, ref: "pipeline-locks/staging" })).data)
    fits("git-commit", (await octokit.rest.git.getCommit({ ...on, commit_sha: made.data.sha })).data)
    await expect(octokit.rest.git.updateRef({ ...on, ref: "pipeline-locks/staging", sha: side })).rejects.toMatchObject(
      { status: 422 },
    )

    const deployment = await octokit.rest.repos.createDeployment({
      ...on,
      ref: "main",
      required_contexts: [],
      environment: "staging",
      payload: { a: 1 },
    })
    expect(deployment.status).toBe(201)
    fits("deployment", deployment.data)
    const id = (deployment.data as { id: number }).id
    const status = await octokit.rest.repos.createDeploymentStatus({
      ...on,
      deployment_id: id,
      state: "success",
      description: "done",
    })
    fits("deployment-status", status.data)
    for (const each of (await octokit.rest.repos.listDeployments({ ...on, environment: "staging" })).data)
      fits("deployment", each)
    for (const each of (await octokit.rest.repos.listDeploymentStatuses({ ...on, deployment_id: id })).data)
      fits("deployment-status", each)
    await expect(octokit.rest.repos.createDeployment({ ...on, ref: "main" })).rejects.toMatchObject({ status: 409 })

    await expect(octokit.rest.repos.getBranchProtection({ ...on, branch: "main" })).rejects.toMatchObject({
      status: 404,
    })
    const protection = {
      ...on,
      branch: "main",
      required_status_checks: {
        strict: true,
        contexts: [],
        checks: [{ context: "ci", app_id: 7 }, { context: "lint" }],
      },
      enforce_admins: true,
      required_pull_request_reviews: {
        required_approving_review_count: 1,
        dismissal_restrictions: { users: ["ana"], teams: [], apps: [] },
      },
      restrictions: null,
    }
    fits("protected-branch", (await octokit.rest.repos.updateBranchProtection(protection)).data)
    const { data } = await octokit.rest.repos.getBranchProtection({ ...on, branch: "main" })
    fits("branch-protection", data)
    expect(data.required_status_checks?.checks).toEqual([
      { context: "ci", app_id: 7 },
      { context: "lint", app_id: null },
    ])
    server.environment("production", ["required_reviewers"])
    server.secret("production", "HF_TOKEN", "2026-01-01T00:00:00Z")
    for (const each of (await octokit.rest.repos.getAllEnvironments(on)).data.environments ?? [])
      fits("environment", each)
    for (const each of (await octokit.rest.actions.listEnvironmentSecrets({ ...on, environment_name: "production" }))
      .data.secrets)
      fits("actions-secret", each)
    server.secret("organization", "SLACK_WEBHOOK_URL", "2026-01-01T00:00:00Z")
    for (const each of (await octokit.rest.actions.listRepoOrganizationSecrets(on)).data.secrets)
      fits("actions-secret", each)
    server.rule("main", [{ type: "deletion" }, { type: "non_fast_forward" }])
    for (const rule of (await octokit.rest.repos.getBranchRules({ ...on, branch: "main" })).data)
      fits("repository-rule-detailed", rule)
    await expect(
      octokit.rest.repos.createDeploymentStatus({
        ...on,
        deployment_id: id,
        state: "success",
        description: "x".repeat(141),
      }),
    ).rejects.toMatchObject({ status: 422 })

    fits(
      "status",
      (await octokit.rest.repos.createCommitStatus({ ...on, sha: root, state: "pending", context: "ci" })).data,
    )
    const compared = await octokit.rest.repos.compareCommitsWithBasehead({ ...on, basehead: `${root}...${side}` })
    expect(compared.data).toMatchObject({ status: "ahead", ahead_by: 1, behind_by: 0 })
    await expect(octokit.rest.repos.merge({ ...on, base: "main", head: "staging" })).rejects.toMatchObject({
      status: 409,
      message: expect.stringMatching(/^At least 1 approving review is required/),
    })
    expect((await octokit.rest.repos.getBranch({ ...on, branch: "main" })).data).toMatchObject({
      protected: true,
      protection: { required_status_checks: { enforcement_level: "everyone", contexts: ["ci", "lint"] } },
    })
    const { data: pull } = await octokit.rest.pulls.create({ ...on, title: "side", head: "staging", base: "main" })
    expect(pull).toMatchObject({ number: 1, html_url: "https://github.com/owner/book/pull/1", head: { sha: side } })
    await expect(
      octokit.rest.pulls.create({ ...on, title: "side", head: "staging", base: "main" }),
    ).rejects.toMatchObject({ status: 422, message: expect.stringContaining("A pull request already exists") })
    expect((await octokit.rest.pulls.list({ ...on, head: "owner:staging", base: "main" })).data).toHaveLength(1)
    server.protect("main", { ...protection, enforce_admins: false })
    expect((await octokit.rest.repos.merge({ ...on, base: "main", head: "staging" })).status).toBe(201)
    expect((await octokit.rest.repos.merge({ ...on, base: "main", head: "staging" })).status).toBe(204)
    server.conflictNext()
    await expect(octokit.rest.repos.merge({ ...on, base: "main", head: side })).rejects.toMatchObject({ status: 409 })
  })
})

describe("the GitHub stand-in's issues", () => {
  const fits = published(
    "github-issues",
    nullableByChoice(require("@octokit/openapi/generated/api.github.com.json")),
    (schema) => `/components/schemas/${schema}`,
  )
  const on = { owner: "owner", repo: "book" }
  const log = { debug: () => {}, info: () => {}, warn: console.warn, error: () => {} }

  it("are opened, labelled, commented on, listed and closed as GitHub's description says", async () => {
    await using server = await gitHub({ token: "ghp_x" })
    const { rest } = new Octokit({ auth: "ghp_x", baseUrl: server.url, log })
    const label = { ...on, name: "incident", color: "b60205" }

    expect(() => fits("issue", { id: "one" }), "the check itself").toThrow()
    fits("label", (await rest.issues.createLabel(label)).data)
    await expect(rest.issues.createLabel(label)).rejects.toMatchObject({ status: 422 })
    const { data: issue } = await rest.issues.create({ ...on, title: "one", body: "x", labels: ["incident", "other"] })
    fits("issue", issue)
    expect(issue.labels).toHaveLength(1)
    const number = { ...on, issue_number: issue.number }
    fits("issue-comment", (await rest.issues.createComment({ ...number, body: "again" })).data)
    await rest.issues.create({ ...on, title: "two" })
    const { data: listed } = await rest.issues.listForRepo({ ...on, labels: "incident" })
    for (const each of listed) fits("issue", each)
    expect(listed.map(({ number }) => number)).toEqual([1])
    fits("issue", (await rest.issues.update({ ...number, state: "closed", state_reason: "completed" })).data)
    expect((await rest.issues.listForRepo({ ...on, labels: "incident" })).data).toEqual([])
    await expect(rest.issues.create({ ...on, title: "" })).rejects.toMatchObject({ status: 422 })
    await expect(rest.issues.createComment({ ...number, issue_number: 9, body: "x" })).rejects.toMatchObject({
      status: 404,
    })
    server.disableIssues()
    await expect(rest.issues.create({ ...on, title: "three" })).rejects.toMatchObject({ status: 410 })
  })

  it("share numbers and comments with pull requests, whose comments come in pages and are edited as GitHub's description says", async () => {
    await using server = await gitHub({ token: "ghp_x", pageSize: 2 })
    const { rest, paginate } = new Octokit({ auth: "ghp_x", baseUrl: server.url, log })
    const root = server.commit("root", [], "main")
    server.commit("change", [root], "change")
    const pull = server.openPullRequest("change", "main")
    const { data: issue } = await rest.issues.create({ ...on, title: "one" })
    expect([pull, issue.number]).toEqual([1, 2])

    const on1 = { ...on, issue_number: pull }
    for (const body of ["a", "b", "c", "d", "e"])
      fits("issue-comment", (await rest.issues.createComment({ ...on1, body })).data)
    const listed = await paginate(rest.issues.listComments, on1)
    for (const each of listed) fits("issue-comment", each)
    expect(listed.map(({ body }) => body)).toEqual(["a", "b", "c", "d", "e"])
    expect((await rest.issues.listComments({ ...on, issue_number: issue.number })).data).toEqual([])

    const edited = { ...on, comment_id: listed[4]?.id ?? 0, body: "f" }
    fits("issue-comment", (await rest.issues.updateComment(edited)).data)
    expect(server.comments(pull).map(({ body }) => body)).toEqual(["a", "b", "c", "d", "f"])
    server.removeComment(edited.comment_id)
    await expect(rest.issues.updateComment(edited)).rejects.toMatchObject({ status: 404 })

    expect((await rest.pulls.get({ ...on, pull_number: pull })).data.state).toBe("open")
    server.closePullRequest(pull)
    expect((await rest.pulls.get({ ...on, pull_number: pull })).data.state).toBe("closed")
    expect((await rest.pulls.list(on)).data).toEqual([])
    await expect(rest.pulls.get({ ...on, pull_number: 9 })).rejects.toMatchObject({ status: 404 })
    server.readOnly()
    await expect(rest.issues.createComment({ ...on1, body: "g" })).rejects.toMatchObject({ status: 403 })
  })

  it("belong to commits that tell who wrote them, and to statuses of four states", async () => {
    await using server = await gitHub({ token: "ghp_x" })
    const { rest } = new Octokit({ auth: "ghp_x", baseUrl: server.url, log })
    const sha = server.commit("root", [], "main")
    const { data } = await rest.repos.getCommit({ ...on, ref: sha })
    fits("commit", data)
    expect(data.commit.message).toBe("root")
    const status = { ...on, sha, context: "ci" }
    await rest.repos.createCommitStatus({ ...status, state: "failure", target_url: "https://runs.example/7" })
    await expect(rest.repos.createCommitStatus({ ...status, state: "done" as never })).rejects.toMatchObject({
      status: 422,
    })
    await expect(
      rest.repos.createCommitStatus({ ...status, sha: "f".repeat(40), state: "error" }),
    ).rejects.toMatchObject({ status: 422 })
  })
})

describe("any stand-in", () => {
  it("spoils the requests that it is told to spoil, and logs all of them", async () => {
    let count = 0
    await using server = await standIn(() => ({ json: { count: ++count } }))
    server.fail({ on: /GET \/x/, kind: "status", status: 418, after: 1 })
    server.fail({ on: /GET \/stale/, kind: "stale", after: 1 })
    server.fail({ on: /POST/, kind: "lost reply" })
    const ask = async (path: string, method = "GET") => (await fetch(server.url + path, { method })).status
    expect([await ask("/x"), await ask("/x"), await ask("/x")]).toEqual([200, 418, 200])
    await expect(ask("/write", "POST")).rejects.toThrow()
    expect(count).toBe(3)
    const read = async () => (await fetch(`${server.url}/stale`)).json()
    expect([await read(), await read(), await read()]).toEqual([{ count: 4 }, { count: 4 }, { count: 5 }])
    expect(server.writes()).toEqual(["POST /write"])
    expect(server.log.map(({ status }) => status)).toEqual([200, 418, 200, 0, 200, 200, 200])
  })
})
