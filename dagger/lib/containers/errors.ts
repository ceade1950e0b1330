import { PipelineError, shown } from "../errors.js"
import { tail } from "../text/untrusted.js"

/** @param flag without its dashes. @param variable where the call may read it. */
export const missingSecret = (flag: string, variable = flag.toUpperCase().replaceAll("-", "_")) =>
  new PipelineError(`The secret --${flag} is empty.`, {
    why: "the variable, file or command that it names is not set, or holds nothing",
    next: `set it where the call runs, and name it: --${flag}=env://${variable}`,
  })

export const notACommit = (text: string) =>
  new PipelineError(`${shown(text)} is not a commit.`, {
    why: "a commit is its full hash: 40 characters, 0 to 9 and a to f",
    next: "give --commit=$(git rev-parse HEAD), or leave it out to take the checkout's",
  })

const checkouts = {
  nothing: {
    why: "the module was not called from a Git repository",
    next: "call it inside the repository (`git init` and a commit make one), or give --commit with the full hash where a function has it",
  },
  worktree: {
    why: "the module was called from a Git worktree, whose .git is a file that points out of it, and nothing outside reaches the engine",
    next: "call it in the main checkout, or in a clone: `git clone . ../clone`",
  },
  unborn: {
    why: "the branch has no commit yet",
    next: "commit first, then run the same command again",
  },
}

/** @param there what is in place of the checkout. @param output of the engine, for causes that are not known. */
export const noCheckout = (there: keyof typeof checkouts | "repository", output: string) =>
  new PipelineError(
    "The commit can't be read.",
    there === "repository"
      ? {
          why: `Git can't read the repository: ${tail(output, 3).join("; ")}`,
          next: "make it whole: a clone that borrows or lacks objects (`git clone --shared`, a broken one by `git fsck`) can't be read from outside; `git clone --no-local` makes a full one",
        }
      : checkouts[there],
  )

/** @param folder as the settings name it. */
export const sourceMissing = (folder: string) =>
  new PipelineError(`The folder ${shown(folder)} does not exist.`, {
    why: "the settings name it as the source of a component, counted from the root of the repository, and .gitignore may exclude it",
    next: "correct frontend.source or backend.source in delivery.json",
  })

/** @param output of the engine. */
export const sourceUnseen = (folder: string, output: string) =>
  new PipelineError(`The folder ${shown(folder)} could not be looked at.`, {
    why: `the engine did not give the caller's files: ${tail(output, 2).join("; ")}`,
    next: "run the same command again; nothing was done yet",
  })

/** @param part the folder, or one above it, that is a link or a file. */
export const sourceNoFolder = (folder: string, part: string) =>
  new PipelineError(`The folder ${shown(folder)} can't be taken as a source.`, {
    why: `${shown(part)} is a link or a file, and the engine takes folders as they lie`,
    next: "name the folder that it leads to in delivery.json",
  })

/** @param files paths from the root of the repository. */
export const trackedButIgnored = (files: string[]) =>
  new PipelineError("Git tracks files that .gitignore excludes.", {
    why: `${files.length === 1 ? "one file is" : `${files.length} files are`} committed and ignored, so the checks of a working copy don't see ${files.length === 1 ? "it" : "them"}: ${files
      .slice(0, 5)
      .map(shown)
      .join(", ")}${files.length > 5 ? ", …" : ""}`,
    next: "add an exception to .gitignore (a line that begins with !), or remove them with `git rm --cached`",
  })
