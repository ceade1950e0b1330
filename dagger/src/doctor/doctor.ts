import { explained } from "../errors.js"
import { type Diagnosis, wrong } from "./diagnosis.js"

/** One look at something that a deployment needs. */
export interface DoctorCheck {
  about: string
  look: () => Promise<Diagnosis[]>
}

/** Looks at everything at once, and changes nothing. What can't be asked is a diagnosis too: a deployment could not ask it either. */
export async function diagnosed(doctorChecks: DoctorCheck[]): Promise<Diagnosis[]> {
  const found = await Promise.all(
    doctorChecks.map(async ({ about, look }) => {
      try {
        return await look()
      } catch (failure) {
        const { what, why, next } = explained(failure)
        return [wrong(about, what === why ? what : `${what} ${why}`, next)]
      }
    }),
  )
  return found.flat()
}
