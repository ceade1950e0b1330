import type { Component } from "../../src/exposed-types.js"
import { code, oneLine } from "../text/wording.js"
import { orphans, sameRollback } from "./ledger.js"
import { described } from "./outcome.js"
import type { Product } from "./product-release.js"
import { chosenAndChecked, type RollbackRequest } from "./rollback.js"
import { reasonNeeded } from "./rollback-errors.js"
import type { Target } from "./target.js"

/** What a rollback of one component would do, from what is live now. */
export type RollbackPlan = {
  component: Component
  environment: string
  /** What is live now, in a few words. */
  now: string
  liveCommit: string
  url: string
  /** Commit and host ID of the release that it would restore. */
  commit: string
  id: string
  /** When that release went live, ISO 8601. */
  at: string
  /** Whether that release is live already, so that only its health would be looked at. */
  isLive: boolean
  /** What was looked at and forbids nothing. */
  checked: string
}

/**
 * Looks at all that a rollback looks at before it changes something, and stops there. Takes no lock and writes nothing: an entry that a
 * killed run left open stays open.
 * @throws DeploymentError with what would refuse the rollback.
 */
export async function plannedRollback<Artifact>(
  target: Target<Artifact>,
  request: RollbackRequest,
): Promise<RollbackPlan> {
  if (request.reason.trim() === "") throw reasonNeeded()
  const { component, environment, host, archive, ledger, run = "" } = target
  const before = await host.live()
  const attempts = (await ledger?.list(component, environment)) ?? []
  const [open] = orphans(attempts)
  const goingTo = sameRollback(open ? [open] : attempts, request.reason, run)
  const to = request.to || (goingTo?.id ?? "")
  const { release, fromArchive } = await chosenAndChecked(target, request, { before, attempts, to })
  return {
    component,
    environment,
    now: described(before),
    liveCommit: before?.commit ?? "",
    url: before?.url ?? "",
    commit: release.commit,
    id: release.id,
    at: release.endedAt,
    isLive: before?.id === release.id,
    checked: `${fromArchive ? `the host has forgotten it and ${archive?.name} keeps it` : "the host has it"}, it is not quarantined${request.schema ? ", the database fits" : ""}`,
  }
}

/** The same for all components, in the order of the rollback: the frontend first, the backend to the same commit. */
export async function plannedProductRollback(
  { frontend, backend }: Product,
  request: RollbackRequest,
): Promise<RollbackPlan[]> {
  const { schema: _, ...plain } = request
  const first = frontend && (await plannedRollback(frontend, plain))
  const second = backend && (await plannedRollback(backend, { ...request, to: request.to || first?.commit || "" }))
  return [first, second].flatMap((plan) => plan ?? [])
}

/** For a terminal. */
export const planText = ({ component, environment, now, commit, id, at, isLive, checked }: RollbackPlan): string =>
  [
    `${component} of ${environment}: a rollback ${isLive ? "would change nothing" : `would restore ${commit.slice(0, 7)}`}`,
    `  now      ${oneLine(now)}`,
    `  then     ${commit} as ${id}${at && `, which went live ${at}`}`,
    `  checked  ${checked}`,
    "Nothing was written. The same command without --plan does it.",
  ].join("\n")

/** For a job summary: the same, a point for each line. */
export function planMarkdown(plan: RollbackPlan): string {
  const [heading, ...lines] = planText(plan).split("\n")
  return [`### ${heading}`, "", ...lines.map((line) => `- ${code(line)}`), ""].join("\n")
}

/** For a terminal, of all components. */
export const productPlanText = (plans: RollbackPlan[]): string => plans.map(planText).join("\n")
