import { type ReactNode } from "react"
import { ChatWidget } from "../components/ChatWidget"

/** Docusaurus keeps Root mounted across pages, so a conversation survives navigation. */
export default function Root({ children }: { children: ReactNode }) {
  return (
    <>
      {children}
      <ChatWidget />
    </>
  )
}
