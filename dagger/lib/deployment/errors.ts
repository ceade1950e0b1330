import { Verdict } from "../../src/exposed-types.js"
import { DeploymentError, explained, PipelineError, ReportedError } from "../errors.js"

/** @param report what was live, what happened, what is live now. */
export const deploymentEnded = (report: string) => new ReportedError(report)

/** @param lines one for each address, with what was wrong. */
export const probeEnded = (lines: string) =>
  new PipelineError(`Not healthy.\n${lines}`, {
    why: "an address did not answer as expected in time",
    next: "look at its log, or roll back; nothing was changed by this probe",
  })

/** @param setting JSON with the path of its key. */
export const notJudgeable = (url: string, why: string, setting: string) =>
  new DeploymentError(
    `${url} answers in a form that can't be judged with these settings.`,
    {
      why,
      next: `write ${setting} into delivery.json; or, where only the new version answers as the settings say, "unjudged": "warn" in backend.health for this one deployment`,
    },
    Verdict.Refused,
  )

export const siteLocked = (site: string) =>
  new DeploymentError(
    `${site} is locked.`,
    {
      why: "somebody locked it to the version it serves, and a lock is never forced",
      next: "unlock it at Netlify when its owner agrees, then run the same command again",
    },
    Verdict.Locked,
  )

export const nothingToGoBackTo = (url: string) =>
  new DeploymentError(
    `${url} was left unchanged.`,
    {
      why: "no earlier version was live",
      next: "fix the version and deploy again; from then on a failed probe rolls back automatically",
    },
    Verdict.RollbackFailed,
  )

export const probeFailed = (which: string, { state, reason }: { state: string; reason: string }) =>
  new DeploymentError(`The ${which} is ${state}.`, { why: reason, next: "fix the version and deploy again" })

/** The deployment failed, and so did the rollback. */
export const bothFailed = (first: unknown, second: unknown) => {
  const [deployment, rollback] = [explained(first), explained(second)]
  return new DeploymentError(
    `${deployment.what} ${rollback.what}`,
    { why: `${deployment.why}; then: ${rollback.why}`, next: rollback.next },
    Verdict.RollbackFailed,
  )
}

export const quarantined = (commit: string, why: string) =>
  new DeploymentError(
    `${commit.slice(0, 7)} is quarantined.`,
    {
      why,
      next: 'deploy a version with the fix; to deploy this one anyway add --over-quarantine="the reason"',
    },
    Verdict.Refused,
  )

export const historyUnknown = (commit: string, than: string) =>
  new DeploymentError(`Whether ${commit.slice(0, 7)} is newer than what is live is unknown.`, {
    why: `GitHub does not know one of ${commit} and ${than}`,
    next: "push the commit, then run the same command again",
  })

export const older = (commit: string, live: string) =>
  new DeploymentError(
    `${commit.slice(0, 7)} is not deployed.`,
    { why: `${live.slice(0, 7)}, which is live, is newer`, next: "to deploy an older version on purpose, roll back" },
    Verdict.Superseded,
  )

export const secretsUnreadable = (why: string) =>
  new DeploymentError(
    "The secrets of the service can't be read.",
    {
      why: `--space-secrets: ${why}`,
      next: 'store a text in dotenv form, a line for each, such as OPENROUTER_API_KEY="…"; names have letters, digits and _',
    },
    Verdict.Refused,
  )

export const secretsTwice = (names: string[]) =>
  new DeploymentError(
    `${names.join(", ")} would be set twice.`,
    {
      why: "--space-secrets holds what backend.variables of the settings or --database-url sets as well",
      next: "leave each in one place",
    },
    Verdict.Refused,
  )

/** Nothing of ours puts this right: a person has to. */
export class SchemaConflict extends DeploymentError {}

export const schemaInTheWay = (commit: string, why: string) =>
  new SchemaConflict(
    `${commit.slice(0, 7)} cannot work with the current database.`,
    {
      why,
      next: "fix forward with a new version, or choose a release whose schema fits; a rollback does not undo migrations",
    },
    Verdict.Refused,
  )

export const diverged = (commit: string, live: string) =>
  new DeploymentError(
    `${commit.slice(0, 7)} has diverged from what is live.`,
    {
      why: `it does not contain ${live.slice(0, 7)}, which is live: deploying it would take that back`,
      next: `merge ${live.slice(0, 7)} into the branch and deploy the merge; to deploy without it nevertheless add --allow-diverged="the reason"`,
    },
    Verdict.Refused,
  )

export const branchUnknown = (commit: string, branch: string) =>
  new DeploymentError(
    `Whether ${branch} has ${commit} is unknown.`,
    {
      why: "GitHub does not know this commit, or has no such branch",
      next: `push both, then run the same command again; to deploy it anyway add --from-any-branch="the reason"`,
    },
    Verdict.Refused,
  )

export const notOnBranch = (commit: string, branch: string, environment: string) =>
  new DeploymentError(
    `${commit} is not on ${branch}.`,
    {
      why: `${environment} is deployed from ${branch}, which does not contain this commit`,
      next: `merge it into ${branch} first; to deploy it anyway add --from-any-branch="the reason"`,
    },
    Verdict.Refused,
  )
