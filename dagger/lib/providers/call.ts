export interface Call {
  method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE"
  /** Address without credentials: it appears in messages. */
  url: string
  /** Headers with credentials: they never appear anywhere. */
  headers: Record<string, string>
  /** A Blob is read anew when the request is repeated. */
  body?: string | Blob
  /** Bytes of the answer, where they are known and many. */
  awaits?: number
  /** Bytes that the answer may have; any number unless given. */
  most?: number
}

export interface Reply {
  status: number
  headers: Record<string, string>
  /** The body as it came. */
  bytes: Uint8Array
  /** The same, read as UTF-8. */
  text: string
  /** Where it came from, after redirects; it may hold a signature, so it appears nowhere. */
  url: string
}
