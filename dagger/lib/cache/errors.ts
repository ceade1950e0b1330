import { PipelineError } from "../errors.js"

export const cacheSilent = (milliseconds: number) =>
  new PipelineError("The cache was given up.", {
    why: `it took longer than ${Math.round(milliseconds / 1000)} s`,
    next: "look whether the registry is reached from here; the packages were installed as without a cache",
  })

export const cacheEntryBroken = (path: string) =>
  new PipelineError("An entry of the cache is broken.", {
    why: `its ${path} is another one than its label says`,
    next: "find out who pushed it, and delete it in the registry; the packages were installed as without a cache",
  })

/** @param branch the repository's default one. */
export const notOnDefaultBranch = (commit: string, branch: string) =>
  new PipelineError("The cache was left as it is.", {
    why: `${branch} does not have the commit ${commit.slice(0, 7)}, and only what was merged fills the cache`,
    next: "merge it first; or say why it may, with --from-any-branch",
  })

export const branchUnasked = () =>
  new PipelineError("The cache was left as it is.", {
    why: "only commits of the default branch fill it, and there is no --github-token to ask which branch that is",
    next: "give --github-token=env://GITHUB_TOKEN; or say why any commit may, with --from-any-branch",
  })

export const cachePushFailed = (entry: string, why: string) =>
  new PipelineError(`${entry} could not be pushed.`, {
    why,
    next: "give --registry-user and a --registry-token that may write there; at ghcr.io that is packages: write, in a repository that the package belongs to",
  })

/** @param why what is wrong with what the registry has now. */
export const cacheEntryOdd = (entry: string, why: string) =>
  new PipelineError(`${entry} is not what was pushed.`, {
    why: why || "the registry has another entry there, or none",
    next: "look whether another run pushed at the same time, then run the same command again",
  })

/** @param lines one for each kind of packages that could not be kept. */
export const cacheNotFilled = (lines: string[]) =>
  new PipelineError("The cache was not filled.", {
    why: lines.map((line) => `\n    ${line}`).join(""),
    next: "correct what is named, and run the same command again: what was pushed is not pushed again",
  })
