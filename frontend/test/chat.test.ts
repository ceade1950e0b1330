import { describe, expect, it, vi } from "vitest"
import { ask, parseAnswer } from "../src/lib/chat"
import { json, network, silent } from "./backend"

const api = "https://api.example.org"
const patient = () => ({ timeout: 1000, signal: new AbortController().signal })

describe("a question", () => {
  it("is posted to /chat as JSON and comes back with the chapters it was answered from", async () => {
    const sources = [{ slug: "humanoid-locomotion", title: "Humanoid Locomotion" }]
    const { requests } = network({ chat: () => json({ answer: "A point.", sources }) })

    expect(await ask(api, "What is the ZMP?", patient())).toEqual({ answer: "A point.", sources })
    expect(requests).toEqual([{ address: `${api}/chat`, method: "POST", body: { question: "What is the ZMP?" } }])
  })

  it.each([
    [400, "The question was not accepted (400). Reword it and try again."],
    [422, "The question was not accepted (422). Reword it and try again."],
    [429, "Too many questions at once. Wait a minute and try again."],
    [500, "The answer service is unavailable (500). Try again in a minute."],
    [503, "The answer service is unavailable (503). Try again in a minute."],
  ])("answered %i tells the visitor: %s", async (status, message) => {
    network({ chat: () => json({ detail: "internal" }, status) })
    await expect(ask(api, "Why?", patient())).rejects.toThrow(message)
  })

  it("is given up when no answer comes in time", async () => {
    network({ chat: (_body, init) => silent(api, init) })
    await expect(ask(api, "Why?", { ...patient(), timeout: 20 })).rejects.toThrow("No answer within 0.02 s. Try again.")
  })

  it("is given up when the answer starts but does not end in time", async () => {
    network({
      chat: (_body, init) => {
        const stalled = new ReadableStream({
          start: (stream) => init.signal?.addEventListener("abort", () => stream.error(new Error("aborted"))),
        })
        return new Response(stalled)
      },
    })
    await expect(ask(api, "Why?", { ...patient(), timeout: 20 })).rejects.toThrow("No answer within 0.02 s.")
  })

  it("tells a broken network from a refusal", async () => {
    network({ chat: () => Promise.reject(new TypeError("Failed to fetch")) })
    await expect(ask(api, "Why?", patient())).rejects.toThrow("could not be reached. Check your connection")
  })

  it("cancelled by the visitor ends as an abort and not as a failure", async () => {
    network({ chat: (_body, init) => silent(api, init) })
    const visitor = new AbortController()
    const asked = ask(api, "Why?", { timeout: 1000, signal: visitor.signal })
    visitor.abort()
    await expect(asked).rejects.toHaveProperty("name", "AbortError")
  })

  it("cancelled before it starts is not sent", async () => {
    const { requests } = network()
    await expect(ask(api, "Why?", { timeout: 1000, signal: AbortSignal.abort() })).rejects.toHaveProperty(
      "name",
      "AbortError",
    )
    expect(requests).toEqual([])
  })

  it("leaves no timer behind", async () => {
    vi.useFakeTimers()
    network()
    await ask(api, "Why?", patient())
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })
})

describe("an answer", () => {
  it.each([
    null,
    {},
    { answer: 1, sources: [] },
    { answer: "x" },
    { answer: "x", sources: [null] },
    { answer: "x", sources: [{ slug: "s" }] },
  ])("of the wrong shape is refused: %j", (value) => {
    expect(() => parseAnswer(value)).toThrow("The answer could not be read.")
  })

  it("that is not JSON is refused", async () => {
    network({ chat: () => new Response("<html>") })
    await expect(ask(api, "Why?", patient())).rejects.toThrow("The answer could not be read.")
  })

  it("keeps only the fields that are shown", () => {
    const value = { answer: "x", sources: [{ slug: "s", title: "t", score: 1 }], tokens: 9 }
    expect(parseAnswer(value)).toEqual({ answer: "x", sources: [{ slug: "s", title: "t" }] })
  })
})
