import { z } from "zod"
import { fitting } from "../../notifications/incident.js"
import { commentForbidden, noPullRequest } from "../../preview/errors.js"
import type { PullRequests } from "../../preview/preview.js"
import { NoReply, saidBy } from "../request.js"
import type { GitHub } from "./github.js"

const PullRequest = z.object({ state: z.string() })
const Comment = z.object({
  id: z.int(),
  body: z.string().nullish(),
  user: z.object({ type: z.string().nullish() }).nullish(),
  author_association: z.string().nullish(),
})
type Comment = z.infer<typeof Comment>

/** Only these may have written a comment that is edited: anybody else could copy the mark of one. */
const own = new Set(["OWNER", "MEMBER", "COLLABORATOR"])

/** Pull requests of a repository, and in each one comment for each mark. */
export class GitHubPullRequests implements PullRequests {
  constructor(private readonly github: GitHub) {}

  async isOpen(pull: number): Promise<boolean> {
    const path = `/pulls/${pull}`
    const reply = await this.github.ask("GET", path)
    if (reply.status === 404) throw noPullRequest(pull, this.github.repository)
    if (reply.status !== 200) throw this.github.refusal("GET", path, reply)
    return this.github.parse("GET", path, reply, PullRequest).state === "open"
  }

  comment(pull: number, mark: string, text: string): Promise<string> {
    return this.written(pull, mark, text, true)
  }

  edit(pull: number, mark: string, text: string): Promise<string> {
    return this.written(pull, mark, text, false)
  }

  private async written(pull: number, mark: string, text: string, adds: boolean): Promise<string> {
    const body = fitting(`${mark}\n${text}`)
    for (let attempt = 1; ; attempt++) {
      const known = await this.marked(pull, mark)
      if (!known && !adds) return "there is no comment of it"
      if (known?.body === body) return "its comment says so already"
      const path = known ? `/issues/comments/${known.id}` : `/issues/${pull}/comments`
      const method = known ? "PATCH" : "POST"
      try {
        const reply = await this.github.ask(method, path, { body }, { repeats: known !== undefined })
        if (reply.status === (known ? 200 : 201)) return known ? "its comment was edited" : "a comment was added"
        // Somebody removed it meanwhile.
        if (known && reply.status === 404 && attempt < 3) continue
        if (reply.status === 403 && /not accessible/i.test(saidBy(reply.text))) throw commentForbidden(pull)
        throw this.github.refusal(method, path, reply)
      } catch (failure) {
        // Whether it was added shows when it is looked for again.
        if (!(failure instanceof NoReply) || attempt === 3) throw failure
      }
    }
  }

  /** The oldest one with that mark which is ours. */
  private async marked(pull: number, mark: string): Promise<Comment | undefined> {
    const path = `/issues/${pull}/comments`
    for await (const page of this.github.pages(path, new URLSearchParams({ per_page: "100" }), z.array(Comment)))
      for (const comment of page) if (comment.body?.startsWith(`${mark}\n`) && isOurs(comment)) return comment
    return undefined
  }
}

const isOurs = ({ user, author_association: association }: Comment) =>
  user?.type === "Bot" || own.has(association ?? "")
