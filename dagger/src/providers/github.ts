import { z } from "zod"
import type { Clock } from "../clock.js"
import { answerUnreadable, historyUnknown, hostRefused } from "../deployment-errors.js"
import { Merge } from "../promotion.js"
import { Order } from "../release.js"
import { type Call, insist, NoReply, type Reply, saidBy } from "./request.js"

export interface GitHubSettings {
  /** `owner/name`. */
  repository: string
  token: string
  /** Origin of the interface; another one only for a stand-in. */
  api: string
}

const Comparison = z.object({ status: z.enum(["ahead", "behind", "identical", "diverged"]) })
const orders = { ahead: Order.Newer, behind: Order.Older, identical: Order.Same, diverged: Order.Diverged }

/** One GitHub repository: the requests that locks, the ledger and promotions are made of. */
export class GitHub {
  constructor(
    private readonly settings: GitHubSettings,
    private readonly clock: Clock,
  ) {}

  /** How `commit` stands to `than` in the history. */
  async order(commit: string, than: string): Promise<Order> {
    const path = `/compare/${than}...${commit}`
    const reply = await this.ask("GET", path)
    if (reply.status === 404) throw historyUnknown(commit, than)
    if (reply.status !== 200) throw this.refusal("GET", path, reply)
    return orders[this.parse("GET", path, reply, Comparison).status]
  }

  /** Merges exactly this commit, not whatever its branch has become. */
  async merge(base: string, commit: string): Promise<Merge> {
    const message = `Promote ${commit.slice(0, 7)} to ${base}`
    const reply = await this.ask("POST", "/merges", { base, head: commit, commit_message: message })
    if (reply.status === 201) return Merge.Merged
    if (reply.status === 204) return Merge.Nothing
    if (reply.status === 409) return Merge.Conflict
    throw this.refusal("POST", "/merges", reply)
  }

  async read<Answer>(path: string, shape: z.ZodType<Answer>): Promise<Answer> {
    const reply = await this.ask("GET", path)
    if (reply.status !== 200) throw this.refusal("GET", path, reply)
    return this.parse("GET", path, reply, shape)
  }

  /** Any answer but a 5xx that lasts. A request that must not be repeated throws `NoReply` when its outcome is unknown. */
  async ask(method: Call["method"], path: string, body?: unknown, { repeats = true } = {}): Promise<Reply> {
    const { repository, token, api } = this.settings
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
    const reply = await insist(call, { host: "GitHub", clock: this.clock, repeats })
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
    hostRefused("GitHub", `${method} ${path.split("?")[0]}`, reply.status, saidBy(reply.text))
}
