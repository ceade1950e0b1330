import { vi } from "vitest"

export const config = { environment: "production", apiUrl: "https://api.example.org" }

export const json = (value: unknown, status = 200) => new Response(JSON.stringify(value), { status })

/** Never answers, and gives up the way a browser does. */
export const silent: typeof fetch = (_address, init) =>
  new Promise((_resolve, reject) => {
    init?.signal?.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")))
  })

type Answering = (body: { question: string }, init: RequestInit) => Response | Promise<Response>

/** Stands in for the network: a site that serves `settings`, and a backend that answers /chat. */
export function network({
  settings = () => json(config),
  chat = ({ question }) => json({ answer: `You asked: ${question}`, sources: [] }),
}: { settings?: (init: RequestInit) => Response | Promise<Response>; chat?: Answering } = {}) {
  const requests: { address: string; method: string; body: unknown }[] = []
  vi.stubGlobal("fetch", async (address: string, init: RequestInit = {}) => {
    const body: unknown = typeof init.body === "string" ? JSON.parse(init.body) : undefined
    requests.push({ address, method: init.method ?? "GET", body })
    return address === "/config.json" ? settings(init) : chat(body as { question: string }, init)
  })
  return { requests, questions: () => requests.filter(({ method }) => method === "POST") }
}
