/** What an image says of itself. */
export interface ImageFacts {
  digest: string
  /** Commit in its labels; "" when it says none. */
  revision: string
  /** Commit's date in its labels; "" when it says none. */
  created: string
}
