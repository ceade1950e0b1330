import { diverged, older, quarantined, siteLocked } from "./errors.js"
import type { Live } from "./host.js"
import { type Attempt, quarantine } from "./ledger.js"
import { Order } from "./release.js"
import type { Target } from "./target.js"

/**
 * Whether a commit may replace what is live: nobody locked the host, it is not quarantined, and it contains what is live.
 * @param attempts of the ledger, newest first.
 * @returns what a person should know of it all the same; "" for nothing. @throws DeploymentError with what forbids it.
 */
export async function mayGoLive(
  commit: string,
  live: Live | undefined,
  attempts: Attempt[],
  { order, overQuarantine, allowDiverged }: Pick<Target<never>, "order" | "overQuarantine" | "allowDiverged">,
): Promise<string> {
  if (live?.locked) throw siteLocked(live.url)
  const why = quarantine(attempts, commit)
  if (why && !overQuarantine) throw quarantined(commit, why)
  if (!live?.commit || !order) return ""
  const found = await order(commit, live.commit)
  if (found === Order.Older) throw older(commit, live.commit)
  if (found !== Order.Diverged) return ""
  if (!allowDiverged) throw diverged(commit, live.commit)
  return `${commit.slice(0, 7)} does not contain ${live.commit.slice(0, 7)}, which was live: ${allowDiverged}`
}
