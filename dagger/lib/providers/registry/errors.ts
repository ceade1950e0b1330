import { excerpt, PipelineError, shown } from "../../errors.js"
import type { Kind } from "../../image/kind.js"
import { redacted } from "../../text/untrusted.js"

/** What a registry does not do, with the status that it answered. */
export class RegistryRefusal extends PipelineError {
  constructor(
    what: string,
    parts: { why: string; next: string },
    readonly status: number | string,
  ) {
    super(what, parts)
  }
}

/** The setting that names where it is kept. */
const repositoryOf = (kind: Kind) =>
  ({ image: "image.repository", site: "frontend.artifact", cache: "cache.repository" })[kind]

/** @param status HTTP status, "reset" for a broken connection, "" when it is not known. */
export const registryRefused = (registry: string, status: number | string, output: string, kind: Kind = "image") =>
  new RegistryRefusal(
    `${registry} rejected the ${kind}.`,
    { why: refusal(status, excerpt(output)), next: registryAdvice(status, kind) },
    status,
  )

function refusal(status: number | string, said: string): string {
  if (typeof status === "number") return `it answered ${status}${said ? `:${said}` : ", and gave no reason"}`
  return `${status === "" ? "it gave no usable answer" : "the connection broke"}${said && `:${said}`}`
}

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

/** What a registry gives that can't be what was pushed. */
export class RegistryAnswerOdd extends PipelineError {}

export const registryAnswerOdd = (registry: string, what: string) =>
  new RegistryAnswerOdd(`${registry} gave an invalid answer.`, {
    why: what,
    next: "check image.repository, frontend.artifact and cache.repository in the settings, and whether a proxy answers in the registry's place",
  })

/** @param why what is wrong with it. */
export const siteLayerUnreadable = (why: string) =>
  new PipelineError("The site that the registry keeps can't be read.", {
    why: redacted(why),
    next: "find out who pushed it; delete its tag in the registry, then run `frontend publish` at its commit",
  })
