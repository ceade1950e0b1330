import type { ImageFacts } from "./image-facts.js"
import { provenanceMistakes } from "./provenance.js"

/** An image or a site to publish. */
export interface Candidate {
  commit: string
  /** Date of the commit, ISO 8601. */
  created: string
}

/** What the tag of the commit names. */
export enum Found {
  /** Nothing: build and push. */
  Nothing = "nothing",
  /** An image of this commit without provenance, as a killed run leaves it: build and push again. */
  Unproven = "unproven",
  /** An image of this commit: push nothing. */
  Same = "same",
  /** An image of another commit: change nothing. */
  Foreign = "foreign",
}

/**
 * What to do with the tag of the commit. An image that names no commit is foreign too.
 * @param statement its provenance. The run that built the image writes it last: no later run could know where the image comes from.
 * @param source address of the repository that holds the commit.
 */
export function found(
  there: ImageFacts | undefined,
  statement: string | undefined,
  { commit }: Candidate,
  source: string,
): Found {
  if (!there) return Found.Nothing
  if (there.revision !== commit) return Found.Foreign
  if (statement === undefined) return Found.Unproven
  const mistakes = provenanceMistakes(statement, { digest: there.digest, commit, source, builder: "" })
  return mistakes.length === 0 ? Found.Same : Found.Foreign
}

/**
 * Why `latest` is not moved to the candidate; "" when it is. It only moves to newer commits: a delayed run, or one that publishes
 * an old commit again, must not move it back.
 */
export function latestStays(latest: ImageFacts | undefined, digest: string, { created }: Candidate): string {
  if (!latest) return ""
  if (latest.digest === digest) return "it names this one already"
  const [there, ours] = [Date.parse(latest.created), Date.parse(created)]
  // This module never publishes an image without a date.
  if (Number.isNaN(there) || Number.isNaN(ours) || ours >= there) return ""
  return `it names a newer commit, ${latest.revision.slice(0, 7)} of ${latest.created}`
}
