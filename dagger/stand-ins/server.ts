import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo, Socket } from "node:net"

/** A request as a stand-in sees it. */
export interface Asked {
  method: string
  /** Path without the query. */
  path: string
  query: URLSearchParams
  /** The query as it was sent, without its question mark. */
  rawQuery: string
  headers: Record<string, string>
  body: Buffer
}

/** What a stand-in answers; an object as `json`, anything else as `body`. */
export interface Told {
  status?: number
  headers?: Record<string, string>
  json?: unknown
  body?: string | Uint8Array
  /** Takes the response over, for streams and proxies. */
  pipe?: (request: IncomingMessage, response: ServerResponse) => void
}

export interface Logged {
  method: string
  path: string
  /** 0 when the connection was dropped instead of an answer. */
  status: number
}

/** Something that goes wrong on purpose, for requests whose `METHOD /path` matches. */
export interface Fault {
  on: RegExp
  /** How many matching requests it spoils; 1 unless given. */
  times?: number
  /** How many matching requests pass unspoilt before it. */
  after?: number
  /** `status`: refuse with it. `reset`: drop the connection, nothing happens. `lost reply`: it happens, then the connection drops.
   *  `stale`: answer as the last time. `delay`: wait first. */
  /** Only while this holds. */
  when?: () => boolean
  kind: "status" | "reset" | "lost reply" | "stale" | "delay"
  status?: number
  headers?: Record<string, string>
  body?: string
  milliseconds?: number
}

export interface StandIn extends AsyncDisposable {
  /** Origin, such as `http://127.0.0.1:4100`. */
  url: string
  log: Logged[]
  /** Requests that change something, oldest first, as `METHOD /path`. */
  writes(): string[]
  fail(fault: Fault): void
  /** Called when a request arrives, before anything happens, and again before its answer leaves. */
  onRequest?: (when: "before" | "after", request: string) => Promise<void> | void
  close(): Promise<void>
}

/**
 * A loopback server with a request log and scripted faults; `answer` holds the behaviour.
 * @param always headers that every answer has, an outage's too.
 */
export async function standIn(
  answer: (asked: Asked) => Told | Promise<Told>,
  { address = "127.0.0.1", port = 0, always = (): Record<string, string> => ({}) } = {},
): Promise<StandIn> {
  const log: Logged[] = []
  const faults: (Fault & { times: number; after: number })[] = []
  const lastTold = new Map<string, Told>()
  const sockets = new Set<Socket>()

  const server: Server = createServer((request, response) => {
    serve(request, response).catch((failure: unknown) => {
      if (!response.headersSent) response.writeHead(500).end(`the stand-in itself failed: ${failure}`)
    })
  })
  server.keepAliveTimeout = 30_000
  server.on("connection", (socket) => {
    sockets.add(socket)
    socket.on("close", () => sockets.delete(socket))
  })

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = await read(request)
    const name = `${asked.method} ${asked.path}`
    const entry: Logged = { method: asked.method, path: asked.path, status: 0 }
    log.push(entry)
    await self.onRequest?.("before", name)
    const fault = nextFault(name)
    if (fault?.kind === "reset") return drop(request)
    if (fault?.kind === "delay") await new Promise((wake) => setTimeout(wake, fault.milliseconds ?? 50))
    const told = await tell(fault, name, asked)
    await self.onRequest?.("after", name)
    if (fault?.kind === "lost reply") return drop(request)
    entry.status = told.status ?? 200
    if (told.pipe) return told.pipe(request, response)
    send(response, { ...told, headers: { ...always(), ...told.headers } })
  }

  async function tell(fault: Fault | undefined, name: string, asked: Asked): Promise<Told> {
    if (fault?.kind === "status")
      return {
        status: fault.status ?? 500,
        headers: fault.headers ?? {},
        body: fault.body ?? '{"message":"scripted fault"}',
      }
    const before = lastTold.get(name)
    if (fault?.kind === "stale" && before) return before
    const told = await answer(asked)
    if (!told.pipe) lastTold.set(name, told)
    return told
  }

  function nextFault(name: string): Fault | undefined {
    for (const fault of faults) {
      if (!fault.on.test(name) || fault.times === 0 || fault.when?.() === false) continue
      if (fault.after-- > 0) continue
      fault.times--
      return fault
    }
    return undefined
  }

  await new Promise<void>((ready, failed) => server.once("error", failed).listen(port, address, ready))
  const close = async () => {
    const closed = new Promise<void>((done) => server.close(() => done()))
    for (const socket of sockets) socket.destroy()
    await closed
  }
  const self: StandIn = {
    url: `http://${address === "0.0.0.0" ? "127.0.0.1" : address}:${(server.address() as AddressInfo).port}`,
    log,
    writes: () =>
      log.filter(({ method }) => !["GET", "HEAD"].includes(method)).map(({ method, path }) => `${method} ${path}`),
    fail: (fault) => void faults.push({ times: 1, after: 0, ...fault }),
    close,
    [Symbol.asyncDispose]: close,
  }
  return self
}

/** One handler out of several, by `METHOD /path/with/:names`; the rest answers 404. */
export function routes(table: Record<string, (asked: Asked, names: string[]) => Told | Promise<Told>>) {
  const compiled = Object.entries(table).map(([route, handler]) => ({
    pattern: new RegExp(`^${route.replace(/\*/g, "(.+)").replace(/:\w+/g, "([^/]+)")}$`),
    handler,
  }))
  return (asked: Asked): Told | Promise<Told> => {
    for (const { pattern, handler } of compiled) {
      const match = pattern.exec(`${asked.method} ${asked.path}`)
      if (!match) continue
      try {
        match.forEach(decodeURIComponent)
      } catch {
        return { status: 400, json: { code: 400, error: "Bad Request", message: "Bad Request" } }
      }
      return handler(asked, match.slice(1).map(decodeURIComponent))
    }
    return { status: 404, json: { code: 404, message: "Not Found" } }
  }
}

/**
 * One page of a list, by the number of the page, and the pages around it as GitHub and Netlify link them.
 * @param address of the list, without its query.
 */
export function paged<Item>(
  address: string,
  query: URLSearchParams,
  all: Item[],
  { usual = 30, most = 100 } = {},
): { items: Item[]; headers: Record<string, string> } {
  const size = Math.max(1, Math.min(most, Number(query.get("per_page") ?? usual)))
  const [page, last] = [Number(query.get("page") ?? 1), Math.max(1, Math.ceil(all.length / size))]
  const link = (to: number, rel: string) => {
    const wanted = new URLSearchParams(query)
    wanted.set("page", String(to))
    return `<${address}?${wanted}>; rel="${rel}"`
  }
  const links = [
    ...(page > 1 ? [link(page - 1, "prev"), link(1, "first")] : []),
    ...(page < last ? [link(page + 1, "next"), link(last, "last")] : []),
  ]
  return {
    items: all.slice((page - 1) * size, page * size),
    headers: links.length > 0 ? { link: links.join(", ") } : {},
  }
}

async function read(request: IncomingMessage): Promise<Asked> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  const url = new URL(request.url ?? "/", "http://stand-in")
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
  return {
    method: request.method ?? "GET",
    path: url.pathname,
    query: url.searchParams,
    rawQuery: url.search.slice(1),
    headers,
    body: Buffer.concat(parts),
  }
}

function send(response: ServerResponse, { status = 200, headers = {}, json, body }: Told): void {
  const type = json === undefined ? {} : { "content-type": "application/json; charset=utf-8" }
  response.writeHead(status, { ...type, ...headers })
  response.end(status === 204 ? undefined : json === undefined ? (body ?? "") : JSON.stringify(json))
}

function drop(request: IncomingMessage): void {
  request.socket.destroy()
}
