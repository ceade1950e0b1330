import type { ProbeResult } from "../deployment/health-probe.js"
import { isHealthy } from "../deployment/outcome.js"
import type { SiteArtifact } from "../deployment/release.js"
import { explained } from "../errors.js"
import { asked, type Known } from "../status/known.js"
import { count } from "../text/wording.js"
import { previewUnhealthy, pullRequestClosed } from "./errors.js"
import {
  type PreviewFacts,
  previewClosedMarkdown,
  previewFailedMarkdown,
  previewMarkdown,
  previewText,
} from "./preview-report.js"

/** A draft of a pull request, at its own address. */
export interface Previewed {
  id: string
  url: string
}

/** Where drafts are kept, beside the live version and never in its place. */
export interface PreviewHost {
  /** Puts a site there; the same files of the same commit once. */
  put(pull: number, commit: string, artifact: SiteArtifact): Promise<Previewed>
  /** Removes the drafts of a pull request, except one. Returns their IDs. */
  remove(pull: number, except?: string): Promise<string[]>
  /** Bytes of what is published; `undefined` where nothing is. */
  publishedSize(): Promise<number | undefined>
  sizeOf(artifact: SiteArtifact): Promise<number>
}

/** Where people talk about a change. */
export interface PullRequests {
  /** @throws PipelineError when there is no such pull request. */
  isOpen(pull: number): Promise<boolean>
  /** Writes the comment with that mark, or edits it. Returns which. */
  comment(pull: number, mark: string, text: string): Promise<string>
  /** Edits the comment with that mark, where there is one. Returns whether there is. */
  edit(pull: number, mark: string, text: string): Promise<string>
}

export interface PreviewRequest {
  pull: number
  /** Full hash, which the site's version.json tells. */
  commit: string
  environment: string
  /** Of the site, for the mark of its comment. */
  site: string
  /** Builds and checks it. What stops that is told in the comment, as it is of the draft. */
  build: () => Promise<Built>
  probe: (url: string) => Promise<ProbeResult>
  run: string
}

/** What was made of a commit. */
export interface Built {
  artifact: SiteArtifact
  /** How its checks ended. */
  checks: PreviewFacts["checks"]
  /** What a deployment would do to the database, and to the image. */
  schema: Known<string>
  image: Known<string>
}

/** One comment in a pull request for each site. */
const markOf = (site: string) => `<!-- pipeline preview ${site.replace(/[^\w.-]/g, "-")} -->`

/** Milliseconds that a fact of the comment may take. */
const patience = 30_000

/**
 * Puts a draft of a pull request beside the live version, proves it by the probe, and says so in one comment that is edited from then on.
 * Older drafts of the same pull request are removed. What is live stays untouched.
 * @throws PipelineError when the draft is not healthy, or the pull request is closed.
 */
export async function preview(
  host: PreviewHost,
  pulls: PullRequests | undefined,
  { pull, site, build, probe, ...request }: PreviewRequest,
): Promise<string> {
  if (pulls && !(await pulls.isOpen(pull))) throw pullRequestClosed(pull)
  const said = async (text: string) =>
    pulls ? pulls.comment(pull, markOf(site), text) : "no comment was written: there is no --github-token"
  let built: Built
  let draft: Previewed
  let health: ProbeResult
  try {
    built = await build()
    draft = await host.put(pull, request.commit, built.artifact)
    health = await probe(draft.url)
  } catch (failure) {
    // The failure is what counts; a comment that can't be written changes nothing of it.
    await said(previewFailedMarkdown(request, explained(failure))).catch(() => "")
    throw failure
  }
  const { artifact, ...known } = built
  const [bytes, published] = await Promise.all([
    host.sizeOf(artifact),
    asked(() => host.publishedSize(), { who: "the host", milliseconds: patience }),
  ])
  const removed = await asked(() => host.remove(pull, draft.id), { who: "the host", milliseconds: patience })
  const facts: PreviewFacts = { ...request, ...known, pull, draft, health, bytes, published, removed }
  const comment = await said(previewMarkdown(facts))
  // A run that outlives its pull request leaves nothing behind.
  if (pulls && !(await pulls.isOpen(pull))) return closed(host, pulls, { pull, site })
  const report = [previewText(facts), `  comment   ${comment}`].join("\n")
  if (!isHealthy(health)) throw previewUnhealthy(report)
  return report
}

/** Removes the drafts of a pull request, and says so in its comment. */
export async function closed(
  host: PreviewHost,
  pulls: PullRequests | undefined,
  { pull, site }: Pick<PreviewRequest, "pull" | "site">,
): Promise<string> {
  const removed = await host.remove(pull)
  const drafts = count(removed.length, "draft")
  if (!pulls) return `#${pull}: removed ${drafts}; no comment was written: there is no --github-token`
  // Where nothing was shown, nothing needs to be taken back; a call that was killed has removed the drafts and left the comment.
  if (removed.length === 0)
    return `#${pull}: there was no draft to remove; ${await pulls.edit(pull, markOf(site), previewClosedMarkdown())}`
  return `#${pull}: removed ${drafts}; ${await pulls.comment(pull, markOf(site), previewClosedMarkdown())}`
}
