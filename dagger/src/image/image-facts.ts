/** The labels of an image. */
export interface ImageFacts {
  digest: string
  /** Commit; "" for none. */
  revision: string
  /** Date of the commit; "" for none. */
  created: string
}
