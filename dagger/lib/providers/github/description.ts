import { shortened } from "../../text/untrusted.js"

/**
 * A description as GitHub takes it: at most 140 characters, and none of four bytes in UTF-8, such as an emoji; those are replaced.
 * GitHub answers 422 to "description doesn't accept 4-byte Unicode".
 */
export const description = (text: string) =>
  shortened(text.toWellFormed().replace(/[\u{10000}-\u{10ffff}]/gu, "\ufffd"), 139)
