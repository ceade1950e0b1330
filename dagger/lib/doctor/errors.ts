import { PipelineError, ReportedError } from "../errors.js"

export const branchMissing = (branch: string) =>
  new PipelineError(`The repository has no branch ${JSON.stringify(branch)}.`, {
    why: "an environment of the settings deploys it, but GitHub has no such branch",
    next: `push it (\`git push origin HEAD:${JSON.stringify(branch)}\`), or correct the environment's \`branch\` in the settings`,
  })

export const notAnAdministrator = (branch: string, answer = "") =>
  new PipelineError(`The protection of ${JSON.stringify(branch)} could not be changed.`, {
    why: `GitHub lets only an administrator of the repository see and change it${answer && `; it answered: ${answer}`}`,
    next: "give --github-token the token of an administrator: classic with `repo`, or fine-grained with Administration: read and write. the token of a workflow can't do this; a private repository also needs a paid plan",
  })

export const protectionNotTaken = (branch: string, left: string[]) =>
  new PipelineError(`The protection of ${JSON.stringify(branch)} was written, but GitHub did not apply all of it.`, {
    why: `GitHub accepted the request, but still: ${left.join("; ")}`,
    next: "look at Settings, Branches of the repository: the account's plan or an organisation's rule may forbid it",
  })

/** @param report the result of each branch; for those that failed what, why and next. */
export const someUnprotected = (report: string) => new ReportedError(report)

/** @param report all diagnoses, each with its fix. */
export const doctorFound = (report: string) => new ReportedError(report)
