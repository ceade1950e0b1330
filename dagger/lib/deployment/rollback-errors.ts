import { Verdict } from "../../src/exposed-types.js"
import { DeploymentError, explained } from "../errors.js"

export const movedMeanwhile = (place: string, now: string) =>
  new DeploymentError(
    `What is live in ${place} changed while this rollback waited for the lock.`,
    {
      why: `another run put ${now.slice(0, 7)} live meanwhile, which nobody asked to leave`,
      next: "look at what is live now; where that is wrong too, name the release to go back to with --to",
    },
    Verdict.Refused,
  )

export const reasonNeeded = () =>
  new DeploymentError(
    "A rollback needs a reason.",
    {
      why: "it is stored with the release, and the version that the rollback replaces is quarantined for it",
      next: 'add --reason="what is wrong with the live version"',
    },
    Verdict.Refused,
  )

export const nothingLive = (what: string) =>
  new DeploymentError(
    `There is nothing to roll back in ${what}.`,
    { why: "nothing is live there", next: "deploy a version" },
    Verdict.Refused,
  )

export const noGoodRelease = (what: string) =>
  new DeploymentError(
    `There is no earlier release to roll back to in ${what}.`,
    {
      why: "the ledger has no other version that went live and is not quarantined",
      next: "name one with --to, or deploy a version with the fix",
    },
    Verdict.Refused,
  )

export const unknownRelease = (to: string) =>
  new DeploymentError(
    `${to} is not a release of this environment.`,
    {
      why: "no version with this commit or ID went live here",
      next: "choose one that `releases` of the component lists",
    },
    Verdict.Refused,
  )

export const ambiguousRelease = (to: string, ids: string[]) =>
  new DeploymentError(
    `${to} matches several releases.`,
    { why: `it matches ${ids.join(" and ")}`, next: "name the release by its whole ID" },
    Verdict.Refused,
  )

export const rolledBackToUnhealthy = (failure: unknown) => {
  const { what, why } = explained(failure)
  return new DeploymentError(
    what,
    {
      why: `${why}; a rollback never goes back further automatically`,
      next: "choose another release with --to, or fix forward with a new version",
    },
    Verdict.RollbackFailed,
  )
}
