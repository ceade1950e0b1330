export interface Source {
  slug: string
  title: string
}

export interface Answer {
  answer: string
  sources: Source[]
}

/** Says in one sentence, fit for a visitor, why there is no answer and what to do. */
export class ChatError extends Error {}

function isSource(value: unknown): value is Source {
  const { slug, title } = (value ?? {}) as Record<string, unknown>
  return typeof slug === "string" && typeof title === "string"
}

/** The backend's answer, reduced to the fields that are shown. */
export function parseAnswer(value: unknown): Answer {
  const { answer, sources } = (value ?? {}) as Record<string, unknown>
  if (typeof answer !== "string" || !Array.isArray(sources) || !sources.every(isSource)) {
    throw new ChatError("The answer could not be read. Try again later.")
  }
  return { answer, sources: sources.map(({ slug, title }) => ({ slug, title })) }
}

function refusal(status: number): string {
  if (status === 429) return "Too many questions at once. Wait a minute and try again."
  if (status >= 500) return `The answer service is unavailable (${status}). Try again in a minute.`
  return `The question was not accepted (${status}). Reword it and try again.`
}

interface AskOptions {
  /** Milliseconds until the question is given up, body of the answer included. */
  timeout: number
  /** Aborting it rejects with an AbortError, which is nobody's mistake. */
  signal: AbortSignal
}

/** Asks the backend one question. Throws `ChatError` unless `signal` was aborted. */
export async function ask(apiUrl: string, question: string, { timeout, signal }: AskOptions): Promise<Answer> {
  const controller = new AbortController()
  const giveUp = () => controller.abort()
  signal.addEventListener("abort", giveUp)
  const timer = setTimeout(giveUp, timeout)
  try {
    signal.throwIfAborted()
    const response = await fetch(`${apiUrl}/chat`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ question }),
      signal: controller.signal,
    })
    if (!response.ok) throw new ChatError(refusal(response.status))
    return parseAnswer(await response.json())
  } catch (error) {
    if (signal.aborted || error instanceof ChatError) throw error
    if (controller.signal.aborted) throw new ChatError(`No answer within ${timeout / 1000} s. Try again.`)
    if (error instanceof SyntaxError) throw new ChatError("The answer could not be read. Try again later.")
    throw new ChatError("The answer service could not be reached. Check your connection and try again.")
  } finally {
    clearTimeout(timer)
    signal.removeEventListener("abort", giveUp)
  }
}
