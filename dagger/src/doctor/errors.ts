import { PipelineError, ReportedError } from "../errors.js"

export const branchMissing = (branch: string) =>
  new PipelineError(`The repository has no branch ${JSON.stringify(branch)}.`, {
    why: "an environment of the settings deploys it, and GitHub knows none of that name",
    next: `push it (\`git push origin HEAD:${JSON.stringify(branch)}\`), or correct the environment's \`branch\` in the settings`,
  })

export const notAnAdministrator = (branch: string, answer = "") =>
  new PipelineError(`The protection of ${JSON.stringify(branch)} could not be changed.`, {
    why: `GitHub lets only an administrator of the repository see and change it${answer && `; it answered: ${answer}`}`,
    next: "give --github-token the token of an administrator: classic with `repo`, or fine-grained with Administration: read and write. GitHub makes none such for a workflow; a private repository also needs a paid plan",
  })

export const protectionNotTaken = (branch: string, left: string[]) =>
  new PipelineError(`The protection of ${JSON.stringify(branch)} was written, and is not what was asked for.`, {
    why: `GitHub took the request, and afterwards still: ${left.join("; ")}`,
    next: "look at Settings, Branches of the repository: the account's plan or an organisation's rule may forbid it",
  })

/** @param report what became of each branch; of those that failed what, why and next. */
export const someUnprotected = (report: string) => new ReportedError(report)

/** @param report all diagnoses, each with its way out. */
export const doctorFound = (report: string) => new ReportedError(report)
