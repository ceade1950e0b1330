import useBaseUrl from "@docusaurus/useBaseUrl"
import { type KeyboardEvent, useId, useRef, useState } from "react"
import { useChat } from "../../lib/useChat"
import { Conversation } from "./Conversation"
import { QuestionForm } from "./QuestionForm"
import styles from "./styles.module.css"

/** Question box in the corner of every page. Text from the backend is shown as text, never as markup. */
export function ChatWidget() {
  const { connection, exchanges, pending, failure, connect, send, cancel } = useChat(useBaseUrl("/config.json"))
  const [open, setOpen] = useState(false)
  const opener = useRef<HTMLButtonElement>(null)
  const id = useId()

  function toggle() {
    setOpen(!open)
    if (!open) void connect()
  }

  function close() {
    setOpen(false)
    opener.current?.focus()
  }

  function closeOnEscape(event: KeyboardEvent) {
    if (event.key === "Escape") close()
  }

  const settings = connection.step === "ready" ? connection.settings : undefined

  return (
    <div className={styles.corner} onKeyDown={closeOnEscape} role="presentation">
      {open && (
        <section id={id} className={styles.panel} role="dialog" aria-labelledby={`${id}-title`}>
          <header className={styles.header}>
            <h2 id={`${id}-title`}>Ask the book</h2>
            {settings && settings.environment !== "production" && (
              <span className="badge badge--secondary">{settings.environment}</span>
            )}
            <button type="button" className="clean-btn close" aria-label="Close" onClick={close}>
              <span aria-hidden="true">×</span>
            </button>
          </header>
          <Conversation exchanges={exchanges} pending={pending} />
          {connection.step === "broken" && (
            <div role="alert" className={styles.failure}>
              <p>Questions cannot be asked right now: {connection.reason}</p>
              <button type="button" className="button button--secondary button--sm" onClick={() => void connect()}>
                Try again
              </button>
            </div>
          )}
          {failure !== undefined && (
            <p role="alert" className={styles.failure}>
              {failure}
            </p>
          )}
          <QuestionForm
            disabled={!settings}
            waiting={pending !== undefined}
            onAsk={async (question) => settings !== undefined && send(settings.apiUrl, question)}
            onCancel={cancel}
          />
        </section>
      )}
      <button
        ref={opener}
        type="button"
        className={`button button--primary ${styles.opener}`}
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={toggle}
      >
        Ask a question
      </button>
    </div>
  )
}
