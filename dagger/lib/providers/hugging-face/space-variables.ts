import { z } from "zod"
import { namesCollide } from "./errors.js"
import type { SpaceApi } from "./space-api.js"
import { collisions, markKey, type Values, type Writes, writesFor } from "./space-environment.js"

const time = z
  .string()
  .nullish()
  .transform((it) => it ?? "")
const Variables = z.record(
  z.string(),
  z.object({
    value: z
      .string()
      .nullish()
      .transform((it) => it ?? ""),
    updatedAt: time,
  }),
)
const Secrets = z.record(z.string(), z.object({ updatedAt: time }))

/** The variables and secrets that a Space must have, and those that it has. */
export class SpaceVariables {
  constructor(
    private readonly api: SpaceApi,
    private readonly wanted: { variables: Values; secrets: Values },
  ) {}

  /** As far as the Hub shows that. */
  async areThere(): Promise<boolean> {
    const { secrets, variables } = await this.pending()
    return secrets.length + variables.length === 0
  }

  /** Each changed value restarts the Space, so what is right already is left alone. */
  async configure(): Promise<void> {
    const path = this.api.path
    const { secrets, variables } = await this.pending()
    for (const [key, value] of secrets) await this.set(`${path}/secrets`, key, value)
    for (const [key, value] of variables) await this.set(`${path}/variables`, key, value)
  }

  /** @throws PipelineError when a name would be both. */
  async pending(): Promise<Writes> {
    const { variables, secrets } = this.wanted
    if (Object.keys(variables).length + Object.keys(secrets).length === 0) return { secrets: [], variables: [] }
    const path = this.api.path
    const present = {
      variables: await this.api.read(`${path}/variables`, Variables),
      secrets: await this.api.read(`${path}/secrets`, Secrets),
    }
    const twice = collisions(present, variables, secrets)
    if (twice.length > 0) throw namesCollide(this.api.at.space, twice)
    const { token, space } = this.api.at
    return writesFor(present, variables, secrets, markKey(token, space, secrets))
  }

  private async set(path: string, key: string, value: string): Promise<void> {
    const call = this.api.call("POST", path, { type: "application/json", text: JSON.stringify({ key, value }) })
    await this.api.taken(call)
  }
}
