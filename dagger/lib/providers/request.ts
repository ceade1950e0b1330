import { Readable } from "node:stream"
import type { ReadableStream } from "node:stream/web"
import type { Clock } from "../clock.js"
import { hostRefused, hostUnreachable } from "../deployment/host-errors.js"
import type { Call, Reply } from "./call.js"
import { mostRedirects, redirected } from "./redirect.js"

export type { Call, Reply } from "./call.js"

/** The connection broke: whether the request had its effect is unknown. */
export class NoReply extends Error {}

/** The answer has more bytes than the request takes. It ends there: nobody knows how much would follow. */
export class TooLong extends Error {}

/** Half a minute for an answer, and the time that a line of 50 kB/s takes for what is sent and for what is awaited. */
const patience = ({ body, awaits = 0 }: Call) =>
  30_000 + Math.ceil(((body instanceof Blob ? body.size : 0) + awaits) / 50)

const streamed = (body: string | Blob) =>
  // The two declarations of a web stream differ in what nobody uses.
  typeof body === "string" ? body : Readable.fromWeb(body.stream() as ReadableStream)

/** One request and its reply, whatever its status. */
export async function once(call: Call, timeoutMilliseconds = patience(call)): Promise<Reply> {
  const { request } = await import("undici")
  try {
    const { method, url, body } = call
    const headers = body instanceof Blob ? { ...call.headers, "content-length": `${body.size}` } : call.headers
    const signal = AbortSignal.timeout(Math.ceil(timeoutMilliseconds))
    const reply = await request(url, { method, headers, signal, ...(body !== undefined && { body: streamed(body) }) })
    const bytes = await received(reply.body, call.most)
    return { status: reply.statusCode, headers: flat(reply.headers), bytes, text: bytes.toString("utf8"), url }
  } catch (failure) {
    if (failure instanceof TooLong) throw failure
    const { name, code } = failure as { name?: string; code?: string }
    throw new NoReply(
      name === "TimeoutError"
        ? `got no answer within ${Math.ceil(timeoutMilliseconds / 1000)} s`
        : `got no answer (${code ?? name})`,
    )
  }
}

async function received(body: AsyncIterable<Uint8Array>, most = Number.POSITIVE_INFINITY): Promise<Buffer> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of body) {
    size += part.length
    if (size > most) throw new TooLong(`more than ${most} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts)
}

export interface Insistence {
  host: string
  clock: Clock
  /** `false` for a request that creates something. */
  repeats?: boolean
  /** Whether what it writes may go to another origin, without credentials; see `redirected`. */
  leaves?: boolean
  /** When the waiting ends, in milliseconds since 1970. */
  until?: number
  /** Whether a reply says that a limit is used up; 429 unless given. */
  limited?: (reply: Reply) => boolean
}

/**
 * A request that may be repeated: up to five times after a used up limit, 5xx or a broken connection, with growing pauses. Redirects
 * are followed, see `redirected`.
 * A request that must not be repeated blindly (it creates something) sets `repeats: false`; then only a limit is waited for, and
 * after a broken connection or 5xx the caller looks whether it had its effect. `until` ends the waiting: what was answered last is
 * the answer.
 */
export async function insist(call: Call, how: Insistence): Promise<Reply> {
  let next: Call | undefined = call
  for (let hops = 0; ; hops++) {
    const reply = await insistHere(next, how)
    next = hops < mostRedirects ? redirected(next, reply, how) : undefined
    if (!next) return reply
  }
}

async function insistHere(
  call: Call,
  { host, clock, repeats = true, until = Number.POSITIVE_INFINITY, limited = isTooMany }: Insistence,
): Promise<Reply> {
  const name = `${call.method} ${new URL(call.url).pathname}`
  for (let attempt = 1; ; attempt++) {
    const last = attempt === 5
    const left = () => until - clock.now().getTime()
    try {
      const reply = await once(call, Math.min(patience(call), Math.max(1, left())))
      const isLimited = limited(reply)
      const passing = isLimited || (repeats && reply.status >= 500)
      const pause =
        pauseAsked(reply.headers, clock.now()) ?? (isLimited ? unexplained(reply, attempt) : growing(attempt))
      if (!passing || last || pause >= left()) return reply
      await clock.sleep(pause)
    } catch (failure) {
      if (!(failure instanceof NoReply) || !repeats) throw failure
      if (last || growing(attempt) >= left()) throw hostUnreachable(host, name, failure.message)
      await clock.sleep(growing(attempt))
    }
  }
}

const isTooMany = ({ status }: Reply) => status === 429

/**
 * How long to wait for a limit that does not say how long: GitHub asks for a minute, and for longer each time.
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
 */
const unexplained = ({ status }: Reply, attempt: number) =>
  status === 429 ? growing(attempt) : Math.min(120_000, 60_000 * attempt)

/** The reply when its status says success, else the host's refusal in our words. */
export function accepted(reply: Reply, host: string, call: Call): Reply {
  if (reply.status >= 200 && reply.status < 300) return reply
  throw hostRefused(host, `${call.method} ${new URL(call.url).pathname}`, reply.status, saidBy(reply.text))
}

export const growing = (attempt: number) => Math.min(30_000, 1000 * 2 ** (attempt - 1))

/**
 * Milliseconds that the host asks to wait, at most two minutes; `undefined` when it does not say. GitHub and the Hub tell in each answer
 * when their count begins anew: that is something to wait for only where nothing is left of it.
 */
export function pauseAsked(headers: Record<string, string>, now: Date): number | undefined {
  const { ratelimit = "", "x-ratelimit-remaining": remaining = "0", "x-ratelimit-reset": reset } = headers
  const isUsedUp = (/(?:^|;)\s*r=(\d+)/.exec(ratelimit)?.[1] ?? "0") === "0"
  const seconds =
    secondsOrDate(headers["retry-after"], now) ??
    (isUsedUp ? number(/(?:^|;)\s*t=(\d+)/.exec(ratelimit)?.[1]) : undefined) ??
    (remaining === "0" ? epoch(reset, now) : undefined)
  return seconds === undefined ? undefined : Math.min(120, Math.max(1, seconds)) * 1000
}

function number(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}

/** https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
function secondsOrDate(text: string | undefined, now: Date): number | undefined {
  const at = Date.parse(text ?? "")
  return number(text) ?? (Number.isNaN(at) ? undefined : Math.ceil((at - now.getTime()) / 1000))
}

function epoch(text: string | undefined, now: Date): number | undefined {
  const at = number(text)
  return at === undefined ? undefined : at - Math.floor(now.getTime() / 1000)
}

/** The reason in an error body, of the several shapes that providers use. */
export function saidBy(text: string): string {
  try {
    const { message, error, errors } = JSON.parse(text) as {
      message?: unknown
      error?: unknown
      errors?: { message?: unknown }[]
    }
    return String(message ?? error ?? errors?.[0]?.message ?? "")
  } catch {
    return text.startsWith("<") ? "an HTML page" : text.slice(0, 300)
  }
}

function flat(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value ?? "")]))
}
