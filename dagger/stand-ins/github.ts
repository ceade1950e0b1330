import { createHash } from "node:crypto"
import { type CommentSeen, type IssueSeen, issueRoutes } from "./github-issues.js"
import { type PullRequestSeen, pullRoutes } from "./github-pulls.js"
import { type Asked, type Fault, paged, routes, type StandIn, standIn, type Told } from "./server.js"

interface Commit {
  sha: string
  tree: string
  message: string
  parents: string[]
  /** ISO 8601, whole seconds, as all its times. */
  date: string
  /** Paths that it changed. */
  files: string[]
}

interface Check {
  context: string
  app_id?: number
}

interface Deployment {
  id: number
  sha: string
  ref: string
  task: string
  environment: string
  payload: unknown
  description: string
  production: boolean
  createdAt: string
  statuses: {
    id: number
    state: string
    description: string
    logUrl: string
    environmentUrl: string
    createdAt: string
  }[]
}

/** A rule of a ruleset that is in force for a branch. */
export interface Rule {
  type: string
  parameters?: object
}

export interface GitHubStandIn extends StandIn {
  /** Protects a branch, with a body as `PUT …/protection` takes it. */
  protect(branch: string, body: Record<string, unknown>): void
  /** What protects a branch, as it was last written. */
  protection(branch: string): Record<string, unknown> | undefined
  /** Lets a ruleset hold for a branch, for everybody or for all but the token. */
  rule(branch: string, rules: Rule[], isBypassed?: boolean): void
  /** Oldest first. */
  pullRequests(): PullRequestSeen[]
  /** Opens a pull request of one branch into another; returns its number. */
  openPullRequest(head: string, into: string): number
  closePullRequest(number: number): void
  /** Comments of a pull request, oldest first. */
  comments(pull: number): CommentSeen[]
  /** Adds a comment of somebody else, or removes one. */
  addComment(pull: number, body: string, by: CommentSeen["by"]): void
  removeComment(id: number): void
  /** Opens no pull requests from now on, as for a workflow in a repository whose settings do not allow it. */
  withoutPullRequests(): void
  /** Answers from now on as to a token that may only read. */
  readOnly(): void
  /** Answers from now on as to a token without administration. */
  withoutAdministration(): void
  /** Answers from now on as to a workflow's own token. */
  withoutSecrets(): void
  /** Tells the end of the token, such as `2026-12-01 10:00:00 UTC`. */
  tokenEnds(at: string): void
  /** Makes an environment with rules such as `required_reviewers`. */
  environment(name: string, rules: string[]): void
  /** Stores a secret, for an environment or, with "", for all workflows. */
  secret(environment: string, name: string, updatedAt: string): void
  /** Adds a commit that changed `files` and returns its SHA; on `branch` when given, under a SHA of one's own when given. */
  commit(message: string, parents: string[], branch?: string, sha?: string, files?: string[]): string
  /** SHA that a ref such as `refs/heads/main` names. */
  ref(name: string): string | undefined
  deployments(): {
    id: number
    sha: string
    task: string
    environment: string
    states: string[]
    /** Of its newest status; "" for none. */
    logUrl: string
    environmentUrl: string
  }[]
  /** Lets the next merge end in a conflict. */
  conflictNext(): void
  /** Newest first. */
  commitStatuses(sha: string): { state: string; context: string; description: string; target_url: string | null }[]
  /** Oldest first. */
  issues(): IssueSeen[]
  disableIssues(): void
  /** Gives the repository another name; the old one leads there. */
  rename(to: string): void
  /** Answers from now on as for a private repository whose owner pays nothing: no protection of branches. */
  onFreePlan(): void
  /** Answers requests as to somebody whose limit is used up, in one of the ways in which GitHub says so. */
  limit(kind: LimitKind, fault: Omit<Fault, "kind" | "status" | "headers" | "body">): void
}

/**
 * How GitHub says that a limit is used up: 403 with the hour's count at zero, 403 or 429 with the seconds to wait, or 403 with nothing
 * but a sentence. https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
 */
export type LimitKind = "primary" | "with retry-after" | "429 with retry-after" | "secondary without a header"

/** Behaves like GitHub for one repository: refs, commits, comparison, merges, deployments with statuses, commit statuses, issues. */
export async function gitHub({
  repository = "owner/book",
  token = "",
  address = "127.0.0.1",
  now = () => new Date(),
  /** Items that one page of a list holds at most. */
  pageSize = 100,
} = {}): Promise<GitHubStandIn> {
  const commits = new Map<string, Commit>()
  const refs = new Map<string, string>()
  const trees = new Map<string, unknown>()
  const deployments: Deployment[] = []
  const commitStatuses = new Map<string, Record<string, unknown>[]>()
  const protections = new Map<string, Record<string, unknown>>()
  const rules = new Map<string, Rule[]>()
  const bypassed = new Set<string>()
  let mayAdminister = true
  let mayPush = true
  let mayPropose = true
  let mayListSecrets = true
  let expires = ""
  const environments = new Map<string, string[]>()
  const secrets = new Map<string, { name: string; updated_at: string }[]>()
  let lastId = 1000
  let conflict = false
  let hasIssues = true

  const base = `/repos/${repository}`
  const byNumber = "/repositories/1"
  /** Its name now; the first one leads to its number. */
  let name = repository
  let isFree = false
  const [owner = ""] = repository.split("/")
  const stamp = () =>
    now()
      .toISOString()
      .replace(/\.\d+Z$/, "Z")
  const url = (path: string) => `${server.url}${base}${path}`

  function add(message: string, parents: string[], tree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"): string {
    const sha = createHash("sha1")
      .update(JSON.stringify([message, parents, tree]))
      .digest("hex")
    commits.set(sha, { sha, tree, message, parents, date: stamp(), files: [] })
    return sha
  }

  function ancestors(sha: string): Set<string> {
    const seen = new Set<string>()
    const left = [sha]
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      if (seen.has(next)) continue
      seen.add(next)
      left.push(...(commits.get(next)?.parents ?? []))
    }
    return seen
  }

  const resolve = (name: string) => (commits.has(name) ? name : refs.get(`refs/heads/${name}`))
  const refJson = (name: string, sha: string) => ({
    ref: name,
    node_id: "R_1",
    url: url(`/git/${name}`),
    object: { type: "commit", sha, url: url(`/git/commits/${sha}`) },
  })
  const person = { name: owner, email: `${owner}@example.com` }
  const commitJson = ({ sha, tree, message, parents, date }: Commit) => ({
    sha,
    node_id: "C_1",
    url: url(`/git/commits/${sha}`),
    html_url: `https://github.com/${repository}/commit/${sha}`,
    author: { ...person, date },
    committer: { ...person, date },
    tree: { sha: tree, url: url(`/git/trees/${tree}`) },
    message,
    parents: parents.map((parent) => ({
      sha: parent,
      url: url(`/git/commits/${parent}`),
      html_url: `https://github.com/${repository}/commit/${parent}`,
    })),
    verification: { verified: false, reason: "unsigned", signature: null, payload: null, verified_at: null },
  })
  const deploymentJson = (it: Deployment) => ({
    url: url(`/deployments/${it.id}`),
    id: it.id,
    node_id: "D_1",
    sha: it.sha,
    ref: it.ref,
    task: it.task,
    payload: it.payload,
    original_environment: it.environment,
    environment: it.environment,
    description: it.description,
    creator: user(owner),
    created_at: it.createdAt,
    updated_at: it.createdAt,
    statuses_url: url(`/deployments/${it.id}/statuses`),
    repository_url: url(""),
    transient_environment: false,
    production_environment: it.production,
  })
  const statusJson = (it: Deployment, status: Deployment["statuses"][number]) => ({
    url: url(`/deployments/${it.id}/statuses/${status.id}`),
    id: status.id,
    node_id: "S_1",
    state: status.state,
    creator: user(owner),
    description: status.description,
    environment: it.environment,
    target_url: status.logUrl,
    created_at: status.createdAt,
    updated_at: status.createdAt,
    deployment_url: url(`/deployments/${it.id}`),
    repository_url: url(""),
    environment_url: status.environmentUrl,
    log_url: status.logUrl,
  })

  const refused = (status: number, message: string, errors: object[] = []): Told => ({
    status,
    json: {
      message,
      documentation_url: "https://docs.github.com/rest",
      status: String(status),
      ...(errors.length > 0 && { errors }),
    },
  })
  const invalid = (message: string) => refused(422, message)
  const upgrade = () => refused(403, "Upgrade to GitHub Pro or make this repository public to enable this feature.")
  /** One page of a list. GitHub's links name the repository by its number; those of lists with a count wrap them. */
  function listed(path: string, query: URLSearchParams, all: object[], key = ""): Told {
    const { items, headers } = paged(server.url + path.replace(base, byNumber), query, all, { most: pageSize })
    return { headers, json: key ? { total_count: all.length, [key]: items } : items }
  }
  const bodyOf = ({ body }: Asked) => JSON.parse(body.toString() || "{}") as Record<string, unknown>
  const text = (value: unknown) => (typeof value === "string" ? value : "")

  const on = (enabled: unknown) => ({ enabled: enabled === true })
  const slugs = (names: unknown) => ((names ?? []) as string[]).map((slug) => ({ slug }))
  const people = (of: unknown, at: string) => {
    const { users, teams, apps } = of as Record<string, unknown>
    return {
      url: at,
      users_url: `${at}/users`,
      teams_url: `${at}/teams`,
      apps_url: `${at}/apps`,
      users: ((users ?? []) as string[]).map(user),
      teams: slugs(teams),
      apps: slugs(apps),
    }
  }
  /** It is written in one shape and read in another. */
  const protectionJson = (branch: string, body: Record<string, unknown>) => {
    const at = url(`/branches/${branch}/protection`)
    const checks = body.required_status_checks as { strict: boolean; contexts: string[]; checks?: Check[] } | null
    const reviews = body.required_pull_request_reviews as Record<string, unknown> | null
    const all = checks?.checks ?? checks?.contexts.map((context): Check => ({ context })) ?? []
    return {
      url: at,
      ...(checks && {
        required_status_checks: {
          url: `${at}/required_status_checks`,
          strict: checks.strict,
          contexts: all.map(({ context }) => context),
          contexts_url: `${at}/required_status_checks/contexts`,
          checks: all.map(({ context, app_id = -1 }) => ({ context, app_id: app_id === -1 ? null : app_id })),
        },
      }),
      ...(reviews && {
        required_pull_request_reviews: {
          url: `${at}/required_pull_request_reviews`,
          dismiss_stale_reviews: reviews.dismiss_stale_reviews === true,
          require_code_owner_reviews: reviews.require_code_owner_reviews === true,
          required_approving_review_count: reviews.required_approving_review_count ?? 0,
          require_last_push_approval: reviews.require_last_push_approval === true,
          ...(reviews.dismissal_restrictions !== undefined && {
            dismissal_restrictions: people(reviews.dismissal_restrictions, `${at}/dismissal_restrictions`),
          }),
        },
      }),
      ...(body.restrictions !== null && { restrictions: people(body.restrictions, `${at}/restrictions`) }),
      enforce_admins: { url: `${at}/enforce_admins`, ...on(body.enforce_admins) },
      required_signatures: { url: `${at}/required_signatures`, enabled: false },
      ...Object.fromEntries(
        [
          "required_linear_history",
          "allow_force_pushes",
          "allow_deletions",
          "block_creations",
          "required_conversation_resolution",
          "lock_branch",
          "allow_fork_syncing",
        ].map((name) => [name, on(body[name])]),
      ),
    }
  }

  const secretsOf = ({ path, query }: Asked, place: string): Told =>
    mayListSecrets
      ? listed(
          path,
          query,
          (secrets.get(place) ?? []).map((it) => ({ ...it, created_at: it.updated_at })),
          "secrets",
        )
      : refused(403, "Resource not accessible by integration")

  const issues = issueRoutes(
    {
      ...{ base, url, stamp, refused, body: bodyOf },
      page: (path) => `https://github.com/${repository}${path}`,
      owner: () => user(owner),
      nextId: () => ++lastId,
      nextNumber: () => nextNumber(),
      listed,
    },
    () => hasIssues,
    { mayWrite: () => mayPush, isPull: (number) => pulls.seen().some((one) => one.number === number) },
  )
  const rulesetOf = (branch: string) => 1 + [...rules.keys()].indexOf(branch)
  const checksOf = (own: Record<string, unknown>) => {
    const { contexts = [], checks = [] } = (own.required_status_checks ?? {}) as {
      contexts?: string[]
      checks?: Check[]
    }
    return [...new Set([...contexts, ...checks.map(({ context }) => context)])]
  }
  /** Why a commit may not be merged into a branch without a pull request, in GitHub's words; "" when it may. */
  function againstMerges(branch: string): string {
    const violated = "Repository rule violations found\n\n"
    const types = bypassed.has(branch) ? [] : (rules.get(branch) ?? []).map(({ type }) => type)
    if (types.includes("update")) return `${violated}Cannot update this protected ref.`
    if (types.includes("pull_request")) return `${violated}Changes must be made through a pull request.`
    if (types.includes("required_status_checks")) return `${violated}Required status check "ci" is expected.`
    if (types.includes("required_linear_history")) return "This branch must not contain merge commits."
    const own = protections.get(branch)
    if (!own || (mayAdminister && own.enforce_admins !== true)) return ""
    const reviews = own.required_pull_request_reviews as { required_approving_review_count?: number } | null
    if ((reviews?.required_approving_review_count ?? 0) > 0)
      return "At least 1 approving review is required by reviewers with write access."
    const [check] = checksOf(own)
    if (check) return `Required status check "${check}" is expected.`
    return own.required_linear_history === true ? "This branch must not contain merge commits." : ""
  }
  const pulls = pullRoutes(
    {
      ...{ base, owner, url, refused, body: bodyOf, pageSize },
      page: (path) => `https://github.com/${repository}${path}`,
      user: () => user(owner),
      nextNumber: () => nextNumber(),
      commit: (branch) => refs.get(`refs/heads/${branch}`),
      contains: (branch, sha) => ancestors(refs.get(`refs/heads/${branch}`) ?? "").has(sha),
    },
    () => mayPropose,
  )
  const nextNumber = () => issues.seen().length + pulls.seen().length + 1
  const answer = routes({
    ...issues.routes,
    ...pulls.routes,
    [`GET ${base}`]: () => ({
      headers: expires ? { "github-authentication-token-expiration": expires } : {},
      json: {
        id: 1,
        name: name.split("/")[1],
        full_name: name,
        archived: false,
        default_branch: "main",
        permissions: { admin: mayAdminister && mayPush, push: mayPush, pull: true },
      },
    }),
    [`GET ${base}/environments`]: ({ path, query }) =>
      listed(
        path,
        query,
        [...environments].map(([name, rules], index) => ({
          id: index,
          node_id: "E_1",
          name,
          url: url(`/environments/${name}`),
          html_url: `https://github.com/${repository}/deployments`,
          created_at: stamp(),
          updated_at: stamp(),
          protection_rules: rules.map((type) => ({ id: 1, node_id: "GA_1", type })),
          deployment_branch_policy: null,
        })),
        "environments",
      ),
    [`GET ${base}/actions/secrets`]: (asked) => secretsOf(asked, ""),
    [`GET ${base}/actions/organization-secrets`]: (asked) => secretsOf(asked, "organization"),
    [`GET ${base}/environments/:name/secrets`]: (asked, [name = ""]) =>
      environments.has(name) ? secretsOf(asked, name) : refused(404, "Not Found"),
    [`GET ${base}/branches/:branch/protection`]: (_, [branch = ""]) => {
      if (!refs.has(`refs/heads/${branch}`)) return refused(404, "Branch not found")
      if (isFree) return upgrade()
      if (!mayAdminister) return refused(403, "Resource not accessible by integration")
      const body = protections.get(branch)
      return body ? { json: protectionJson(branch, body) } : refused(404, "Branch not protected")
    },
    [`PUT ${base}/branches/:branch/protection`]: (asked, [branch = ""]) => {
      if (!refs.has(`refs/heads/${branch}`)) return refused(404, "Branch not found")
      if (isFree) return upgrade()
      if (!mayAdminister) return refused(403, "Resource not accessible by integration")
      const body = bodyOf(asked)
      const four = ["required_status_checks", "enforce_admins", "required_pull_request_reviews", "restrictions"]
      const absent = four.filter((name) => body[name] === undefined)
      const checks = body.required_status_checks as Record<string, unknown> | null
      if (checks) absent.push(...["strict", "contexts"].filter((name) => checks[name] === undefined))
      if (absent.length > 0) return invalid(`Invalid request.\n\n"${absent[0]}" wasn't supplied.`)
      protections.set(branch, body)
      return { json: protectionJson(branch, body) }
    },
    [`GET ${base}/rules/branches/:branch`]: ({ path, query }, [branch = ""]) =>
      isFree
        ? upgrade()
        : listed(
            path,
            query,
            (rules.get(branch) ?? []).map((rule) => ({
              ...rule,
              ruleset_source_type: "Repository",
              ruleset_source: repository,
              ruleset_id: rulesetOf(branch),
            })),
          ),
    [`GET ${base}/rulesets/:id`]: (_, [id]) => {
      const branch = [...rules.keys()].find((name) => String(rulesetOf(name)) === id)
      if (branch === undefined) return refused(404, "Not Found")
      return {
        json: {
          id: Number(id),
          name: `rules of ${branch}`,
          source_type: "Repository",
          source: repository,
          enforcement: "active",
          current_user_can_bypass: bypassed.has(branch) ? "always" : "never",
          rules: rules.get(branch),
        },
      }
    },
    [`GET ${base}/branches/:branch`]: (_, [branch = ""]) => {
      const sha = refs.get(`refs/heads/${branch}`)
      if (!sha) return refused(404, "Branch not found")
      const own = protections.get(branch)
      const contexts = own ? checksOf(own) : []
      const level = contexts.length === 0 ? "off" : own?.enforce_admins === true ? "everyone" : "non_admins"
      return {
        json: {
          name: branch,
          commit: { sha, url: url(`/commits/${sha}`) },
          protected: own !== undefined || rules.has(branch),
          protection: {
            enabled: own !== undefined,
            required_status_checks: {
              enforcement_level: level,
              contexts,
              checks: contexts.map((context) => ({ context, app_id: null })),
            },
          },
          protection_url: url(`/branches/${branch}/protection`),
        },
      }
    },
    [`GET ${base}/git/ref/*`]: (_, [name]) => {
      const full = `refs/${name}`
      const sha = refs.get(full)
      return sha ? { json: refJson(full, sha) } : refused(404, "Not Found")
    },
    [`POST ${base}/git/refs`]: (asked) => {
      const { ref, sha } = bodyOf(asked)
      const [name, target] = [text(ref), text(sha)]
      if (!/^refs\/[^/]+\/.+/.test(name))
        return invalid("Reference name must start with 'refs/' and have at least two slashes.")
      if (!commits.has(target)) return invalid("Object does not exist")
      if (refs.has(name)) return invalid("Reference already exists")
      refs.set(name, target)
      return { status: 201, json: refJson(name, target) }
    },
    [`PATCH ${base}/git/refs/*`]: (asked, [name]) => {
      const full = `refs/${name}`
      const { sha, force } = bodyOf(asked)
      const [target, current] = [text(sha), refs.get(full)]
      if (!current) return invalid("Reference does not exist")
      if (!commits.has(target)) return invalid("Object does not exist")
      if (!force && !ancestors(target).has(current)) return invalid("Update is not a fast forward")
      refs.set(full, target)
      return { json: refJson(full, target) }
    },
    [`POST ${base}/git/trees`]: (asked) => {
      const { tree } = bodyOf(asked)
      const sha = createHash("sha1").update(JSON.stringify(tree)).digest("hex")
      trees.set(sha, tree)
      const entries = (tree as { path: string; mode: string; type: string; content: string }[]).map(
        ({ path, mode, type, content }) => ({
          path,
          mode,
          type,
          sha: createHash("sha1").update(content).digest("hex"),
          size: content.length,
        }),
      )
      return { status: 201, json: { sha, url: url(`/git/trees/${sha}`), tree: entries, truncated: false } }
    },
    [`POST ${base}/git/commits`]: (asked) => {
      const { message, tree, parents = [] } = bodyOf(asked)
      if (!(parents as string[]).every((parent) => commits.has(parent)))
        return invalid("Parent SHA does not exist or is not a commit object")
      const sha = add(text(message), parents as string[], text(tree))
      return { status: 201, json: commitJson(commits.get(sha) as Commit) }
    },
    [`GET ${base}/git/commits/:sha`]: (_, [sha = ""]) => {
      const commit = commits.get(sha)
      return commit ? { json: commitJson(commit) } : refused(404, "Not Found")
    },
    [`GET ${base}/commits/:sha`]: (_, [sha = ""]) => {
      const commit = commits.get(sha)
      if (!commit) return invalid(`No commit found for SHA: ${sha}`)
      const { author, committer, tree, message, verification, ...rest } = commitJson(commit)
      return {
        json: {
          ...rest,
          comments_url: url(`/commits/${sha}/comments`),
          commit: { ...{ author, committer, tree, message, verification }, comment_count: 0, url: rest.url },
          author: user(owner),
          committer: user(owner),
        },
      }
    },
    [`GET ${base}/compare/*`]: (_, [range = ""]) => {
      const [from, to] = range.split("...").map(resolve)
      if (!from || !to) return refused(404, "Not Found")
      const [ofFrom, ofTo] = [ancestors(from), ancestors(to)]
      const added = [...ofTo].filter((sha) => !ofFrom.has(sha))
      const ahead = added.length
      const behind = [...ofFrom].filter((sha) => !ofTo.has(sha)).length
      const status = ahead && behind ? "diverged" : ahead ? "ahead" : behind ? "behind" : "identical"
      const changed = [...new Set(added.flatMap((sha) => commits.get(sha)?.files ?? []))].sort()
      const files = changed
        .slice(0, 300)
        .map((filename) => ({ filename, status: "modified", additions: 1, deletions: 1 }))
      return { json: { status, ahead_by: ahead, behind_by: behind, total_commits: ahead, commits: [], files } }
    },
    [`POST ${base}/merges`]: (asked) => {
      const { base: into, head, commit_message } = bodyOf(asked)
      const [current, merged] = [refs.get(`refs/heads/${into}`), resolve(text(head))]
      if (!current) return refused(404, "Base does not exist")
      if (!merged) return refused(404, "Head does not exist")
      if (!mayPush) return refused(403, "Resource not accessible by integration")
      if (conflict) {
        conflict = false
        return refused(409, "Merge conflict")
      }
      if (ancestors(current).has(merged)) return { status: 204 }
      const forbidden = againstMerges(text(into))
      if (forbidden) return refused(409, forbidden)
      const sha = add(text(commit_message), [current, merged])
      refs.set(`refs/heads/${into}`, sha)
      return {
        status: 201,
        json: { ...commitJson(commits.get(sha) as Commit), commit: { message: commit_message }, sha },
      }
    },
    [`GET ${base}/deployments`]: ({ query }) => {
      const wanted = (key: "environment" | "task" | "sha" | "ref", value: string) =>
        [null, value].includes(query.get(key))
      const found = deployments.filter(
        (it) =>
          wanted("environment", it.environment) &&
          wanted("task", it.task) &&
          wanted("sha", it.sha) &&
          wanted("ref", it.ref),
      )
      return listed(`${base}/deployments`, query, found.map(deploymentJson))
    },
    [`POST ${base}/deployments`]: (asked) => {
      const {
        ref,
        task = "deploy",
        environment = "production",
        payload = {},
        description,
        production_environment,
        required_contexts,
      } = bodyOf(asked)
      const sha = resolve(text(ref))
      if (!sha) return invalid(`No ref found for: ${ref}`)
      if (required_contexts === undefined) return refused(409, "Conflict: Commit status checks failed for the commit.")
      const it: Deployment = {
        id: ++lastId,
        sha,
        ref: text(ref),
        task: text(task),
        environment: text(environment),
        payload,
        description: text(description),
        production: production_environment === true,
        createdAt: stamp(),
        statuses: [],
      }
      deployments.unshift(it)
      return { status: 201, json: deploymentJson(it) }
    },
    [`GET ${base}/deployments/:id`]: (_, [id]) => onDeployment(id, (it) => ({ json: deploymentJson(it) })),
    [`GET ${base}/deployments/:id/statuses`]: ({ path, query }, [id]) =>
      onDeployment(id, (it) =>
        listed(
          path,
          query,
          it.statuses.map((status) => statusJson(it, status)),
        ),
      ),
    [`POST ${base}/deployments/:id/statuses`]: (asked, [id]) =>
      onDeployment(id, (it) => {
        const { state, description, log_url = "", environment_url = "" } = bodyOf(asked)
        for (const address of [log_url, environment_url])
          if (address !== "" && !isAddress(address)) return invalid("Validation Failed")
        if (hasFourBytes(description)) return invalid(fourBytes)
        if (!["error", "failure", "inactive", "in_progress", "queued", "pending", "success"].includes(text(state)))
          return invalid("Validation Failed")
        if (text(description).length > 140) return invalid("description is too long (maximum is 140 characters)")
        const status = {
          id: ++lastId,
          state: text(state),
          description: text(description),
          logUrl: text(log_url),
          environmentUrl: text(environment_url),
          createdAt: stamp(),
        }
        it.statuses.unshift(status)
        return { status: 201, json: statusJson(it, status) }
      }),
    [`POST ${base}/statuses/:sha`]: (asked, [sha = ""]) => {
      const { state, description = null, context = "default", target_url = null } = bodyOf(asked)
      if (!commits.has(sha)) return invalid(`No commit found for SHA: ${sha}`)
      if (hasFourBytes(description)) return invalid(fourBytes)
      if (target_url !== null && !isAddress(target_url)) return invalid("Validation Failed")
      if (!["error", "failure", "pending", "success"].includes(text(state))) return invalid("Validation Failed")
      if (text(description).length > 140) return invalid("description is too long (maximum is 140 characters)")
      const status = {
        url: url(`/statuses/${sha}`),
        avatar_url: null,
        id: ++lastId,
        node_id: "CS_1",
        state,
        description,
        target_url,
        context,
        created_at: stamp(),
        updated_at: stamp(),
        creator: user(owner),
      }
      commitStatuses.set(sha, [status, ...(commitStatuses.get(sha) ?? [])])
      return { status: 201, json: status }
    },
    [`GET ${base}/commits/:sha/statuses`]: ({ path, query }, [sha = ""]) =>
      listed(path, query, commitStatuses.get(sha) ?? []),
  })

  function onDeployment(id: string | undefined, act: (it: Deployment) => Told): Told {
    const found = deployments.find((it) => String(it.id) === id)
    return found ? act(found) : refused(404, "Not Found")
  }

  const server: StandIn = await standIn(
    (asked) =>
      token && ![`Bearer ${token}`, `token ${token}`].includes(asked.headers.authorization ?? "")
        ? refused(401, "Bad credentials")
        : served(asked),
    { address, always: () => counted(now()) },
  )
  /** A repository is found under its name, under its number, and under an earlier name, which leads to the number. */
  function served(asked: Asked): Told | Promise<Told> {
    const here = `/repos/${name}`
    const at = [here, byNumber].find((prefix) => asked.path === prefix || asked.path.startsWith(`${prefix}/`))
    if (at) return answer({ ...asked, path: base + asked.path.slice(at.length) })
    if (asked.path !== base && !asked.path.startsWith(`${base}/`)) return answer(asked)
    const query = asked.query.size > 0 ? `?${asked.query}` : ""
    const location = server.url + byNumber + asked.path.slice(base.length) + query
    // What writes is to be repeated word for word.
    const status = asked.method === "GET" ? 301 : 307
    return { status, headers: { location }, json: { message: "Moved Permanently", url: location } }
  }
  return Object.assign(server, {
    rename: (to: string) => {
      name = to
    },
    onFreePlan: () => {
      isFree = true
    },
    commit: (message: string, parents: string[], branch = "", given = "", files: string[] = []) => {
      const sha = given || add(message, parents)
      const tree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
      commits.set(sha, { sha, tree, message, parents, date: stamp(), files })
      if (branch) refs.set(`refs/heads/${branch}`, sha)
      return sha
    },
    ref: (name: string) => refs.get(name),
    protect: (branch: string, body: Record<string, unknown>) => void protections.set(branch, body),
    protection: (branch: string) => protections.get(branch),
    rule: (branch: string, all: Rule[], isBypassed = false) => {
      rules.set(branch, all)
      if (isBypassed) bypassed.add(branch)
    },
    pullRequests: pulls.seen,
    openPullRequest: pulls.open,
    closePullRequest: pulls.close,
    comments: issues.comments,
    addComment: issues.addComment,
    removeComment: issues.removeComment,
    withoutPullRequests: () => {
      mayPropose = false
    },
    readOnly: () => {
      mayPush = false
    },
    withoutAdministration: () => {
      mayAdminister = false
    },
    withoutSecrets: () => {
      mayListSecrets = false
    },
    tokenEnds: (at: string) => {
      expires = at
    },
    environment: (name: string, all: string[]) => void environments.set(name, all),
    secret: (environment: string, name: string, updatedAt: string) =>
      void secrets.set(environment, [...(secrets.get(environment) ?? []), { name, updated_at: updatedAt }]),
    deployments: () =>
      deployments.map(({ id, sha, task, environment, statuses }) => ({
        id,
        sha,
        task,
        environment,
        states: statuses.map(({ state }) => state).reverse(),
        logUrl: statuses[0]?.logUrl ?? "",
        environmentUrl: statuses[0]?.environmentUrl ?? "",
      })),
    conflictNext: () => {
      conflict = true
    },
    issues: issues.seen,
    limit: (kind: LimitKind, fault: Omit<Fault, "kind" | "status" | "headers" | "body">) =>
      server.fail({ ...fault, kind: "status", ...limits(kind, now()) }),
    disableIssues: () => {
      hasIssues = false
    },
    commitStatuses: (sha: string) => (commitStatuses.get(sha) ?? []) as ReturnType<GitHubStandIn["commitStatuses"]>,
  })
}

const user = (login: string) => ({
  login,
  id: 1,
  node_id: "U_1",
  avatar_url: `https://github.com/${login}.png`,
  gravatar_id: "",
  url: `https://api.github.com/users/${login}`,
  html_url: `https://github.com/${login}`,
  followers_url: `https://api.github.com/users/${login}/followers`,
  following_url: `https://api.github.com/users/${login}/following{/other_user}`,
  gists_url: `https://api.github.com/users/${login}/gists{/gist_id}`,
  starred_url: `https://api.github.com/users/${login}/starred{/owner}{/repo}`,
  subscriptions_url: `https://api.github.com/users/${login}/subscriptions`,
  organizations_url: `https://api.github.com/users/${login}/orgs`,
  repos_url: `https://api.github.com/users/${login}/repos`,
  events_url: `https://api.github.com/users/${login}/events{/privacy}`,
  received_events_url: `https://api.github.com/users/${login}/received_events`,
  type: "User",
  site_admin: false,
})

const fourBytes = "description doesn't accept 4-byte Unicode"
const hasFourBytes = (value: unknown) => typeof value === "string" && /[\u{10000}-\u{10ffff}]/u.test(value)
const isAddress = (value: unknown) => typeof value === "string" && /^https?:$/.test(URL.parse(value)?.protocol ?? "")

const secondary =
  "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. If you reach out to GitHub Support for help, please include the request ID."

/** What each answer says of the hour's count, whatever else it says. */
const counted = (now: Date) => ({
  "x-ratelimit-limit": "1000",
  "x-ratelimit-remaining": "874",
  "x-ratelimit-reset": String(Math.floor(now.getTime() / 1000) + 1800),
})

/** The answer to one request too many. */
function limits(kind: LimitKind, now: Date): { status: number; headers: Record<string, string>; body: string } {
  const said = (message: string) => JSON.stringify({ message, documentation_url: "https://docs.github.com/rest" })
  const reset = String(Math.floor(now.getTime() / 1000) + 40)
  if (kind === "primary")
    return {
      status: 403,
      headers: { "x-ratelimit-limit": "1000", "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset },
      body: said("API rate limit exceeded for installation ID 7."),
    }
  const headers: Record<string, string> = kind === "secondary without a header" ? {} : { "retry-after": "50" }
  return { status: kind.startsWith("429") ? 429 : 403, headers, body: said(secondary) }
}
