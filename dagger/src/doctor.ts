import { tell } from "./deployment-errors.js"
import { type Finding, wrong } from "./finding.js"

/** One look at something that a deployment needs. */
export interface Examination {
  about: string
  look: () => Promise<Finding[]>
}

/** Looks at everything at once, and changes nothing. What can't be asked is a finding too: a deployment could not ask it either. */
export async function examined(examinations: Examination[]): Promise<Finding[]> {
  const found = await Promise.all(
    examinations.map(async ({ about, look }) => {
      try {
        return await look()
      } catch (failure) {
        const { what, why, next } = tell(failure)
        return [wrong(about, what === why ? what : `${what} ${why}`, next)]
      }
    }),
  )
  return found.flat()
}
