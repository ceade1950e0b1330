import { commandFailure, excerpt, PipelineError, shown } from "../errors.js"

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

export const noImageLive = (environment: string) =>
  new PipelineError(`There is no image of ${shown(environment)} to scan.`, {
    why: "its Space serves nothing, or something that is no image pinned by digest",
    next: 'deploy the service there first; with backend.delivery "source", scan the checkout of what is live: leave --environment out',
  })
