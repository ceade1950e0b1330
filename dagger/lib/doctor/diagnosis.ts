import { redacted, sanitized } from "../text/untrusted.js"
import { joined } from "../text/wording.js"

/** The state of one thing that a deployment needs. */
export enum Severity {
  Good = "good",
  /** A deployment works, but a person should look at it. */
  Doubtful = "doubtful",
  /** A deployment fails, or is less safe than the settings say. */
  Wrong = "wrong",
  /** It could not be checked: without a token, or with one that may not read it. */
  Unknown = "unknown",
}

export interface Diagnosis {
  /** What was checked, in a few words. */
  about: string
  severity: Severity
  says: string
  /** What to do about it; "" when there is nothing to do. */
  next: string
}

export const good = (about: string, says: string): Diagnosis => ({ about, severity: Severity.Good, says, next: "" })
export const doubtful = (about: string, says: string, next: string): Diagnosis => ({
  about,
  severity: Severity.Doubtful,
  says,
  next,
})
export const wrong = (about: string, says: string, next: string): Diagnosis => ({
  about,
  severity: Severity.Wrong,
  says,
  next,
})
export const unknown = (about: string, says: string, next: string): Diagnosis => ({
  about,
  severity: Severity.Unknown,
  says,
  next,
})

export const isWrong = (diagnoses: Diagnosis[]) => diagnoses.some(({ severity }) => severity === Severity.Wrong)

const order = [Severity.Wrong, Severity.Doubtful, Severity.Unknown, Severity.Good]

/** All diagnoses with their fixes, what is wrong first; the last line counts them. */
export function diagnosesText(environment: string, diagnoses: Diagnosis[]): string {
  const width = Math.max(...diagnoses.map(({ about }) => about.length))
  const counts = order
    .map((severity) => ({ severity, count: diagnoses.filter((it) => it.severity === severity).length }))
    .filter(({ count }) => count > 0)
  return [
    `What a deployment to ${environment} needs:`,
    ...order.flatMap((severity) =>
      diagnoses
        .filter((it) => it.severity === severity)
        .flatMap(({ about, says, next }) => [
          `  ${severity.padEnd(8)}  ${about.padEnd(width)}  ${oneLine(says)}`,
          ...(next ? [`  ${" ".repeat(8)}  ${" ".repeat(width)}  next: ${oneLine(next)}`] : []),
        ]),
    ),
    `${counts.map(({ severity, count }) => `${count} ${severity}`).join(", ")}; nothing was changed`,
  ].join("\n")
}

const oneLine = (text: string) => joined(redacted(sanitized(text)))
