import { Verdict } from "../../src/exposed-types.js"
import { DeploymentError } from "../errors.js"

/** @param archive where sites are kept. */
export const siteNotKept = (archive: string, commit: string) =>
  new DeploymentError(
    `The site of ${commit.slice(0, 7)} can't be promoted.`,
    {
      why: `${archive} has none of this commit, and the settings have a publicKey: what is fetched from Netlify is signed by nobody`,
      next: "deploy the commit there again with --registry-token and --signing-key, which keep its files in the registry, then promote it",
    },
    Verdict.Refused,
  )

export const siteDiffers = (archive: string, commit: string, id: string) =>
  new DeploymentError(
    `The site of ${commit.slice(0, 7)} can't be promoted.`,
    {
      why: `the files of this commit in ${archive} are not those that deploy ${id} was made of, so nobody has tried them: the settings changed since, or it was deployed without --registry-token`,
      next: "deploy a new commit there with --registry-token, then promote that one",
    },
    Verdict.Refused,
  )

export const promotedToItself = (environment: string) =>
  new DeploymentError(
    `${environment} can't be promoted to itself.`,
    {
      why: "a promotion takes to one environment what another one has proven",
      next: "give the one that proved it as --from, and the one that gets it as --to",
    },
    Verdict.Refused,
  )

export const notPromotable = (what: string, why: string, next: string) =>
  new DeploymentError(`${what} cannot be promoted.`, { why, next }, Verdict.Refused)

export const notMergeable = (commit: string, branch: string, why: string) =>
  new DeploymentError(
    `${commit.slice(0, 7)} cannot be promoted.`,
    {
      why: `it could not come into ${branch} afterwards: ${why}`,
      next: "give the token the right to write contents, or correct the branch of the environment in the settings; nothing was touched",
    },
    Verdict.Refused,
  )
