import { PipelineError } from "../errors.js"

export const notAPullRequest = (pull: number) =>
  new PipelineError(`${pull} is no number of a pull request.`, {
    why: "they begin with 1",
    next: "give the number that the pull request's address ends with",
  })

export const noPullRequest = (pull: number, repository: string) =>
  new PipelineError(`There is no pull request #${pull}.`, {
    why: `${repository} of project.source in the settings has none of that number, or the token may not see it`,
    next: "give the number that the pull request's address ends with",
  })

export const pullRequestClosed = (pull: number) =>
  new PipelineError(`The pull request #${pull} is closed.`, {
    why: "a draft of it would be left behind: drafts are removed when their pull request closes",
    next: "reopen it and run the same command again; `--close` removes what is left of its drafts",
  })

export const commentForbidden = (pull: number) =>
  new PipelineError(`The comment in #${pull} can't be written.`, {
    why: "the token may only read: GitHub gives a pull request from a fork no other one",
    next: "give the job `pull-requests: write`; of a fork, push the branch to this repository to have a preview",
  })

/** @param report with the draft, and what was wrong with it. */
export const previewUnhealthy = (report: string) =>
  new PipelineError(`The preview is not healthy.\n${report}`, {
    why: "the draft does not answer as the live site would have to",
    next: "fix it and push again; what is live did not change",
  })
