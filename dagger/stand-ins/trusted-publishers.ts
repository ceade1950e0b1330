import { randomBytes, verify } from "node:crypto"
import type { IdentityProvider } from "./identity-provider.js"
import type { Asked, Told } from "./server.js"

/** A job that a Space trusts: one of this issuer with exactly these claims. */
export interface TrustedPublisher {
  /** `owner/name` of the Space. */
  space: string
  provider: Pick<IdentityProvider, "issuer" | "publicKey">
  claims: Record<string, string>
}

/** The Hub's side of trusted publishing. https://huggingface.co/docs/hub/trusted-publishers */
export interface TrustedPublishers {
  /** Answers `POST /oauth/token`, which asks for no other credentials. */
  exchange(asked: Asked): Told
  /**
   * Whether a token that was issued here may be used so; `undefined` for any other token. It reads what anybody may read, and does
   * everything with its own Space: whether that holds for variables and secrets of the real one is not documented.
   */
  allows(token: string, asked: Pick<Asked, "method" | "path">): "yes" | "no" | "ended" | undefined
  /** Tokens that were issued, oldest first. */
  issued(): string[]
}

export function trustedPublishers(
  publishers: TrustedPublisher[],
  /** Milliseconds since 1970. */
  now: () => number,
): TrustedPublishers {
  const tokens = new Map<string, { space: string; ends: number }>()

  function exchange({ headers, body }: Asked): Told {
    const asked = parsed(body.toString())
    const { grant_type, subject_token_type, subject_token, resource } = asked ?? {}
    if (
      !headers["content-type"]?.startsWith("application/json") ||
      grant_type !== "urn:ietf:params:oauth:grant-type:token-exchange" ||
      subject_token_type !== "urn:ietf:params:oauth:token-type:id_token" ||
      typeof subject_token !== "string"
    )
      return refused("invalid_request", "missing or malformed parameter")
    if (typeof resource !== "string" || !/^(?:(?:datasets|spaces|kernels)\/)?[\w.-]+(?:\/[\w.-]+)?$/.test(resource))
      return refused("invalid_request", "invalid resource")
    const claims = verified(subject_token)
    const trusted = publishers.some(
      (one) =>
        `spaces/${one.space}` === resource &&
        claims?.iss === one.provider.issuer &&
        Object.entries(one.claims).every(([name, value]) => claims[name] === value),
    )
    // On purpose the same words for each failed check.
    if (!claims || !trusted) return refused("invalid_grant", "no trusted publisher accepts this token")
    const token = `hf_jwt_eyJ${randomBytes(24).toString("base64url")}.${randomBytes(90).toString("base64url")}.${randomBytes(32).toString("base64url")}`
    tokens.set(token, { space: resource.slice("spaces/".length), ends: now() + 3_600_000 })
    return {
      headers: { "x-request-id": "Root=1-stand-in", "cache-control": "no-store" },
      json: {
        access_token: token,
        token_type: "bearer",
        expires_in: 3600,
        issued_token_type: "urn:ietf:params:oauth:token-type:access_token",
      },
    }
  }

  /** The claims of a token that an issuer signed for the Hub and that is still valid. */
  function verified(token: string): Record<string, unknown> | undefined {
    const [header = "", payload = "", signature = "", ...more] = token.split(".")
    const claims = parsed(Buffer.from(payload, "base64url").toString())
    const provider = publishers.find((one) => one.provider.issuer === claims?.iss)?.provider
    const isSigned =
      provider &&
      more.length === 0 &&
      verify("sha256", Buffer.from(`${header}.${payload}`), provider.publicKey, Buffer.from(signature, "base64url"))
    const isMeant = claims?.aud === "https://huggingface.co"
    return isSigned && isMeant && Number(claims.exp) * 1000 > now() ? claims : undefined
  }

  return {
    exchange,
    allows(token, { method, path }) {
      const found = tokens.get(token)
      if (!found) return undefined
      if (found.ends <= now()) return "ended"
      const place = /^(?:\/api)?\/spaces\/([^/]+\/[^/]+)(\/.*)?$/.exec(path)
      if (place?.[1] === found.space) return "yes"
      return method === "GET" && place && !/^\/(?:variables|secrets|logs)/.test(place[2] ?? "") ? "yes" : "no"
    },
    issued: () => [...tokens.keys()],
  }
}

const refused = (error: string, description: string): Told => ({
  status: 400,
  headers: { "x-request-id": "Root=1-stand-in", "cache-control": "no-store" },
  json: { error, error_description: description },
})

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
