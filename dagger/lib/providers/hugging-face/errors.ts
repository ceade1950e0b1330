import { Verdict } from "../../../src/exposed-types.js"
import { DeploymentError } from "../../errors.js"
import { oneLine } from "../../text/wording.js"

const stored = "or give a Hugging Face token that is stored"

export const idTokenUnreadable = () =>
  new DeploymentError("The run's identity can't be read.", {
    why: "--hugging-face-token looks like an OIDC ID token, and its claims are not those of one",
    next: `give the token as the CI issued it, ${stored}`,
  })

/** @param meant audiences that the ID token names. */
export const audienceElsewhere = (meant: string[], wanted: string) =>
  new DeploymentError("The run's identity is not meant for Hugging Face.", {
    why: `the ID token's audience is ${inWords(meant.join(", ")) || "nobody"}, so it was not sent`,
    next: `have it issued for the audience ${wanted}, and for no other`,
  })

/**
 * @param said what Hugging Face answered.
 * @param claims of the ID token, in words.
 * @param isExpired whether the ID token is too old by the clock of the call.
 */
export const exchangeRefused = (space: string, said: string, claims: string, isExpired: boolean) =>
  new DeploymentError(`Hugging Face gave no token for ${space}.`, {
    why: `${inWords(said)}; it does not say which check failed. The run's identity says: ${inWords(claims)}`,
    next: isExpired
      ? "an ID token lives for a few minutes: have it issued right before the call"
      : `compare that with the Trusted Publishers at https://huggingface.co/spaces/${space}/settings: each claim there must be the same, character by character; ${stored}`,
  })

const inWords = (text: string) => oneLine(text, 700)

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

export const namesCollide = (space: string, names: string[]) =>
  new DeploymentError(
    `${names.join(", ")} would be a variable and a secret of the Space ${space} at once.`,
    {
      why: "a Space with such a name does not start",
      next: "delete the one that is there in the Space's settings, or set it as what it is",
    },
    Verdict.Refused,
  )
