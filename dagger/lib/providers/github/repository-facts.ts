import { z } from "zod"
import type { DeploymentEnvironment, RepositoryFacts, StoredSecret } from "../../doctor/repository-facts.js"
import type { GitHub } from "./github.js"

const Repository = z.object({
  archived: z.boolean().nullish(),
  permissions: z.object({ push: z.boolean() }).nullish(),
})
const Environments = z.object({
  environments: z
    .array(z.object({ name: z.string(), protection_rules: z.array(z.object({ type: z.string() })).default([]) }))
    .default([]),
})
const Secrets = z.object({ secrets: z.array(z.object({ name: z.string(), updated_at: z.string() })) })

const inHundreds = () => new URLSearchParams({ per_page: "100" })

export async function repositoryFacts(github: GitHub): Promise<RepositoryFacts> {
  const reply = await github.ask("GET", "")
  if (reply.status !== 200) throw github.refusal("GET", "", reply)
  const { archived, permissions } = github.parse("GET", "", reply, Repository)
  const expires = reply.headers["github-authentication-token-expiration"] ?? ""
  // https://github.blog/changelog/2021-07-26-expiration-options-for-personal-access-tokens: `2026-10-07 19:07:53 UTC`, or with +0000.
  const date = new Date(expires.replace(/^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) (?:UTC|\+0000)$/, "$1T$2Z"))
  return {
    mayWrite: permissions?.push,
    isArchived: archived ?? false,
    tokenExpires: Number.isNaN(date.getTime()) ? "" : date.toISOString(),
  }
}

export async function hasBranch(github: GitHub, branch: string): Promise<boolean> {
  const path = `/git/ref/heads/${branch.split("/").map(encodeURIComponent).join("/")}`
  const reply = await github.ask("GET", path)
  if (reply.status === 200) return true
  if (reply.status === 404) return false
  throw github.refusal("GET", path, reply)
}

/** `undefined` when there is none; "hidden" when the token may not know, which a deployment need not either. */
export async function environmentOnGitHub(
  github: GitHub,
  name: string,
): Promise<DeploymentEnvironment | "hidden" | undefined> {
  for await (const reply of github.replies("/environments", inHundreds())) {
    if (reply.status === 403 || reply.status === 404) return "hidden"
    if (reply.status !== 200) throw github.refusal("GET", "/environments", reply)
    const { environments } = github.parse("GET", "/environments", reply, Environments)
    const found = environments.find((it) => it.name.toLowerCase() === name.toLowerCase())
    if (found) return { name: found.name, rules: found.protection_rules.map(({ type }) => type) }
  }
  return undefined
}

/** Names of the secrets that a workflow in this environment can read; `undefined` when the token may not know them. */
export async function storedSecrets(github: GitHub, environment: string): Promise<StoredSecret[] | undefined> {
  // Of two of one name a workflow reads the first.
  const places = [
    `/environments/${encodeURIComponent(environment)}/secrets`,
    "/actions/secrets",
    "/actions/organization-secrets",
  ]
  const found = new Map<string, StoredSecret>()
  for (const place of places) {
    for await (const reply of github.replies(place, inHundreds())) {
      if (reply.status === 403 || (reply.status === 404 && place === "/actions/secrets")) return undefined
      // An environment that is not there yet has none, nor has a person who is no organisation.
      if (reply.status === 404) break
      if (reply.status !== 200) throw github.refusal("GET", place, reply)
      const { secrets } = github.parse("GET", place, reply, Secrets)
      for (const { name, updated_at } of secrets) if (!found.has(name)) found.set(name, { name, updatedAt: updated_at })
    }
  }
  return [...found.values()]
}
