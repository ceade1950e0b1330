import { explained } from "../errors.js"
import { type Diagnosis, wrong } from "./diagnosis.js"

/** A check of something that a deployment needs. */
export interface DoctorCheck {
  about: string
  look: () => Promise<Diagnosis[]>
}

/** Runs all checks in parallel, and changes nothing. A failed check is a diagnosis too: a deployment would fail the same way. */
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
