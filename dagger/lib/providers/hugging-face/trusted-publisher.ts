import { z } from "zod"
import type { Clock } from "../../clock.js"
import { answerUnreadable } from "../../deployment/host-errors.js"
import { keepSecret } from "../../text/secret-values.js"
import { accepted, type Call, insist, type Reply } from "../request.js"
import { exchangeRefused } from "./errors.js"
import { claimsOf, described } from "./id-token.js"

const Issued = z.object({
  // Of a repository `hf_jwt_…`; the Hub takes no other beginning than `hf_`.
  access_token: z.string().regex(/^hf_[\w.-]+$/, "it is no token of Hugging Face"),
  // Five minutes are the least in which a deployment can do anything.
  expires_in: z.number().min(300),
})
const Refusal = z.object({ error: z.string(), error_description: z.string().default("") })

/**
 * A token of one Space for an hour, in exchange for the ID token of a CI's job (RFC 8693). Redacted in all output from then on.
 *
 * Endpoint, request and answers: https://huggingface.co/docs/hub/trusted-publishers. Not known from documents, and assumed nowhere:
 * whether an ID token can be exchanged more than once (a lost answer is asked for again, and another Space with the same one), how the
 * presets "branch" and "workflow" of the Hub's page are made of claims, what `whoami-v2` says of the new token, and whether "write access
 * to that one repo" includes variables, secrets and the restart of a Space. Where it does not, the Hub's 403 says so before the commit.
 *
 * @param space `owner/name` of the Space.
 * @throws DeploymentError when Hugging Face refuses; the ID token is never part of it.
 */
export async function exchanged(idToken: string, space: string, at: { hub: string; clock: Clock }): Promise<string> {
  const { hub, clock } = at
  const claims = claimsOf(idToken)
  const call: Call = {
    method: "POST",
    url: `${hub}/oauth/token`,
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({
      grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
      subject_token_type: "urn:ietf:params:oauth:token-type:id_token",
      subject_token: idToken.trim(),
      resource: `spaces/${space}`,
    }),
  }
  const reply = await insist(call, { host: "Hugging Face", clock })
  if (reply.status === 400) {
    const isExpired = claims.exp * 1000 <= clock.now().getTime()
    throw exchangeRefused(space, refusal(reply), described(claims, clock.now()), isExpired)
  }
  const answer = json(accepted(reply, "Hugging Face", call).text)
  // Before anything is said of the answer: also a token in one that is odd is a secret.
  if (isObject(answer) && typeof answer.access_token === "string") keepSecret(answer.access_token)
  const issued = Issued.safeParse(answer)
  if (!issued.success) throw answerUnreadable("Hugging Face", "POST /oauth/token", z.prettifyError(issued.error))
  return issued.data.access_token
}

function refusal({ text, headers }: Reply): string {
  const { data } = Refusal.safeParse(json(text))
  const said = data ? [data.error, data.error_description].filter(Boolean).join(": ") : "no reason"
  const request = headers["x-request-id"]
  return `POST /oauth/token was answered 400: ${said}${request ? ` (request ${request})` : ""}`
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
