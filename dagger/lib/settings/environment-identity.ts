import { childOf, inPath, type Mistake } from "./settings-mistakes.js"
import type { SecretNames } from "./settings-types.js"

interface Identity {
  branch: string
  site: string
  frontendUrl: string
  space: string
  candidateSpace: string
  backendUrl: string
  apiUrl: string
  secrets: SecretNames
}

/** What identifies an environment, with its defaults. Takes unvalidated input. */
export function identity(name: string, raw: unknown): Identity {
  const given = (...keys: string[]) => {
    const found = keys.reduce<unknown>(childOf, raw)
    return typeof found === "string" ? found : ""
  }
  const site = given("frontend", "site")
  const domain = /\.|^[0-9a-f]{8}-[0-9a-f]{4}-/i.test(site) || site === "" ? site : `${site}.netlify.app`
  const space = given("backend", "space")
  const production = childOf(raw, "production") ?? name === "production"
  const suffix = production === true ? "" : `_${name.toUpperCase().replaceAll("-", "_")}`
  const secret = (key: string, usual: string) => given("secrets", key) || `${usual}${suffix}`
  const backendUrl = given("backend", "url") || (space && spaceUrl(space))
  return {
    branch: given("branch"),
    site: domain,
    frontendUrl: given("frontend", "url") || (domain.includes(".") ? `https://${domain}` : ""),
    space,
    candidateSpace: given("backend", "candidateSpace"),
    backendUrl,
    apiUrl: given("apiUrl") || backendUrl,
    secrets: {
      netlify: secret("netlify", "NETLIFY_TOKEN"),
      huggingFace: secret("huggingFace", "HF_TOKEN"),
      space: secret("space", "SPACE_SECRETS"),
      database: secret("database", "DATABASE_URL"),
      slack: secret("slack", "SLACK_WEBHOOK_URL"),
    },
  }
}

/** https://huggingface.co/docs/hub/spaces-embed: the subdomain is the Space's name in lower case, with - for what a domain can't hold. */
const spaceUrl = (space: string) => `https://${space.toLowerCase().replace(/[^a-z0-9]+/g, "-")}.hf.space`

/** Resources that two environments share: a deployment to one would change the other. */
export function shared(raw: unknown): Mistake[] {
  const all = childOf(raw, "environments")
  if (typeof all !== "object" || all === null) return []
  const owners = new Map<string, { environment: string; path: string }>()
  return Object.entries(all).flatMap(([environment, it]) => {
    const reported = new Set<string>()
    return claims(identity(environment, it)).flatMap(({ kind, key, value, from }) => {
      const path = `${inPath("environments", environment)}.${key}`
      const thing = `${kind} ${comparable(kind, value)}`
      const owner = owners.get(thing)
      if (!value || owner?.environment === environment) return []
      if (!owner) {
        owners.set(thing, { environment, path })
        return []
      }
      reported.add(key)
      const given = key.split(".").reduce<unknown>(childOf, it) !== undefined
      // An address that follows from the shared site or Space is not a second mistake.
      if (!given && from && reported.has(from)) return []
      return [{ path, why: `the same ${kind} as ${owner.path}, ${value}: two environments must not share one` }]
    })
  })
}

/** @returns `from`: the key that the default comes from. */
const claims = ({ secrets, ...it }: Identity) => [
  { kind: "branch", key: "branch", value: it.branch, from: "" },
  { kind: "Netlify site", key: "frontend.site", value: it.site, from: "" },
  { kind: "address", key: "frontend.url", value: it.frontendUrl, from: "frontend.site" },
  { kind: "Space", key: "backend.space", value: it.space, from: "" },
  { kind: "Space", key: "backend.candidateSpace", value: it.candidateSpace, from: "" },
  { kind: "address", key: "backend.url", value: it.backendUrl, from: "backend.space" },
  { kind: "address", key: "apiUrl", value: it.apiUrl, from: "backend.url" },
  { kind: "database", key: "secrets.database", value: secrets.database, from: "" },
  { kind: "secret", key: "secrets.netlify", value: secrets.netlify, from: "" },
  { kind: "secret", key: "secrets.huggingFace", value: secrets.huggingFace, from: "" },
  { kind: "secret", key: "secrets.space", value: secrets.space, from: "" },
  { kind: "secret", key: "secrets.slack", value: secrets.slack, from: "" },
]

function comparable(kind: string, value: string): string {
  if (kind === "address") return (URL.parse(value)?.href ?? value).toLowerCase().replace(/\/+$/, "")
  return kind === "Netlify site" || kind === "Space" ? value.toLowerCase() : value
}
