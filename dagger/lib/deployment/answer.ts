/** The answer to one request; redirects are not followed. Names of headers are in lower case. */
export type Answer =
  | {
      kind: "answered"
      status: number
      type: string
      location: string
      body: string
      headers: Readonly<Record<string, string>>
    }
  | { kind: "silent"; why: string }

export type Answered = Extract<Answer, { kind: "answered" }>

export interface Question {
  method: "GET" | "OPTIONS"
  headers: Record<string, string>
}

/** Asks a public address; a plain GET unless told otherwise. Never throws. */
export type Get = (url: string, question?: Question) => Promise<Answer>
