import Link from "@docusaurus/Link"
import { useEffect, useRef } from "react"
import type { Source } from "../../lib/chat"
import type { Exchange } from "../../lib/useChat"
import styles from "./styles.module.css"

function Sources({ sources }: { sources: Source[] }) {
  if (sources.length === 0) return null
  return (
    <ul className={styles.sources} aria-label="Sources">
      {sources.map(({ slug, title }) => (
        <li key={slug}>
          {/* Encoded, so whatever the backend sends stays a path below /docs. */}
          <Link to={`/docs/${encodeURIComponent(slug)}`}>{title}</Link>
        </li>
      ))}
    </ul>
  )
}

interface Props {
  exchanges: Exchange[]
  pending: string | undefined
}

export function Conversation({ exchanges, pending }: Props) {
  const log = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (log.current) log.current.scrollTop = log.current.scrollHeight
  }, [exchanges, pending])

  return (
    <div ref={log} className={styles.log} role="log" aria-live="polite" aria-label="Conversation">
      {exchanges.length === 0 && pending === undefined && (
        <p className={styles.hint}>Answers come from the five chapters and name the ones they used.</p>
      )}
      {exchanges.map(({ question, answer, sources }, index) => (
        <div key={index}>
          <p className={styles.question}>{question}</p>
          <div className={styles.answer}>
            <p>{answer}</p>
            <Sources sources={sources} />
          </div>
        </div>
      ))}
      {pending !== undefined && (
        <div>
          <p className={styles.question}>{pending}</p>
          <p className={styles.waiting}>Looking through the chapters…</p>
        </div>
      )}
    </div>
  )
}
