import { z } from "zod"
import type { Protection } from "../../doctor/branch-protection.js"
import { branchMissing, notAnAdministrator } from "../../doctor/errors.js"
import { saidBy } from "../request.js"
import { type GitHub, needsPlan } from "./github.js"

const Switch = z.object({ enabled: z.boolean() }).optional()
const Names = (key: "login" | "slug") =>
  z
    .array(z.object({ [key]: z.string() }))
    .transform((all) => all.map((one) => one[key] ?? ""))
    .default([])
const People = z.object({ users: Names("login"), teams: Names("slug"), apps: Names("slug") }).optional()

/** A branch's own protection, as much of it as is kept when it is written again. */
const Own = z.object({
  required_status_checks: z
    .object({
      strict: z.boolean().default(false),
      checks: z.array(z.object({ context: z.string(), app_id: z.int().nullish() })).default([]),
    })
    .optional(),
  enforce_admins: Switch,
  required_pull_request_reviews: z
    .object({
      dismiss_stale_reviews: z.boolean().default(false),
      require_code_owner_reviews: z.boolean().default(false),
      required_approving_review_count: z.int().default(0),
      require_last_push_approval: z.boolean().default(false),
      dismissal_restrictions: People,
      bypass_pull_request_allowances: People,
    })
    .optional(),
  restrictions: People,
  required_linear_history: Switch,
  allow_force_pushes: Switch,
  allow_deletions: Switch,
  block_creations: Switch,
  required_conversation_resolution: Switch,
  lock_branch: Switch,
  allow_fork_syncing: Switch,
})
type Own = z.infer<typeof Own>

const Rule = z.object({
  type: z.string(),
  parameters: z
    .object({
      required_approving_review_count: z.int().optional(),
      dismiss_stale_reviews_on_push: z.boolean().optional(),
      required_status_checks: z.array(z.object({ context: z.string() })).optional(),
    })
    .optional(),
})

/** How one branch of a repository is protected. https://docs.github.com/en/rest/branches/branch-protection */
export class BranchProtection {
  constructor(
    private readonly github: GitHub,
    readonly branch: string,
  ) {}

  /** By its own protection alone; `undefined` for: nobody but an administrator may know. Throws when there is no such branch. */
  async own(): Promise<Protection | undefined> {
    const own = await this.read()
    return own && asProtection(own)
  }

  /** By the rulesets that are in force; anybody who may read the repository may know. */
  async byRulesets(): Promise<Protection> {
    const path = `/rules/branches/${encodeURIComponent(this.branch)}`
    const rules = await this.github.all(path, new URLSearchParams({ per_page: "100" }), Rule)
    const of = (type: string) => rules.filter((rule) => rule.type === type).map(({ parameters }) => parameters)
    return {
      checks: of("required_status_checks").flatMap(
        (it) => it?.required_status_checks?.map(({ context }) => context) ?? [],
      ),
      reviews: Math.max(0, ...of("pull_request").map((it) => it?.required_approving_review_count ?? 0)),
      dismissStale: of("pull_request").some((it) => it?.dismiss_stale_reviews_on_push),
      // A ruleset holds for everybody whom it does not name, but only for what it asks: one that forbids to delete holds nobody to checks.
      admins: ["required_status_checks", "pull_request"].every((type) => of(type).length > 0),
      forcePushes: of("non_fast_forward").length === 0,
      deletions: of("deletion").length === 0,
    }
  }

  /** Raises its own protection to this one; whatever else it has there stays. */
  async raise(to: Protection): Promise<void> {
    const own = await this.read()
    if (!own) throw notAnAdministrator(this.branch)
    const reply = await this.github.ask("PUT", this.path, asBody(own, to))
    if (needsPlan(reply)) throw this.github.refusal("PUT", this.path, reply)
    if (reply.status === 403 || reply.status === 404) throw notAnAdministrator(this.branch, saidBy(reply.text))
    if (reply.status !== 200) throw this.github.refusal("PUT", this.path, reply)
  }

  private get path(): string {
    return `/branches/${encodeURIComponent(this.branch)}/protection`
  }

  private async read(): Promise<Own | undefined> {
    const reply = await this.github.ask("GET", this.path)
    if (needsPlan(reply)) throw this.github.refusal("GET", this.path, reply)
    if (reply.status === 403) return undefined
    if (reply.status === 404) {
      const said = saidBy(reply.text)
      if (/not protected/i.test(said)) return {}
      if (/branch not found/i.test(said)) throw branchMissing(this.branch)
      // GitHub hides what a token may not see.
      return undefined
    }
    if (reply.status !== 200) throw this.github.refusal("GET", this.path, reply)
    return this.github.parse("GET", this.path, reply, Own)
  }
}

const asProtection = (own: Own): Protection => ({
  checks: own.required_status_checks?.checks.map(({ context }) => context) ?? [],
  reviews: own.required_pull_request_reviews?.required_approving_review_count ?? 0,
  dismissStale: own.required_pull_request_reviews?.dismiss_stale_reviews ?? false,
  admins: own.enforce_admins?.enabled ?? false,
  // Both are forbidden on a protected branch unless it says otherwise.
  forcePushes: own.allow_force_pushes?.enabled ?? isBare(own),
  deletions: own.allow_deletions?.enabled ?? isBare(own),
})

const isBare = (own: Own) => Object.keys(own).length === 0

/** Writing replaces everything, so what is there already is said again. */
function asBody(own: Own, to: Protection): object {
  const { required_status_checks: checks, required_pull_request_reviews: reviews } = own
  const known = checks?.checks ?? []
  const added = to.checks.filter((name) => !known.some(({ context }) => context === name))
  const { dismissal_restrictions, bypass_pull_request_allowances, ...rest } = reviews ?? {}
  const on = (it: z.infer<typeof Switch>) => it?.enabled ?? false
  return {
    required_status_checks:
      known.length + added.length === 0
        ? null
        : {
            strict: checks?.strict ?? false,
            // Still asked for, and empty where `checks` says more.
            contexts: [],
            checks: [
              // Left out, any app becomes the one that came last.
              ...known.map(({ context, app_id }) => ({ context, app_id: app_id ?? -1 })),
              ...added.map((context) => ({ context })),
            ],
          },
    enforce_admins: to.admins,
    required_pull_request_reviews:
      reviews || to.reviews > 0
        ? {
            ...rest,
            dismiss_stale_reviews: to.dismissStale,
            required_approving_review_count: to.reviews,
            ...(dismissal_restrictions && { dismissal_restrictions }),
            ...(bypass_pull_request_allowances && { bypass_pull_request_allowances }),
          }
        : null,
    restrictions: own.restrictions ?? null,
    required_linear_history: on(own.required_linear_history),
    allow_force_pushes: to.forcePushes,
    allow_deletions: to.deletions,
    block_creations: on(own.block_creations),
    required_conversation_resolution: on(own.required_conversation_resolution),
    lock_branch: on(own.lock_branch),
    allow_fork_syncing: on(own.allow_fork_syncing),
  }
}
