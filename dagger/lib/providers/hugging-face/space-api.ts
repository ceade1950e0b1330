import { z } from "zod"
import type { Clock } from "../../clock.js"
import { answerUnreadable, hostRefused } from "../../deployment/host-errors.js"
import { nextPage } from "../address.js"
import { accepted, type Call, insist, type Reply } from "../request.js"

/** Which Space is asked, where, and as whom. */
export interface SpaceAddress {
  /** `owner/name` of the Space. */
  space: string
  token: string
  /** Origin of the Hub; another one only for a stand-in. */
  hub: string
}

/** The Hub's API about one Space. */
export class SpaceApi {
  constructor(
    readonly at: SpaceAddress,
    readonly clock: Clock,
  ) {}

  /** The Space's own path at the API. */
  get path(): string {
    return `/api/spaces/${this.at.space}`
  }

  async read<Answer>(path: string, shape: z.ZodType<Answer>): Promise<Answer> {
    const call = this.call("GET", path)
    return this.parse(shape, await this.taken(call), call)
  }

  /** The pages of a list, to its end or as long as they are taken. */
  async *pages<Answer>(path: string, shape: z.ZodType<Answer>): AsyncGenerator<Answer> {
    const asked = new Set<string>()
    for (let next = path; next !== "" && !asked.has(next); ) {
      asked.add(next)
      const call = this.call("GET", next)
      const reply = await this.taken(call)
      yield this.parse(shape, reply, call)
      next = nextPage(reply.headers.link, reply.url)
    }
  }

  /** An answer that is not a refusal. */
  async taken(call: Call): Promise<Reply> {
    return accepted(await this.send(call), "Hugging Face", call)
  }

  parse<Answer>(shape: z.ZodType<Answer>, reply: Reply, call: Call): Answer {
    const name = `${call.method} ${new URL(call.url).pathname}`
    let value: unknown
    try {
      value = JSON.parse(reply.text)
    } catch {
      throw answerUnreadable("Hugging Face", name, "it is not JSON")
    }
    const answer = shape.safeParse(value)
    if (!answer.success) throw answerUnreadable("Hugging Face", name, z.prettifyError(answer.error))
    return answer.data
  }

  async send(call: Call): Promise<Reply> {
    const reply = await insist(call, { host: "Hugging Face", clock: this.clock })
    if (reply.status >= 500)
      throw hostRefused("Hugging Face", `${call.method} ${new URL(call.url).pathname}`, reply.status, "")
    return reply
  }

  call(method: Call["method"], path: string, body?: { type: string; text: string }): Call {
    const { hub, token } = this.at
    const headers = { authorization: `Bearer ${token}`, ...(body && { "content-type": body.type }) }
    return { method, url: hub + path, headers, ...(body && { body: body.text }) }
  }
}
