import type { ImageFacts } from "./image-facts.js"
import { provenanceMistakes } from "./provenance.js"

/** An image to be published. */
export interface Candidate {
  commit: string
  /** Date of the commit, ISO 8601. */
  created: string
}

/** What is there under the commit's own tag. */
export enum Found {
  /** Nothing: build and push. */
  Nothing = "nothing",
  /** An image of this very commit without its provenance, as a killed run leaves it: build and push again. */
  Unproven = "unproven",
  /** An image of this very commit: push nothing. */
  Same = "same",
  /** Something that says it is of another commit: touch nothing. */
  Foreign = "foreign",
}

/**
 * What to do with the commit's own tag. An image that names no commit is not ours either.
 * @param statement provenance beside it. It is written last and only by the run that built the image: nobody can tell afterwards.
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
 * Why `latest` is not moved to the candidate; "" when it is. It only moves forward in the time of commits: a run that was held up,
 * or that publishes an old commit again, must not put visitors of `latest` back.
 */
export function latestStays(latest: ImageFacts | undefined, digest: string, { created }: Candidate): string {
  if (!latest) return ""
  if (latest.digest === digest) return "it names this image already"
  const [there, ours] = [Date.parse(latest.created), Date.parse(created)]
  // An image without a date was not published by this module.
  if (Number.isNaN(there) || Number.isNaN(ours) || ours >= there) return ""
  return `it names a newer commit, ${latest.revision.slice(0, 7)} of ${latest.created}`
}
