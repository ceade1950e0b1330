import { z } from "zod"
import { type MergeFacts, type MergeRight, mergeRight, type OwnProtection } from "../../deployment/merge-right.js"
import type { Merged, ProductionBranch, Proposal } from "../../deployment/promotion.js"
import { Order } from "../../deployment/release.js"
import { quoted } from "../address.js"
import { NoReply, saidBy } from "../request.js"
import { type GitHub, needsPlan } from "./github.js"

const Repository = z.object({
  archived: z.boolean().nullish(),
  permissions: z.object({ push: z.boolean().nullish(), admin: z.boolean().nullish() }).nullish(),
})
const Branch = z.object({
  protected: z.boolean().nullish(),
  protection: z
    .object({
      required_status_checks: z
        .object({ enforcement_level: z.string().nullish(), contexts: z.array(z.string()).default([]) })
        .nullish(),
    })
    .nullish(),
})
const Switch = z.object({ enabled: z.boolean() }).nullish()
const Protection = z.object({
  required_status_checks: z
    .object({
      contexts: z.array(z.string()).default([]),
      checks: z.array(z.object({ context: z.string() })).default([]),
    })
    .nullish(),
  required_pull_request_reviews: z.object({ required_approving_review_count: z.int().default(0) }).nullish(),
  enforce_admins: Switch,
  required_linear_history: Switch,
  lock_branch: Switch,
})
const Rule = z.object({ type: z.string(), ruleset_id: z.int().nullish() })
const Ruleset = z.object({ current_user_can_bypass: z.string().nullish() })
const PullRequest = z.object({ html_url: z.string() })

/** The branch that an environment is deployed from, and the ways for a commit to come into it. */
export class GitHubBranch implements ProductionBranch {
  constructor(
    private readonly github: GitHub,
    readonly name: string,
  ) {}

  async right(): Promise<MergeRight> {
    const { archived, permissions } = await this.github.read("", Repository)
    const path = `/branches/${encodeURIComponent(this.name)}`
    const reply = await this.github.ask("GET", path)
    if (reply.status !== 200 && reply.status !== 404) throw this.github.refusal("GET", path, reply)
    const branch = reply.status === 200 ? this.github.parse("GET", path, reply, Branch) : undefined
    const facts: MergeFacts = {
      branch: this.name,
      exists: branch !== undefined,
      isArchived: archived ?? false,
      mayPush: permissions?.push ?? undefined,
      isAdministrator: permissions?.admin ?? false,
      rules: branch ? await this.rules() : [],
      own: branch?.protected ? await this.own(branch) : undefined,
    }
    return mergeRight(facts)
  }

  merge = (commit: string): Promise<Merged> => this.github.merge(this.name, commit)

  async propose(commit: string, body: string): Promise<Proposal> {
    const order = await this.github.order(commit, this.name)
    if (order === Order.Same || order === Order.Older) return { address: "", made: true, said: "" }
    const head = `promote/${commit.slice(0, 12)}`
    const address = `https://github.com/${this.github.repository}/compare/${quoted(this.name)}...${head}?expand=1`
    const made = await this.github.ask("POST", "/git/refs", { ref: `refs/heads/${head}`, sha: commit })
    // 422: an earlier run has made it; a branch of this name has no other commit.
    if (made.status !== 201 && made.status !== 422) return { address: "", made: false, said: saidBy(made.text) }
    const title = `Promote ${commit.slice(0, 7)} to ${this.name}`
    for (let attempt = 1; ; attempt++) {
      const known = await this.open(head)
      if (known) return { address: known, made: true, said: "" }
      try {
        const wanted = { title, head, base: this.name, body }
        const reply = await this.github.ask("POST", "/pulls", wanted, { repeats: false })
        if (reply.status !== 201) return { address, made: false, said: saidBy(reply.text) }
        return { address: this.github.parse("POST", "/pulls", reply, PullRequest).html_url, made: true, said: "" }
      } catch (failure) {
        if (!(failure instanceof NoReply) || attempt === 3) throw failure
      }
    }
  }

  private async open(head: string): Promise<string | undefined> {
    const [owner] = this.github.repository.split("/")
    const query = new URLSearchParams({ state: "open", head: `${owner}:${head}`, base: this.name })
    return (await this.github.all("/pulls", query, PullRequest))[0]?.html_url
  }

  /** Types of the rules that are in force and that this token may not pass by. */
  private async rules(): Promise<string[]> {
    const path = `/rules/branches/${encodeURIComponent(this.name)}`
    const found: z.infer<typeof Rule>[] = []
    for await (const reply of this.github.replies(path, new URLSearchParams({ per_page: "100" }))) {
      // Without rulesets in its plan the repository has no rules.
      if (needsPlan(reply)) return []
      if (reply.status !== 200) throw this.github.refusal("GET", path, reply)
      found.push(...this.github.parse("GET", path, reply, z.array(Rule)))
    }
    const open = new Set<number>()
    for (const id of new Set(found.flatMap(({ ruleset_id }) => ruleset_id ?? []))) {
      const reply = await this.github.ask("GET", `/rulesets/${id}`)
      const bypass = reply.status === 200 && this.github.parse("GET", `/rulesets/${id}`, reply, Ruleset)
      if (bypass && bypass.current_user_can_bypass === "always") open.add(id)
    }
    return found.filter(({ ruleset_id }) => !open.has(ruleset_id ?? -1)).map(({ type }) => type)
  }

  /** Its own protection: all of it to an administrator, to others what the branch itself says. */
  private async own({ protection }: z.infer<typeof Branch>): Promise<OwnProtection> {
    const path = `/branches/${encodeURIComponent(this.name)}/protection`
    const reply = await this.github.ask("GET", path)
    if (reply.status === 200) {
      const all = this.github.parse("GET", path, reply, Protection)
      const { contexts = [], checks = [] } = all.required_status_checks ?? {}
      return {
        checks: [...new Set([...contexts, ...checks.map(({ context }) => context)])],
        reviews: all.required_pull_request_reviews?.required_approving_review_count ?? 0,
        isLinear: all.required_linear_history?.enabled ?? false,
        isLocked: all.lock_branch?.enabled ?? false,
        holdsAdministrators: all.enforce_admins?.enabled ?? false,
      }
    }
    const { enforcement_level: level = "off", contexts = [] } = protection?.required_status_checks ?? {}
    return {
      checks: level === "off" ? [] : contexts,
      ...{ reviews: 0, isLinear: false, isLocked: false, holdsAdministrators: level === "everyone" },
    }
  }
}
