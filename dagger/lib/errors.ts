import { Verdict } from "../src/exposed-types.js"
import { excerpt as linesOf } from "./text/excerpt.js"
import { redacted, shortened, tail } from "./text/untrusted.js"

/** A failure in three parts: what, why, next. Only `message` leaves the module, so it holds all three. */
export class PipelineError extends Error {
  constructor(what: string, parts: { why: string; next: string }) {
    super(`${what}\n  why: ${parts.why}\n  next: ${parts.next}`)
    this.name = "PipelineError"
  }
}

export const unknownEnvironment = (name: string, known: string[]) =>
  new PipelineError(`The settings have no environment ${shown(name)}.`, {
    why: known.length > 0 ? `they describe ${known.join(", ")}` : "they describe none",
    next:
      known.length > 0
        ? "give one of these names, or add an environment to the settings"
        : "add an environment to the settings",
  })

/** @param environment the one that lacks it; the whole project when left out. */
export const notDescribed = (component: "frontend" | "backend", environment = "") =>
  new PipelineError(
    environment ? `The environment ${environment} has no ${component}.` : `This project has no ${component}.`,
    {
      why: `the settings describe none${environment && " there"}`,
      next: `call a function of the other component, or add ${environment ? `environments.${environment}.${component}` : component} to delivery.json; docs/deployment/reference/settings.md describes its keys`,
    },
  )

/** @param mistakes one line each, beginning with the path of the key. */
export const malformedSettings = (mistakes: string[]) =>
  new PipelineError(`The settings have ${mistakes.length === 1 ? "a mistake" : `${mistakes.length} mistakes`}.`, {
    why:
      mistakes.length === 1 ? (mistakes[0] ?? "") : `these do not fit:${mistakes.map((it) => `\n    ${it}`).join("")}`,
    next: `correct ${mistakes.length === 1 ? "it" : "them"} in delivery.json; docs/deployment/reference/settings.md describes every key`,
  })

/** @param flag without its dashes. @param variable where the call may read it. */
export const missingSecret = (flag: string, variable = flag.toUpperCase().replaceAll("-", "_")) =>
  new PipelineError(`The secret --${flag} is empty.`, {
    why: "the variable, file or command that it names is not set, or holds nothing",
    next: `set it where the call runs, and name it: --${flag}=env://${variable}`,
  })

export const noTestScript = () =>
  new PipelineError("The frontend has no tests to run.", {
    why: 'its package.json has no "test" script',
    next: 'add one that also writes coverage and JUnit, such as "test": "vitest run --coverage"; or say in frontend.untested of the settings why it has none',
  })

export const noTests = (where: string) =>
  new PipelineError("The backend has no tests to run.", {
    why: `pytest found none in ${where}`,
    next: "add a file test_….py with a function test_…, or name the folder in testpaths of pyproject.toml; or say in backend.untested of the settings why it has none",
  })

/** @param names of the files in its folder. */
export const noPythonProject = (names: string[]) =>
  new PipelineError("The backend's packages can't be installed.", {
    why: `its folder has neither requirements.txt nor pyproject.toml nor setup.py${names.includes("Pipfile") ? ", and the pipeline does not know Pipfile" : ""}`,
    next: `add one of them, name the right folder as backend.source of the settings, or give the commands that install them as backend.install${names.includes("Pipfile") ? ', such as ["pip install pipenv", "pipenv install --system --dev --deploy"]' : ""}`,
  })

export const licencesUnknown = (lockFile: string) =>
  new PipelineError("The licences of the frontend's packages are unknown.", {
    why: `${lockFile} does not name them`,
    next: "this stops nothing; `pnpm licenses list` or `yarn licenses list` shows them",
  })

export const pyprojectUnreadable = (output: string) =>
  new PipelineError("pyproject.toml can't be read.", {
    why: `its reader printed:${excerpt(output)}`,
    next: "correct the line that it names; it is TOML",
  })

/** @param name such as package.json */
export const manifestMissing = (name: string) =>
  new PipelineError(`The frontend has no ${name} that can be read.`, {
    why: "the folder holds none, or it is not JSON",
    next: "name the right folder as frontend.source of the settings",
  })

export const lockFileMissing = (name: string) =>
  new PipelineError(`${name} is missing.`, {
    why: "without a lock file two installs of one commit can differ",
    next: "run `npm install` in the frontend's folder and commit the lock file",
  })

export const lockFileOutOfStep = (name: string, output: string, command = "npm ci") =>
  new PipelineError(`${name} does not fit package.json.`, {
    why: `${command} rejected it:${excerpt(mismatches(output) || output)}`,
    next: `run \`${command.split(" ", 1)[0]} install\` in the frontend's folder and commit both files`,
  })

/** npm names what is missing first, then prints all of its options. */
const mismatches = (output: string) =>
  output
    .split("\n")
    .filter((line) => /\b(Missing|Invalid):/.test(line))
    .join("\n")

export const npmFailed = (command: string, output: string) =>
  new PipelineError(`\`${command}\` failed.`, commandFailure(command, output, "fix what it names"))

export const pipFailed = (command: string, output: string) =>
  new PipelineError(
    `\`${command}\` failed.`,
    commandFailure(command, output, "correct the package or version that it names"),
  )

export const linterMissing = (tool: string, output: string) =>
  new PipelineError(
    `${tool} could not be installed.`,
    commandFailure("its installation", output, "check whether its package registry answers"),
  )

export function imageBuildFailed(output: string): PipelineError {
  const said = output.replace(loading, "")
  const [, path] = /\bcopy[^:\n]{0,80}: lstat \/?([^\n:]{1,300}): no such file or directory/.exec(said) ?? []
  if (path) {
    return new PipelineError(`The Dockerfile copies ${shown(path)}, which the build does not find.`, {
      why: "the build sees the folder backend.context of the settings, without what .gitignore and .dockerignore name",
      next: 'commit what is missing, correct the COPY, or give a larger folder, such as "backend": { "context": "." }',
    })
  }
  return new PipelineError(
    "The backend's image could not be built.",
    commandFailure("the build", said, "fix the step of the Dockerfile that it names"),
  )
}

/** What the engine puts before a failure: its own names of what it was about to do. */
const loading = /(?:failed to load container from converted ID: )?(?:\bload \S{1,300}(?: \S{1,300})?: inputs: )+/g

export const diskFull = (output: string) =>
  new PipelineError("The disk of the engine is full.", {
    why: `a step could not write:${excerpt(output)}`,
    next: freeSpace,
  })

/** Whether a command failed because the disk is full, by the messages of Linux, Node.js, Python and BuildKit. */
export const isDiskFull = (output: string) =>
  /no space left on device|\bENOSPC\b|disk quota exceeded|\bEDQUOT\b/i.test(output)

/** Whether a command failed for want of an answer, in the codes of Node.js and the words of pip. A FileNotFoundError is no ENOTFOUND. */
export const isNetworkSilent = (said: string) =>
  /\b(?:ETIMEDOUT|ECONNRESET|ECONNREFUSED|ENOTFOUND|EAI_AGAIN)\b|\b(?:Connect|Read)Timeout(?:Error)?\b|\bconnection (?:reset by peer|refused)\b|temporary failure in name resolution/i.test(
    said,
  )

const freeSpace =
  "free space with `dagger core engine local-cache prune`, or give the engine a larger disk, then run the same command again"

/** Why and next of a command that failed, by its output. @param advice without "then run it again". */
export function commandFailure(command: string, output: string, advice: string): { why: string; next: string } {
  const why = output.trim() === "" ? `${command} printed nothing` : `${command} printed:${excerpt(output)}`
  if (isDiskFull(output)) return { why, next: freeSpace }
  if (isNetworkSilent(output)) return { why, next: "the network did not answer: run the same command again" }
  return { why, next: `${advice}, then run the same command again` }
}

/** What a registry does not do, with the status that it answered. */
export class RegistryRefusal extends PipelineError {
  constructor(
    registry: string,
    readonly status: number | string,
    output: string,
    kind: Kind,
  ) {
    super(`${registry} rejected the ${kind}.`, {
      why: `${typeof status === "number" ? `it answered ${status}` : status === "" ? "it gave no usable answer" : "the connection broke"}:${excerpt(output)}`,
      next: registryAdvice(status, kind),
    })
  }
}

/** What a registry keeps of a project. */
export type Kind = "image" | "site"

/** The setting that names where it is kept. */
const repositoryOf = (kind: Kind) => (kind === "image" ? "image.repository" : "frontend.artifact")

/** @param status HTTP status, "reset" for a broken connection, "" when it is not known. */
export const registryRefused = (registry: string, status: number | string, output: string, kind: Kind = "image") =>
  new RegistryRefusal(registry, status, output, kind)

function registryAdvice(status: number | string, kind: Kind): string {
  if (status === 401)
    return "the token is missing, wrong or expired: make a new one and give it with --registry-user and --registry-token"
  if (status === 403)
    return "the token is valid but may not push here: give it the right to write packages of this owner"
  if (status === 404)
    return `check ${repositoryOf(kind)} in the settings; a private one also answers 404 to a token that may not see it`
  if (status === 429) return "the rate limit is used up: wait some minutes, then run the same command again"
  if (status === 413 || status === 507)
    return `the registry has no room for this ${kind}: delete old versions there, or make the ${kind} smaller`
  return "run the same command again; layers that the registry has are not sent again"
}

/** @param tag of the commit. @param revision commit in its label, "" for none. */
export const tagTaken = (tag: string, revision: string, kind: Kind = "image") =>
  new PipelineError(`The tag ${tag} names ${kind === "image" ? "an image" : "a site"} of another commit.`, {
    why: revision ? `its label names the commit ${shown(revision)}` : "it has no label that names a commit",
    next: "find out who pushed it; delete the tag in the registry, then publish again",
  })

/** @param mistakes each difference from what was expected. */
export const notVerified = (name: string, mistakes: string[], kind: Kind = "image") =>
  new PipelineError(`${name} is not verified as ${kind === "image" ? "an image" : "a site"} of this project.`, {
    why: mistakes.map(redacted).join("\n    "),
    next: "publish the commit with this pipeline, or give the --builder that published it",
  })

export const signingKeyUnreadable = (why: string) =>
  new PipelineError("Nothing can be signed.", {
    why: `--signing-key: ${why}`,
    next: "make one with `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256`, keep it as a secret, and put its public key into image.publicKey, or into frontend.publicKey where there is no image",
  })

export const publicKeyUnreadable = (why: string) =>
  new PipelineError("Signatures can't be checked.", {
    why: `publicKey of the settings: ${why}`,
    next: "give there what `openssl pkey -in KEY -pubout` writes, lines joined by \\n",
  })

export const signingKeyMissing = (kind: Kind = "image") =>
  new PipelineError(`The ${kind} must be signed.`, {
    why: "the settings have a publicKey, and there is no --signing-key",
    next: "give the private key with --signing-key=env://SIGNING_KEY, or remove the publicKey from the settings",
  })

/** The two keys do not belong together: nobody could verify what is signed now. */
export const signingKeyForeign = (kind: Kind = "image") =>
  new PipelineError(`The ${kind} can't be signed.`, {
    why: "--signing-key and the publicKey of the settings are not a key pair",
    next: "give the key that belongs to it, or put the new public key into the settings first",
  })

export const registryAnswerOdd = (registry: string, what: string) =>
  new PipelineError(`${registry} gave an invalid answer.`, {
    why: what,
    next: "check image.repository and frontend.artifact in the settings, and whether a proxy answers in the registry's place",
  })

/** @param why what is wrong with it. */
export const siteLayerUnreadable = (why: string) =>
  new PipelineError("The site that the registry keeps can't be read.", {
    why: redacted(why),
    next: "find out who pushed it; delete its tag in the registry, then run `frontend publish` at its commit",
  })

export const siteKeptNowhere = () =>
  new PipelineError("There is no place to keep the site.", {
    why: "the settings have no frontend.artifact, and no image beside which it would be kept",
    next: "add frontend.artifact to delivery.json, such as ghcr.io/acme/site",
  })

export const reportUnreadable = (path: string, why: string) =>
  new PipelineError(`${path} can't be read.`, {
    why,
    next: "run the command that writes it and look at the file; a report that can't be read never counts as passed",
  })

/** What no error of ours tells ends only the check that it happened in. */
export const checkBroke = (name: string, failure: unknown) =>
  new PipelineError(`${name} could not be run to their end.`, {
    why: `something failed that has no words of its own:${excerpt(failure instanceof Error ? `${failure.name}: ${failure.message}` : String(failure))}`,
    next: "run the same command again; if it fails again, report it with these lines: the other checks are told all the same",
  })

interface LineCounts {
  total: number
  covered: number
}

/** @param given negative where the report has no such total. @param of the file, "" for the whole report. */
export const coverageContradictory = (path: string, counted: LineCounts, given: LineCounts, of = "") =>
  new PipelineError(`${path} contradicts itself.`, {
    why: `it lists ${counted.total} lines${of && ` of ${shown(of)}`}, ${counted.covered} of them covered, and its own totals are ${[given.total, given.covered].map((it) => (it < 0 ? "missing" : it)).join(" and ")}`,
    next: "let the tool name each file from the component's root, such as `pytest --cov=.`: two files of one name become one in some reports",
  })

/** @param table what stops the image. */
export const imageVulnerable = (table: string) =>
  new PipelineError(`The image is vulnerable.\n${table}`, {
    why: "each of these has a severity that stops an image, and a fixed version",
    next: "take the fixed versions; to ship without, add an entry with owner, reason and last day to scan.ignores",
  })

export const notADigest = (name: string) =>
  new PipelineError(`${shown(name)} does not pin an image.`, {
    why: "a tag can move; a digest can't",
    next: "give --live-image=registry/owner/name@sha256:…, as `publish` and `verify` print it",
  })

export const comparisonOff = () =>
  new PipelineError("--live-image has no effect.", {
    why: "scan.onlyNew of the settings is false, so every finding stops the image, whatever the live image has",
    next: 'set "scan": { "onlyNew": true } in the settings, or leave the flag out',
  })

export const unknownPlatform = (given: string, known: string[]) =>
  new PipelineError(`The image is not built for ${shown(given)}.`, {
    why: `backend.platforms of the settings says ${known.join(", ")}`,
    next: "give one of them with --platform, or add it to the settings",
  })

/** @param image with its digest. */
export const otherPlatforms = (image: string, there: string[], wanted: string[]) =>
  new PipelineError(`${shown(image)} is for other platforms than the settings ask for.`, {
    why: `it is for ${there.join(", ")}, and backend.platforms says ${wanted.join(", ")}; the image of a commit never changes`,
    next: "commit the settings: a new commit gets a new image; or delete the image's tag and publish again",
  })

/** @param output of the build. */
export const platformNotRun = (platform: string, output: string) =>
  new PipelineError(`The backend's image could not be built for ${platform}.`, {
    why: `the build starts a program of that platform, and the machine of the engine neither runs nor emulates it (exec format error):${excerpt(output)}`,
    next: `build on an engine that can, such as Docker's with QEMU (\`docker run --privileged --rm tonistiigi/binfmt --install all\`), start nothing of that platform in the Dockerfile (FROM --platform=$BUILDPLATFORM), or take it out of backend.platforms`,
  })

/** @param reason what failed: the scanner, its image, its database. */
export const scannerUnavailable = (reason: string) =>
  new PipelineError("The image could not be scanned: whether it is vulnerable is unknown.", {
    why: reason,
    next: 'run the same command again; without a scanner, `publish --unscanned="why"` pushes the image and records why',
  })

export const sbomFailed = (output: string) =>
  new PipelineError("The SBOM of the image could not be made.", commandFailure("Trivy", output, "fix what it names"))

export const overBudget = (size: string) =>
  new PipelineError(`The image is too large.\n${size}`, {
    why: "its compressed size is over backend.imageBudgetMegabytes of the settings",
    next: "look at the heaviest steps above: leave out what only the build needs, or raise the budget",
  })

export const scanReportTooNew = (version: number) =>
  new PipelineError("The scanner's report can't be read.", {
    why: `it is written in schema ${version}, and this module knows schema 2; a newer schema may mean something else`,
    next: "set scan.trivyVersion in delivery.json to a release that writes schema 2, or update this module",
  })

export const manifestUnreadable = (why: string) =>
  new PipelineError("The size of the image can't be read from its manifest.", {
    why,
    next: "ask the registry for the manifest of one platform of this digest",
  })

export const provenanceUnreadable = (why: string) =>
  new PipelineError("The provenance of what the registry has can't be read.", {
    why,
    next: "publish the commit again, so that a new statement is attached; what is of unknown origin is not deployed",
  })

/** @param text every failure, one under the other. @param call what people type before a function. */
export const checksFailed = (text: string, call: string) =>
  new PipelineError(`The checks failed.\n${text}`, {
    why: "each failure is listed above",
    next: `fix them and run \`${call} ci\`; \`${call} ci-reports --output=reports\` keeps the reports of a failed run`,
  })

export const notACommit = (text: string) =>
  new PipelineError(`${shown(text)} is not a commit.`, {
    why: "a commit is its full hash: 40 characters, 0 to 9 and a to f",
    next: "give --commit=$(git rev-parse HEAD), or leave it out to take the checkout's",
  })

const checkouts = {
  nothing: {
    why: "the module was not called from a Git repository",
    next: "call it inside the repository (`git init` and a commit make one), or give --commit with the full hash where a function has it",
  },
  worktree: {
    why: "the module was called from a Git worktree, whose .git is a file that points out of it, and nothing outside reaches the engine",
    next: "call it in the main checkout, or in a clone: `git clone . ../clone`",
  },
  unborn: {
    why: "the branch has no commit yet",
    next: "commit first, then run the same command again",
  },
}

/** @param there what is in place of the checkout. @param output of the engine, for causes that are not known. */
export const noCheckout = (there: keyof typeof checkouts | "repository", output: string) =>
  new PipelineError(
    "The commit can't be read.",
    there === "repository"
      ? {
          why: `Git can't read the repository: ${tail(output, 3).join("; ")}`,
          next: "make it whole: a clone that borrows or lacks objects (`git clone --shared`, a broken one by `git fsck`) can't be read from outside; `git clone --no-local` makes a full one",
        }
      : checkouts[there],
  )

/** @param output of the engine. */
export const noSettings = (output: string) =>
  new PipelineError("The settings can't be read.", {
    why: /no such file|not found|does not exist/i.test(output)
      ? "there is no delivery.json in the root of the repository"
      : tail(output, 2).join("; "),
    next: "write one there; docs/deployment/environments.md has the shortest example; or give another file with --settings",
  })

/** @param folder as the settings name it. */
export const sourceMissing = (folder: string) =>
  new PipelineError(`The folder ${shown(folder)} does not exist.`, {
    why: "the settings name it as the source of a component, counted from the root of the repository, and .gitignore may exclude it",
    next: "correct frontend.source or backend.source in delivery.json",
  })

/** @param output of the engine. */
export const sourceUnseen = (folder: string, output: string) =>
  new PipelineError(`The folder ${shown(folder)} could not be looked at.`, {
    why: `the engine did not give the caller's files: ${tail(output, 2).join("; ")}`,
    next: "run the same command again; nothing was done yet",
  })

/** @param part the folder, or one above it, that is a link or a file. */
export const sourceNoFolder = (folder: string, part: string) =>
  new PipelineError(`The folder ${shown(folder)} can't be taken as a source.`, {
    why: `${shown(part)} is a link or a file, and the engine takes folders as they lie`,
    next: "name the folder that it leads to in delivery.json",
  })

/** @param files paths from the root of the repository. */
export const trackedButIgnored = (files: string[]) =>
  new PipelineError("Git tracks files that .gitignore excludes.", {
    why: `${files.length === 1 ? "one file is" : `${files.length} files are`} committed and ignored, so the checks of a working copy don't see ${files.length === 1 ? "it" : "them"}: ${files
      .slice(0, 5)
      .map(shown)
      .join(", ")}${files.length > 5 ? ", …" : ""}`,
    next: "add an exception to .gitignore (a line that begins with !), or remove them with `git rm --cached`",
  })

export const noImageLive = (environment: string) =>
  new PipelineError(`There is no image of ${shown(environment)} to scan.`, {
    why: "its Space serves nothing, or something that is no image pinned by digest",
    next: 'deploy the service there first; with backend.delivery "source", scan the checkout of what is live: leave --environment out',
  })

/** @param report what was live, what happened, what is live now. */
export const deploymentEnded = (report: string) => new ReportedError(report)

/** @param lines one for each address, with what was wrong. */
export const probeEnded = (lines: string) =>
  new PipelineError(`Not healthy.\n${lines}`, {
    why: "an address did not answer as expected in time",
    next: "look at its log, or roll back; nothing was changed by this probe",
  })

/** @param timeline as text. @param call what people type before a function. */
export const rehearsalFailed = (timeline: string, call: string) =>
  new PipelineError(`The rehearsal failed.\n${timeline}`, {
    why: "a scenario did not end as expected; the last lines above say which",
    next: `fix it before the next real deployment, then run \`${call} rehearse\` again`,
  })

/** The same failure, with the undelivered notifications in its message. The object stays the same: the engine shows a failure by its class. */
export function withUndelivered(failure: unknown, undelivered: string[]): unknown {
  if (undelivered.length === 0 || !(failure instanceof Error)) return failure
  failure.message = [failure.message, ...undelivered.map((line) => `  undelivered: ${line}`)].join("\n")
  return failure
}

/** A report that already holds what, why and next. */
export class ReportedError extends PipelineError {
  constructor(report: string) {
    super("", { why: "", next: "" })
    this.message = report
  }
}

/** The lines of a command's output that name the cause, and the last ones, each on its own line below the text before it. */
export const excerpt = (output: string) =>
  linesOf(output)
    .map((line) => `\n    ${line}`)
    .join("")

const shown = (text: string) => JSON.stringify(shortened(redacted(text), 80))

/** A failure with the verdict that it gives the deployment. */
export class DeploymentError extends PipelineError {
  constructor(
    readonly what: string,
    readonly parts: { why: string; next: string },
    readonly verdict: Verdict = Verdict.Failed,
  ) {
    super(what, parts)
  }
}

/** The three parts of any failure, for the report. */
export function explained(failure: unknown): { what: string; why: string; next: string; verdict: Verdict } {
  if (failure instanceof DeploymentError) return { what: failure.what, ...failure.parts, verdict: failure.verdict }
  const [what = "", ...rest] = (failure instanceof Error ? failure.message : String(failure)).split("\n")
  const part = (name: string) => rest.find((line) => line.startsWith(`  ${name}: `))?.slice(name.length + 4)
  return { what, why: part("why") ?? what, next: part("next") ?? "run the same command again", verdict: Verdict.Failed }
}
