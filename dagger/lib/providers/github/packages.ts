import { z } from "zod"
import type { Listed, Remover } from "../../cache/pruning.js"
import { kindOf } from "../../cache/recipe.js"
import type { Clock } from "../../clock.js"
import { hostRefused } from "../../deployment/host-errors.js"
import { insist, type Reply, saidBy } from "../request.js"

const Versions = z.array(
  z.object({
    id: z.int(),
    name: z.string(),
    created_at: z.string(),
    metadata: z.object({ container: z.object({ tags: z.array(z.string()) }) }),
  }),
)

export interface PackagesSettings {
  /** Origin of the interface, such as https://api.github.com. */
  api: string
  token: string
  /** Name in ghcr.io, such as acme/project/cache. */
  repository: string
}

interface Version extends Listed {
  ids: number[]
}

/**
 * The versions of a package of GitHub's registry, which takes no deletion by the registry's own interface.
 * https://docs.github.com/en/rest/packages/packages#delete-package-version-for-an-organization
 */
export class GitHubPackages implements Remover {
  readonly name = "GitHub"
  /** Path of the package's versions, once it is known whether an organization owns it. */
  private path = ""

  constructor(
    private readonly settings: PackagesSettings,
    private readonly clock: Clock,
  ) {}

  async list(): Promise<Version[]> {
    const versions: z.infer<typeof Versions> = []
    for (let page = 1; ; page++) {
      const reply = await this.versions(page)
      const read = reply.status === 200 ? Versions.safeParse(parsed(reply.text)) : undefined
      if (!read?.success)
        throw hostRefused("GitHub", `GET ${this.path || "/packages"}`, reply.status, saidBy(reply.text))
      versions.push(...read.data)
      if (!/;\s*rel="next"/.test(reply.headers.link ?? "")) break
    }
    // The signatures of an entry are a version of their own, under a tag made of its digest.
    const signatures = new Map(
      versions.flatMap(({ id, metadata }) => metadata.container.tags.map((tag) => [tag, id] as const)),
    )
    return versions.flatMap(({ id, name, created_at, metadata: { container } }) => {
      const signature = signatures.get(`${name.replace(":", "-")}.sig`)
      const ids = signature === undefined ? [id] : [id, signature]
      return container.tags
        .filter(kindOf)
        .map((tag) => ({ tag, created: created_at, ids, others: container.tags.filter((other) => other !== tag) }))
    })
  }

  async remove({ ids }: Version): Promise<string> {
    for (const id of ids) {
      const reply = await this.ask("DELETE", `${this.path}/${id}`)
      if (reply.status !== 204 && reply.status !== 404) return `GitHub answered ${said(reply)}`
    }
    return ""
  }

  private async versions(page: number): Promise<Reply> {
    const [owner = "", ...rest] = this.settings.repository.split("/")
    const versions = `packages/container/${encodeURIComponent(rest.join("/"))}/versions`
    const places = this.path ? [this.path] : [`/orgs/${owner}/${versions}`, `/users/${owner}/${versions}`]
    let reply: Reply | undefined
    for (const path of places) {
      reply = await this.ask("GET", `${path}?per_page=100&page=${page}`)
      if (reply.status === 404) continue
      this.path = path
      break
    }
    return reply as Reply
  }

  private ask(method: "GET" | "DELETE", path: string): Promise<Reply> {
    const headers = {
      authorization: `Bearer ${this.settings.token}`,
      accept: "application/vnd.github+json",
      "x-github-api-version": "2022-11-28",
      "user-agent": "deployment-pipeline",
    }
    return insist({ method, url: `${this.settings.api}${path}`, headers }, { host: "GitHub", clock: this.clock })
  }
}

const said = ({ status, text }: Reply) => [status, saidBy(text)].filter(Boolean).join(": ")

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
