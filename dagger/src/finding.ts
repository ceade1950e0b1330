import { masked, plain } from "./untrusted.js"

/** How one thing stands that a deployment needs. */
export enum Standing {
  Good = "good",
  /** A deployment works, and somebody should look. */
  Doubtful = "doubtful",
  /** A deployment fails, or is less safe than the settings say. */
  Wrong = "wrong",
  /** Nothing was given to ask with, or the one asked may not know. */
  Unknown = "unknown",
}

export interface Finding {
  /** What was looked at, in a few words. */
  about: string
  standing: Standing
  says: string
  /** What to do about it; "" when there is nothing to do. */
  next: string
}

export const good = (about: string, says: string): Finding => ({ about, standing: Standing.Good, says, next: "" })
export const doubtful = (about: string, says: string, next: string): Finding => ({
  about,
  standing: Standing.Doubtful,
  says,
  next,
})
export const wrong = (about: string, says: string, next: string): Finding => ({
  about,
  standing: Standing.Wrong,
  says,
  next,
})
export const unknown = (about: string, says: string, next: string): Finding => ({
  about,
  standing: Standing.Unknown,
  says,
  next,
})

export const isWrong = (findings: Finding[]) => findings.some(({ standing }) => standing === Standing.Wrong)

const order = [Standing.Wrong, Standing.Doubtful, Standing.Unknown, Standing.Good]

/** All findings, what is wrong first, each with its way out; the last line counts them. */
export function findingsText(environment: string, findings: Finding[]): string {
  const width = Math.max(...findings.map(({ about }) => about.length))
  const counts = order
    .map((standing) => ({ standing, count: findings.filter((it) => it.standing === standing).length }))
    .filter(({ count }) => count > 0)
  return [
    `What a deployment to ${environment} needs:`,
    ...order.flatMap((standing) =>
      findings
        .filter((it) => it.standing === standing)
        .flatMap(({ about, says, next }) => [
          `  ${standing.padEnd(8)}  ${about.padEnd(width)}  ${oneLine(says)}`,
          ...(next ? [`  ${" ".repeat(8)}  ${" ".repeat(width)}  next: ${oneLine(next)}`] : []),
        ]),
    ),
    `${counts.map(({ standing, count }) => `${count} ${standing}`).join(", ")}; nothing was changed`,
  ].join("\n")
}

const oneLine = (text: string) => masked(plain(text)).replace(/\s*\n\s*/g, "; ")
