import { z } from "zod"
import { sanitized, shortened } from "../text/untrusted.js"
import { count } from "../text/wording.js"
import {
  filesAtLfs,
  linksDangling,
  linksInCircles,
  linksOutside,
  namesAlike,
  noPlainFiles,
  secretsInSite,
  tooManyLinked,
  unusableNames,
} from "./errors.js"

const paths = z.array(z.string())
/** Made when it is needed: most calls build no site. */
const shape = () =>
  z.object({
    /** Where the site lies, links followed. */
    folder: z.string(),
    files: z.number(),
    links: z.number(),
    outside: paths,
    dangling: paths,
    circles: paths,
    tooMany: z.boolean(),
    pointers: paths,
    names: paths,
    special: paths,
    secrets: paths,
    same: paths,
    hidden: paths,
    inNodeModules: z.number(),
    /** Addresses of the builder's own machine that programs name. */
    local: paths,
    /** Folders beside a site that is missing. */
    there: paths,
  })

/** What lies in a built site, as assets/site-files.cjs tells it. */
export type SiteFacts = z.infer<ReturnType<typeof shape>>

export const readSiteFacts = (text: string): SiteFacts => shape().parse(JSON.parse(text))

/**
 * What was done to a site so that it can be uploaded, and what of it is unusual, a sentence each.
 * @throws PipelineError for one that visitors would not get as it was built.
 */
export function uploadable(facts: SiteFacts): string[] {
  const refusals: [string[], (found: string[]) => Error][] = [
    [facts.outside, linksOutside],
    [facts.circles, linksInCircles],
    [facts.dangling, linksDangling],
    [facts.secrets, secretsInSite],
    [facts.pointers, (found) => filesAtLfs("the site", found)],
    [facts.names, unusableNames],
    [facts.special, noPlainFiles],
    [facts.same, namesAlike],
  ]
  for (const [found, refusal] of refusals) if (found.length > 0) throw refusal(found)
  if (facts.tooMany) throw tooManyLinked(60_000)
  const first = facts.hidden[0]
  return [
    ...(facts.links > 0 ? [`${count(facts.links, "link")} of the site became what it points to`] : []),
    ...(first
      ? [
          `hidden files such as ${shortened(sanitized(first), 80)} are uploaded with the site; Netlify's own tools leave them out`,
        ]
      : []),
    ...(facts.inNodeModules > 0
      ? [
          `${count(facts.inNodeModules, "file")} below node_modules are uploaded with the site; Netlify's own tools leave them out`,
        ]
      : []),
  ]
}
