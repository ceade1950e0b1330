import { z } from "zod"
import { StatusState, Verdict } from "../../../src/exposed-types.js"
import { type CommitStatus, finalStatuses, pendingStatuses } from "../../notifications/commit-status.js"
import type { Channel } from "../../notifications/notifier.js"
import type { Operation, OperationResult } from "../../notifications/operation.js"
import { description } from "./description.js"
import type { GitHub } from "./github.js"

const Given = z.object({ context: z.string(), state: z.string(), description: z.string().nullish() })

/** The statuses of commits in a repository. */
export class GitHubStatuses implements Channel {
  readonly name = "Commit statuses"
  /** Successes of an earlier run that stand until this run changes something. */
  private earlier: CommitStatus[] = []

  constructor(private readonly github: GitHub) {}

  async called(operation: Operation, until: number): Promise<void> {
    const pending = pendingStatuses(operation)
    const there = await this.there(pending[0]?.commit, operation.environment, until)
    this.earlier = pending.filter(({ context }) => there.has(context))
    await this.give(
      pending.filter((status) => !this.earlier.includes(status)),
      until,
    )
  }

  async begun(_: Operation, until: number): Promise<void> {
    const pending = this.earlier
    this.earlier = []
    await this.give(pending, until)
  }

  async ended(operation: Operation, ending: OperationResult, until: number): Promise<void> {
    const earlier = ending.verdict === Verdict.NoChange ? this.earlier : []
    const isEarlier = ({ context, commit }: CommitStatus) =>
      earlier.some((one) => one.context === context && one.commit === commit)
    await this.give(
      finalStatuses(operation, ending).filter((status) => !isEarlier(status)),
      until,
    )
  }

  /** The newest status of a context counts, so one that is sent twice does no harm. */
  async give(statuses: CommitStatus[], until: number): Promise<void> {
    const github = this.github.by(until)
    await Promise.all(
      statuses.map(async ({ commit, target, ...status }) => {
        const path = `/statuses/${commit}`
        const body = { ...status, description: description(status.description), ...(target && { target_url: target }) }
        const reply = await github.ask("POST", path, body)
        if (reply.status !== 201) throw github.refusal("POST", path, reply)
      }),
    )
  }

  /** Contexts whose newest status says that the commit is live in the environment; none when nobody could say. */
  private async there(commit: string | undefined, environment: string, until: number): Promise<Set<string>> {
    if (!commit || !environment) return new Set()
    const all = await this.github
      .by(until)
      .all(`/commits/${commit}/statuses`, new URLSearchParams({ per_page: "100" }), Given)
      .catch(() => [])
    const newest = all.filter(({ context }, at) => all.findIndex((one) => one.context === context) === at)
    return new Set(
      newest
        .filter((one) => one.state === StatusState.Success && one.description?.startsWith(`${environment}: `))
        .map(({ context }) => context),
    )
  }
}
