import { type CommitStatus, finalStatuses, pendingStatuses } from "../commit-status.js"
import type { Ending, Errand } from "../errand.js"
import type { Channel } from "../teller.js"
import type { GitHub } from "./github.js"

/** The statuses of commits in a repository. */
export class GitHubStatuses implements Channel {
  readonly name = "Commit statuses"

  constructor(private readonly github: GitHub) {}

  called = (errand: Errand, until: number) => this.give(pendingStatuses(errand), until)
  ended = (errand: Errand, ending: Ending, until: number) => this.give(finalStatuses(errand, ending), until)

  /** The newest status of a context counts, so one that is sent twice does no harm. */
  async give(statuses: CommitStatus[], until: number): Promise<void> {
    const github = this.github.by(until)
    await Promise.all(
      statuses.map(async ({ commit, target, ...status }) => {
        const path = `/statuses/${commit}`
        const reply = await github.ask("POST", path, { ...status, ...(target && { target_url: target }) })
        if (reply.status !== 201) throw github.refusal("POST", path, reply)
      }),
    )
  }
}
