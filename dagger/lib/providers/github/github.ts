import { z } from "zod"
import type { Clock } from "../../clock.js"
import { historyUnknown } from "../../deployment/errors.js"
import { answerUnreadable, hostRefused } from "../../deployment/host-errors.js"
import { Merge, type Merged } from "../../deployment/promotion.js"
import { Order } from "../../deployment/release.js"
import type { Authorship } from "../../notifications/notice.js"
import type { Distance } from "../../status/fit.js"
import { nextLink, quoted } from "../address.js"
import { type Call, insist, NoReply, type Reply, saidBy } from "../request.js"

export interface GitHubSettings {
  /** `owner/name`. */
  repository: string
  token: string
  /** Origin of the interface; another one only for a stand-in. */
  api: string
  /** When every request must be done, in milliseconds since 1970. */
  until?: number
}

const Comparison = z.object({ status: z.enum(["ahead", "behind", "identical", "diverged"]) })
const Distances = Comparison.extend({
  ahead_by: z.int(),
  behind_by: z.int(),
  files: z.array(z.object({ filename: z.string(), previous_filename: z.string().nullish() })).nullish(),
})
const Named = z.object({ full_name: z.string() })
const Branched = z.object({ default_branch: z.string() })
const Dated = z.object({ committer: z.object({ date: z.string() }) })
const Described = z.object({
  commit: z.object({ message: z.string(), author: z.object({ name: z.string() }).nullish() }),
})
/** Files that a comparison names. https://docs.github.com/en/rest/commits/commits#compare-two-commits */
const mostFiles = 300
const orders = { ahead: Order.Newer, behind: Order.Older, identical: Order.Same, diverged: Order.Diverged }

/** Whether any answer came from another address than was asked: GitHub leads from an earlier name of a repository to its number. */
interface Found {
  elsewhere: boolean
}

/** One GitHub repository: the requests that locks, the ledger and promotions are made of. */
export class GitHub {
  constructor(
    private readonly settings: GitHubSettings,
    private readonly clock: Clock,
    private readonly found: Found = { elsewhere: false },
  ) {}

  /** `owner/name`. */
  get repository(): string {
    return this.settings.repository
  }

  /** The same repository, for requests that must be done by then. */
  by = (until: number) => new GitHub({ ...this.settings, until }, this.clock, this.found)

  /** What is to be said of how GitHub answered so far, a sentence each. */
  async notes(): Promise<string[]> {
    const { repository } = this.settings
    if (!this.found.elsewhere) return []
    const name = (await this.read("", Named)).full_name
    if (name.toLowerCase() === repository.toLowerCase()) return []
    return [
      `The repository ${repository} is named ${name} now: write the new name in project.source of the settings, for the old one may be given to another repository`,
    ]
  }

  /** The branch that pull requests are merged into. */
  async defaultBranch(): Promise<string> {
    return (await this.read("", Branched)).default_branch
  }

  /** Who wrote a commit, and its message: words of others. */
  async authorship(commit: string): Promise<Authorship> {
    const { message, author } = (await this.read(`/commits/${commit}`, Described)).commit
    return { author: author?.name ?? "", message }
  }

  /** How `commit` stands to `than` in the history. */
  async order(commit: string, than: string): Promise<Order> {
    return orders[(await this.compared(commit, than, Comparison)).status]
  }

  /** The same with the commits between them, and what changed from where both were one up to `commit`. */
  async distance(commit: string, than: string): Promise<Distance> {
    const { status, ahead_by, behind_by, files } = await this.compared(commit, than, Distances)
    const paths = (files ?? []).flatMap(({ filename, previous_filename: earlier }) => [
      filename,
      ...(earlier ? [earlier] : []),
    ])
    return {
      order: orders[status],
      ahead: ahead_by,
      behind: behind_by,
      files: paths,
      isCut: (files?.length ?? 0) >= mostFiles,
    }
  }

  private async compared<Answer>(commit: string, than: string, shape: z.ZodType<Answer>): Promise<Answer> {
    const path = `/compare/${quoted(than)}...${quoted(commit)}`
    const reply = await this.ask("GET", path)
    if (reply.status === 404) throw historyUnknown(commit, than)
    if (reply.status !== 200) throw this.refusal("GET", path, reply)
    return this.parse("GET", path, reply, shape)
  }

  /** Merges exactly this commit, not whatever its branch has become. */
  async merge(base: string, commit: string): Promise<Merged> {
    const message = `Promote ${commit.slice(0, 7)} to ${base}`
    const reply = await this.ask("POST", "/merges", { base, head: commit, commit_message: message })
    const said = saidBy(reply.text)
      .trim()
      .replace(/\s*\n\s*/g, " ")
    if (reply.status === 201) return { merge: Merge.Merged, said: "" }
    if (reply.status === 204) return { merge: Merge.Nothing, said: "" }
    // 409 is a conflict, and also what GitHub answers where a rule of the branch forbids it.
    if (reply.status === 409 && /^merge conflict\b/i.test(said)) return { merge: Merge.Conflict, said }
    if ([403, 405, 409, 422].includes(reply.status) && !isLimited(reply)) return { merge: Merge.Forbidden, said }
    throw this.refusal("POST", "/merges", reply)
  }

  /** When a commit was committed, ISO 8601; "" when GitHub has no such commit. */
  async committedAt(commit: string): Promise<string> {
    const path = `/git/commits/${encodeURIComponent(commit)}`
    const reply = await this.ask("GET", path)
    // 409: the repository is empty.
    if (reply.status === 404 || reply.status === 409 || reply.status === 422) return ""
    if (reply.status !== 200) throw this.refusal("GET", path, reply)
    return this.parse("GET", path, reply, Dated).committer.date
  }

  /**
   * The answers to a list's pages, to its end or as long as they are taken; one that is no 200 is the last. `query` has at least one
   * key.
   */
  async *replies(path: string, query: URLSearchParams): AsyncGenerator<Reply> {
    const asked = new Set<string>()
    for (let page = `?${query}`; page !== "" && !asked.has(page); ) {
      asked.add(page)
      const reply = await this.ask("GET", path + page)
      yield reply
      // Of the link only the query is taken, a number or a cursor: the token goes to no path that an answer names.
      const next = reply.status === 200 ? nextLink(reply.headers.link) : ""
      page = next && (URL.parse(next, reply.url)?.search ?? "")
    }
  }

  /** The pages of a list. Throws when GitHub refuses one. */
  async *pages<Answer>(path: string, query: URLSearchParams, shape: z.ZodType<Answer>): AsyncGenerator<Answer> {
    for await (const reply of this.replies(path, query)) {
      if (reply.status !== 200) throw this.refusal("GET", path, reply)
      yield this.parse("GET", path, reply, shape)
    }
  }

  /** A whole list. */
  async all<Item>(path: string, query: URLSearchParams, shape: z.ZodType<Item>): Promise<Item[]> {
    const items: Item[] = []
    for await (const page of this.pages(path, query, z.array(shape))) items.push(...page)
    return items
  }

  async read<Answer>(path: string, shape: z.ZodType<Answer>): Promise<Answer> {
    const reply = await this.ask("GET", path)
    if (reply.status !== 200) throw this.refusal("GET", path, reply)
    return this.parse("GET", path, reply, shape)
  }

  /** Any answer but a 5xx that lasts. A request that must not be repeated throws `NoReply` when its outcome is unknown. */
  async ask(method: Call["method"], path: string, body?: unknown, { repeats = true } = {}): Promise<Reply> {
    const { repository, token, api, until } = this.settings
    const call: Call = {
      method,
      url: `${api}/repos/${repository}${path}`,
      headers: {
        authorization: `Bearer ${token}`,
        accept: "application/vnd.github+json",
        "x-github-api-version": "2022-11-28",
        "user-agent": "deployment-pipeline",
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }
    const reply = await insist(call, {
      host: "GitHub",
      clock: this.clock,
      repeats,
      limited: isLimited,
      ...(until !== undefined && { until }),
    })
    this.found.elsewhere ||= reply.url !== call.url
    if (reply.status < 500) return reply
    throw repeats ? this.refusal(method, path, reply) : new NoReply(`was answered ${reply.status}`)
  }

  parse<Answer>(method: string, path: string, reply: Reply, shape: z.ZodType<Answer>): Answer {
    let value: unknown
    try {
      value = JSON.parse(reply.text)
    } catch {
      throw answerUnreadable("GitHub", `${method} ${path}`, "it is not JSON")
    }
    const answer = shape.safeParse(value)
    if (!answer.success) throw answerUnreadable("GitHub", `${method} ${path}`, z.prettifyError(answer.error))
    return answer.data
  }

  refusal = (method: string, path: string, reply: Reply) =>
    hostRefused("GitHub", `${method} ${path.split("?")[0]}`, reply.status, saidBy(reply.text), advice(method, reply))
}

/** Whether GitHub refuses for the plan of the repository's owner, and not for the token. */
export const needsPlan = ({ status, text }: Reply) =>
  status === 403 && /\bupgrade to github\b|make this repository public/i.test(saidBy(text))

/**
 * Whether GitHub refuses for a limit: it says so with 429 or with 403, and then with a count at zero, with seconds to wait, or with
 * words alone. https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
 */
function isLimited({ status, headers, text }: Reply): boolean {
  if (status !== 403) return status === 429
  const isCounted = headers["x-ratelimit-remaining"] === "0" || headers["retry-after"] !== undefined
  return isCounted || /rate limit|abuse detection/i.test(saidBy(text))
}

/** What to do where a status alone does not say it; `undefined` where it does. */
function advice(method: string, reply: Reply): string | undefined {
  if (reply.status !== 403) return undefined
  if (isLimited(reply)) return "the rate limit is used up: wait an hour, then run the same command again"
  if (needsPlan(reply))
    return "GitHub protects branches of private repositories on paid plans alone: upgrade the owner's plan, or make the repository public"
  return method === "GET"
    ? "the token is valid but may not read this: give it the repository's deployments and contents, read-only is enough"
    : undefined
}
