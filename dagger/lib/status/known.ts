import { explained } from "../errors.js"
import { redacted, sanitized } from "../text/untrusted.js"

/** The answer to a question, or why there is none. */
export type Known<Value> = { known: true; value: Value } | { known: false; why: string }

/** Asks, and waits so long. A provider that is out ends nothing: its silence is an answer too. */
export async function asked<Value>(
  question: () => Promise<Value>,
  { who, milliseconds }: { who: string; milliseconds: number },
): Promise<Known<Value>> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => reject(new Error(`${who} gave no answer within ${milliseconds / 1000} s`)),
    milliseconds,
  )
  try {
    return { known: true, value: await Promise.race([question(), late]) }
  } catch (failure) {
    const { what, why } = explained(failure)
    return { known: false, why: redacted(sanitized(what === why ? why : `${what} ${why}`)) }
  } finally {
    clearTimeout(timer)
  }
}

/** The value, or another one where nobody knows it. */
export const valueOr = <Value, Other>(known: Known<Value>, other: Other): Value | Other =>
  known.known ? known.value : other
