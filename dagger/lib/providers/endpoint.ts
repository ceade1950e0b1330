import type { Answer, Question } from "../deployment/answer.js"
import { hostRefused } from "../deployment/host-errors.js"

/**
 * One request to a public address, without credentials. Never throws: silence is an answer too.
 * At most 1 MiB of the body is read; redirects are handed back, not followed.
 */
export async function get(
  url: string,
  { method, headers }: Question = { method: "GET", headers: {} },
  timeoutMilliseconds = 10_000,
): Promise<Answer> {
  const { Agent, request } = await import("undici")
  // A connection of its own each time: a kept one may have died unnoticed, which says nothing about the target.
  const dispatcher = new Agent()
  try {
    const answer = await request(url, {
      method,
      signal: AbortSignal.timeout(timeoutMilliseconds),
      headers: { "cache-control": "no-cache", ...headers },
      dispatcher,
    })
    const body = await firstMebibyte(answer.body)
    const { "content-type": type, location } = answer.headers
    return {
      kind: "answered",
      status: answer.statusCode,
      type: String(type ?? ""),
      location: String(location ?? ""),
      body,
      headers: Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, String(value ?? "")])),
    }
  } catch (failure) {
    return { kind: "silent", why: silence(failure, timeoutMilliseconds) }
  } finally {
    await dispatcher.destroy()
  }
}

/** The whole content at a public address. Throws unless it is answered with 200. */
export async function getBytes(url: string): Promise<Uint8Array> {
  const { request } = await import("undici")
  const { statusCode, body } = await request(url, { signal: AbortSignal.timeout(60_000) })
  if (statusCode === 200) return new Uint8Array(await body.arrayBuffer())
  await body.dump()
  throw hostRefused(new URL(url).host, `GET ${new URL(url).pathname}`, statusCode, "")
}

async function firstMebibyte(body: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of body) {
    parts.push(part)
    size += part.length
    if (size >= 1_048_576) break
  }
  return Buffer.concat(parts).subarray(0, 1_048_576).toString("utf8")
}

function silence(failure: unknown, timeout: number): string {
  const { name, code } = failure as { name?: string; code?: string }
  if (name === "TimeoutError") return `did not answer within ${timeout / 1000} s`
  if (code === "ECONNREFUSED") return "refused the connection"
  if (code === "ECONNRESET" || code === "UND_ERR_SOCKET") return "dropped the connection"
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "has no address: the name is unknown"
  return `could not be asked (${code ?? name ?? "unknown"})`
}
