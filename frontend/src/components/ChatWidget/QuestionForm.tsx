import { type FormEvent, type KeyboardEvent, useEffect, useId, useRef, useState } from "react"
import styles from "./styles.module.css"

const LONGEST_QUESTION = 1000

interface Props {
  disabled: boolean
  waiting: boolean
  /** Resolves to whether the question was answered and may be cleared. */
  onAsk: (question: string) => Promise<boolean>
  onCancel: () => void
}

export function QuestionForm({ disabled, waiting, onAsk, onCancel }: Props) {
  const [question, setQuestion] = useState("")
  const [empty, setEmpty] = useState(false)
  const field = useRef<HTMLTextAreaElement>(null)
  const id = useId()

  useEffect(() => field.current?.focus(), [])

  async function submit(event?: FormEvent) {
    event?.preventDefault()
    if (waiting || disabled) return
    const asked = question.trim()
    setEmpty(asked === "")
    if (asked !== "" && (await onAsk(asked))) setQuestion("")
    field.current?.focus()
  }

  function submitOnEnter(event: KeyboardEvent) {
    // Enter also confirms a candidate while composing Japanese or Chinese text.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    void submit()
  }

  return (
    <form className={styles.form} onSubmit={(event) => void submit(event)}>
      <label htmlFor={id}>Your question</label>
      <textarea
        ref={field}
        id={id}
        rows={2}
        value={question}
        maxLength={LONGEST_QUESTION}
        readOnly={waiting}
        placeholder="What is the capture point?"
        aria-invalid={empty}
        aria-describedby={empty ? `${id}-empty` : undefined}
        onChange={(event) => {
          setQuestion(event.target.value)
          setEmpty(false)
        }}
        onKeyDown={submitOnEnter}
      />
      {empty && (
        <p id={`${id}-empty`} role="alert" className={styles.failure}>
          Type a question first.
        </p>
      )}
      <div className={styles.actions}>
        {waiting ? (
          <button type="button" className="button button--secondary button--sm" onClick={onCancel}>
            Cancel
          </button>
        ) : (
          <button type="submit" className="button button--primary button--sm" disabled={disabled}>
            Ask
          </button>
        )}
      </div>
    </form>
  )
}
