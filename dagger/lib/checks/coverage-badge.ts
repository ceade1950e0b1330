import { BadgeColour, badge } from "../text/badge.js"
import type { Coverage } from "./coverage-gate.js"

/**
 * A badge of the line coverage: red below the limit, amber up to 10 points over it, green from there.
 * @param label such as `frontend coverage`
 */
export function coverageBadge(label: string, { percent, limit }: Pick<Coverage, "percent" | "limit">): string {
  const value = `${percent.toFixed(1)} %`
  const isNear = percent < Math.min(100, limit + 10)
  const colour = percent < limit ? BadgeColour.Bad : isNear ? BadgeColour.Near : BadgeColour.Good
  return badge(label, value, colour, `${label}: ${value}, the limit is ${limit} %`)
}
