import { useCallback, useEffect, useRef, useState } from "react"
import { type Answer, ask } from "./chat"
import { type Settings, loadSettings } from "./settings"

/** A cold backend loads its model first; half a minute covers that and is still bearable to wait. */
const ANSWER_TIMEOUT = 30_000

export interface Exchange extends Answer {
  question: string
}

export type Connection =
  | { step: "unopened" }
  | { step: "connecting" }
  | { step: "ready"; settings: Settings }
  | { step: "broken"; reason: string }

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** One visitor's conversation: its settings, past exchanges, and the question being asked. */
export function useChat(settingsAddress: string) {
  const [connection, setConnection] = useState<Connection>({ step: "unopened" })
  const [exchanges, setExchanges] = useState<Exchange[]>([])
  const [pending, setPending] = useState<string>()
  const [failure, setFailure] = useState<string>()
  const inFlight = useRef<AbortController>(undefined)

  const cancel = useCallback(() => inFlight.current?.abort(), [])
  useEffect(() => cancel, [cancel])

  async function connect() {
    // A second attempt beside a slow first one would be overwritten when that one fails.
    if (connection.step === "connecting" || connection.step === "ready") return
    setConnection({ step: "connecting" })
    try {
      setConnection({ step: "ready", settings: await loadSettings(settingsAddress) })
    } catch (error) {
      setConnection({ step: "broken", reason: reasonOf(error) })
    }
  }

  /** Resolves to whether an answer arrived; when not, the visitor keeps the question to try again. */
  async function send(apiUrl: string, question: string): Promise<boolean> {
    const controller = new AbortController()
    inFlight.current = controller
    setFailure(undefined)
    setPending(question)
    try {
      const answer = await ask(apiUrl, question, { timeout: ANSWER_TIMEOUT, signal: controller.signal })
      setExchanges((earlier) => [...earlier, { question, ...answer }])
      return true
    } catch (error) {
      if (!controller.signal.aborted) setFailure(reasonOf(error))
      return false
    } finally {
      setPending(undefined)
    }
  }

  return { connection, exchanges, pending, failure, connect, send, cancel }
}
