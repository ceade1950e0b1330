import { Verdict } from "../../src/exposed-types.js"
import { DeploymentError, explained } from "../errors.js"
import { redacted } from "../text/untrusted.js"

const again = "run the same command again; it checks first and repeats nothing that is done"

export const hostUnreachable = (host: string, request: string, why: string) =>
  new DeploymentError(`${host} did not answer.`, { why: `${request} ${why}`, next: again })

/** @param advice what to do, when the status alone does not say it. */
export const hostRefused = (host: string, request: string, status: number, answer: string, advice?: string) =>
  new DeploymentError(`${host} refused a request.`, {
    why: `${request} was answered ${status}${answer ? `: ${redacted(answer).slice(0, 300)}` : ""}`,
    next: advice ?? refusalAdvice(status),
  })

function refusalAdvice(status: number): string {
  if (status === 401)
    return "the token is missing, wrong or expired: make a new one and store it where the call reads it"
  if (status === 402) return "the plan of the account does not allow this: Docker Spaces need a paid plan"
  if (status === 403) return "the token is valid but may not do this: give it write access to this site or Space"
  if (status === 404)
    return "check the name in the settings; a private one also answers 404 to a token that may not see it"
  if (status === 429) return "the rate limit is used up: wait some minutes and run the same command again"
  if (status >= 500) return again
  return "read the host's answer above; what is live did not change"
}

export const answerUnreadable = (host: string, request: string, why: string) =>
  new DeploymentError(`${host} answered something unexpected.`, {
    why: `${request}: ${why.replace(/\s*\n\s*/g, "; ")}`,
    next: "the service may have changed its interface: compare with its documentation, then fix the adapter",
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

export const deployOdd = (site: string, id: string) =>
  new DeploymentError(`Netlify gave deploy ${id} of ${site} no address of its own.`, {
    why: "a draft is looked at beside what is live, and this one has nowhere to be looked at",
    next: "open the deploy at Netlify; what is live did not change",
  })

export const deployBroken = (site: string, id: string, why: string) =>
  new DeploymentError(`Netlify could not process deploy ${id} of ${site}.`, {
    why: why || "it gives no reason",
    next: "open the deploy at Netlify for its log, then deploy again",
  })

export const tooSlow = (what: string, state: string, seconds: number) =>
  new DeploymentError(`${what} was not ready in time.`, {
    why: `after ${seconds} s its state is still "${state}"`,
    next: again,
  })

export const unusableFileName = (path: string) =>
  new DeploymentError(`The file ${JSON.stringify(path)} cannot be deployed to Netlify.`, {
    why: "Netlify allows no # and no ? in file names",
    next: "rename the file",
  })

/** @param bytes its size. */
export const fileTooLarge = (path: string, bytes: number) =>
  new DeploymentError(`The file ${JSON.stringify(path)} cannot be deployed to Netlify.`, {
    why: `it has ${bytes} bytes, and more than 2 GiB are not sent in one piece`,
    next: "serve it from elsewhere, or divide it",
  })

export const noFiles = (folder: string) =>
  new DeploymentError("There is nothing to deploy.", {
    why: `${folder} holds no files`,
    next: "build the frontend first and give its output folder",
  })

/** @param archive where its artifact would be kept, which has none; "" for nowhere. */
export const vanished = (host: string, id: string, archive = "") =>
  new DeploymentError(
    `${id} cannot be restored.`,
    {
      why: `${host} no longer has it; old versions are deleted after some time${archive && `; ${archive} does not have it either`}`,
      next: "choose a newer release, or deploy that commit again",
    },
    Verdict.Refused,
  )

/** @param why which file can't be had as it was uploaded. */
export const siteNotFetchable = (site: string, why: string) =>
  new DeploymentError(
    `The files of ${site} can't be promoted.`,
    {
      why: `no registry keeps them, and what is live there can't be fetched as it was uploaded: ${why}`,
      next: "deploy the commit there again with --registry-token, which keeps the very files in the registry, then promote it",
    },
    Verdict.Refused,
  )

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

export const notSwitched = (site: string, id: string, serving: string) =>
  new DeploymentError(`${site} did not switch to ${id}.`, {
    why: `Netlify accepted the switch but still publishes ${serving || "nothing"}`,
    next: again,
  })

export const buildFailed = (space: string, stage: string, message: string, log: string[]) =>
  new DeploymentError(`The Space ${space} could not start the new version.`, {
    why: [`its stage is ${stage}`, message, log.length > 0 ? `the end of its log: ${log.join(" | ")}` : ""]
      .filter(Boolean)
      .join("; "),
    next: /unauthorized|denied|forbidden|\b40[13]\b/i.test([message, ...log].join(" "))
      ? "make the image's package public: a Space builds without credentials of a registry"
      : "run the image locally with the Space's variables and fix what its log says",
  })

export const imageNotPullable = (image: string, found: string) =>
  new DeploymentError(
    `A Space cannot pull ${image}.`,
    {
      why:
        found === "gone"
          ? "its registry does not have it"
          : "its registry requires credentials, and a Space builds without any",
      next:
        found === "gone"
          ? "publish the commit first, then run the same command again"
          : 'make the image\'s package public, or set backend.delivery to "source", then run the same command again',
    },
    Verdict.Refused,
  )

/** @param key of the README's head. @param said there. @param wanted by the settings. */
export const readmeContradicts = (key: string, said: string, wanted: string) =>
  new DeploymentError(
    "The head of the backend's README.md contradicts the settings.",
    {
      why: `it says ${key}: ${JSON.stringify(said.slice(0, 60))}, and the Space needs ${key}: ${wanted}`,
      next:
        key === "app_port"
          ? "correct it, or backend.port of the settings"
          : `write ${key}: ${wanted}, or take the key out`,
    },
    Verdict.Refused,
  )

export const contextWithoutDockerfile = () =>
  new DeploymentError(
    "The Space cannot build the service.",
    {
      why: 'backend.delivery is "source", and the backend\'s folder has no Dockerfile',
      next: 'add one, or set backend.delivery to "image"',
    },
    Verdict.Refused,
  )

const lighter =
  "keep them out of the backend's folder, or make the image's package public and set backend.delivery to \"image\""

export const filesTooHeavy = (space: string, files: string[]) =>
  new DeploymentError(
    `The Space ${space} does not accept these files: ${files.slice(0, 10).join(", ")}.`,
    {
      why: "Hugging Face accepts binary files and files over 10 MB only as large files, which this pipeline does not write",
      next: lighter,
    },
    Verdict.Refused,
  )

export const spacePaused = (space: string, stage: string) =>
  new DeploymentError(`The Space ${space} does not run.`, {
    why: `its stage is ${stage}, which only its owner can end`,
    next: "restart it in the Space's settings, then run the same command again",
  })

export const overtaken = (space: string) =>
  new DeploymentError(`Somebody else changed the Space ${space} at the same time.`, {
    why: "it got another commit between the check and the write",
    next: "look at the Space's history, then run the same command again",
  })

export const notOurs = (id: string) =>
  new DeploymentError(
    `${id} cannot be restored.`,
    {
      why: "it is not an image pinned by digest, so this pipeline did not deploy it",
      next: "restore it manually, or deploy a version that the pipeline built",
    },
    Verdict.Refused,
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

interface Holder {
  owner: string
  run: string
  reason: string
  expires: string
}

const by = ({ owner, run, reason }: Holder) => `${owner || "nobody"}${reason && ` (${reason})`}${run && `, ${run}`}`

export const lockHeld = (lock: string, holder: Holder) =>
  new DeploymentError(
    `Somebody else is deploying to ${lock}.`,
    {
      why: `the lock is held by ${by(holder)} until ${holder.expires}`,
      next: "wait for that run to end, then run the same command again",
    },
    Verdict.Locked,
  )

export const lockLost = (lock: string, holder: Holder | undefined) =>
  new DeploymentError(
    `This run has lost the lock of ${lock}.`,
    {
      why: `it paused for longer than its lease, and the lock went to ${holder ? by(holder) : "nobody"}`,
      next: "look at what is live, then run the same command again",
    },
    Verdict.Locked,
  )

export const overtakenUnlocked = (expired: Date) =>
  new DeploymentError(
    "This run left what is live as it is.",
    {
      why: `the lease of this run ran out at ${expired.toISOString()}, the lock could not be asked for, and the host serves something else by now`,
      next: "look at what is live, then run the same command again",
    },
    Verdict.Locked,
  )

export const movedMeanwhile = (place: string, now: string) =>
  new DeploymentError(
    `What is live in ${place} changed while this rollback waited for the lock.`,
    {
      why: `another run put ${now.slice(0, 7)} live meanwhile, which nobody asked to leave`,
      next: "look at what is live now; where that is wrong too, name the release to go back to with --to",
    },
    Verdict.Refused,
  )

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

export const namesCollide = (space: string, names: string[]) =>
  new DeploymentError(
    `${names.join(", ")} would be a variable and a secret of the Space ${space} at once.`,
    {
      why: "a Space with such a name does not start",
      next: "delete the one that is there in the Space's settings, or set it as what it is",
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
