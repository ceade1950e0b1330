import { z } from "zod"
import type { Clock } from "../../clock.js"
import { answerUnreadable } from "../../deployment/host-errors.js"
import type { HubTokenFacts, SpaceFacts } from "../../doctor/space-facts.js"
import { accepted, type Call, insist } from "../request.js"
import { marksName } from "./space-environment.js"

const WhoAmI = z.object({
  auth: z.object({
    expiresAt: z.string().nullish(),
    accessToken: z
      .object({
        displayName: z.string().nullish(),
        role: z.string(),
        createdAt: z.string().nullish(),
        fineGrained: z
          .object({
            scoped: z
              .array(
                z.object({
                  entity: z.object({ name: z.string().nullish() }),
                  permissions: z.array(z.string()),
                }),
              )
              .default([]),
          })
          .nullish(),
      })
      .nullish(),
  }),
})
const Space = z.object({ sdk: z.string().nullish(), private: z.boolean().nullish(), disabled: z.boolean().nullish() })
const Runtime = z.object({ stage: z.string() })

/** The part of the Hub that reports state and changes nothing. */
export class Hub {
  constructor(
    private readonly hub: string,
    private readonly token: string,
    private readonly clock: Clock,
  ) {}

  /** The Hub answers this one rarely: ask once. */
  async tokenFacts(): Promise<HubTokenFacts> {
    const { auth } = await this.read("/api/whoami-v2", WhoAmI)
    const { accessToken } = auth
    return {
      name: accessToken?.displayName ?? "",
      role: accessToken?.role ?? "",
      grants: (accessToken?.fineGrained?.scoped ?? []).map(({ entity, permissions }) => ({
        name: entity.name ?? "",
        permissions,
      })),
      createdAt: accessToken?.createdAt ?? "",
      expiresAt: auth.expiresAt ?? "",
    }
  }

  async spaceFacts(space: string): Promise<SpaceFacts> {
    const [it, { stage }] = await Promise.all([
      this.read(`/api/spaces/${space}`, Space),
      this.read(`/api/spaces/${space}/runtime`, Runtime),
    ])
    return { sdk: it.sdk ?? "", isPrivate: it.private ?? false, isDisabled: it.disabled ?? false, stage }
  }

  /** Names of a Space's variables and secrets, without our own mark; `undefined` where the token may not see them. */
  async names(space: string): Promise<string[] | undefined> {
    const lists = await Promise.all(
      ["variables", "secrets"].map(async (kind) => {
        const call = this.ask(`/api/spaces/${space}/${kind}`)
        const reply = await insist(call, { host: "Hugging Face", clock: this.clock })
        if ([401, 403, 404].includes(reply.status)) return undefined
        return Object.keys(
          this.parsed(call, accepted(reply, "Hugging Face", call).text, z.record(z.string(), z.unknown())),
        )
      }),
    )
    return lists.includes(undefined)
      ? undefined
      : [...new Set(lists.flatMap((names) => names ?? []))].filter((name) => name !== marksName).sort()
  }

  private ask = (path: string): Call => ({
    method: "GET",
    url: `${this.hub}${path}`,
    headers: { authorization: `Bearer ${this.token}`, accept: "application/json" },
  })

  private async read<Answer>(path: string, shape: z.ZodType<Answer>): Promise<Answer> {
    const call = this.ask(path)
    const host = "Hugging Face"
    return this.parsed(call, accepted(await insist(call, { host, clock: this.clock }), host, call).text, shape)
  }

  private parsed<Answer>(call: Call, text: string, shape: z.ZodType<Answer>): Answer {
    const host = "Hugging Face"
    const path = new URL(call.url).pathname
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      throw answerUnreadable(host, `GET ${path}`, "it is not JSON")
    }
    const answer = shape.safeParse(value)
    if (!answer.success) throw answerUnreadable(host, `GET ${path}`, z.prettifyError(answer.error))
    return answer.data
  }
}
