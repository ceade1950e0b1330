import { PipelineError, quoted } from "../errors.js"
import { redacted, sanitized, shortened } from "../text/untrusted.js"
import { oneLine } from "../text/wording.js"

/** Paths are longer than names. */
const shown = (text: string) => quoted(text, 160)
const listed = (all: string[]) => {
  const first = all.slice(0, 8).map((it) => `\n    ${shown(it).slice(1, -1)}`)
  return `${first.join("")}${all.length > 8 ? "\n    and more" : ""}`
}
const one = (all: string[], single: string, several: string) => (all.length === 1 ? single : several)

/** @param links each with where it leads, as `path -> target`. */
export const linksOutside = (links: string[]) =>
  new PipelineError(
    `The site holds ${one(links, "a link that leads", "links that lead")} out of it, so visitors would not get what is there.`,
    {
      why: `these point outside of the built folder:${listed(links)}`,
      next: "let the build copy what they point to, or point them at files of the site itself: such links are uploaded as what they point to",
    },
  )

export const linksDangling = (links: string[]) =>
  new PipelineError(`The site holds ${one(links, "a link that points", "links that point")} to nothing.`, {
    why: `what these name is not there:${listed(links)}`,
    next: "correct or remove them, or let the build write what they name before it ends",
  })

export const linksInCircles = (links: string[]) =>
  new PipelineError("The site holds links that lead in a circle.", {
    why: `what these hold would never end:${listed(links)}`,
    next: "let each point to a file, or to a folder that does not hold it",
  })

export const tooManyLinked = (most: number) =>
  new PipelineError("The links of the site multiply its files.", {
    why: `followed, they stand for more than ${most} files`,
    next: "let the build copy what visitors need in place of links to folders that hold links",
  })

/** @param where such as `the site` or `the image's context`. */
export const filesAtLfs = (where: string, files: string[]) =>
  new PipelineError(
    `${where.charAt(0).toUpperCase()}${where.slice(1)} holds ${one(files, "a pointer", "pointers")} of Git LFS in place of ${one(files, "a file", "files")}.`,
    {
      why: `these hold only the name that Git LFS keeps their content by:${listed(files)}`,
      next: "where the files on disk are taken: `git lfs pull` first, in a workflow `lfs: true` of actions/checkout. A deployment takes them from the commit, which has the pointers alone: commit the files themselves with `git lfs migrate export --include=PATH`, or let the build fetch them",
    },
  )

export const unusableNames = (names: string[]) =>
  new PipelineError(`The site holds ${one(names, "a file name", "file names")} that no address can have.`, {
    why: `Netlify takes no # and no ? in a name, and an address is made of UTF-8 without control characters:${listed(names)}`,
    next: "rename them, or correct what the build names them by",
  })

export const noPlainFiles = (paths: string[]) =>
  new PipelineError("The site holds what is neither a file nor a folder.", {
    why: `these can't be uploaded:${listed(paths)}`,
    next: "let the build remove them",
  })

export const secretsInSite = (paths: string[]) =>
  new PipelineError("The site holds what must not be public.", {
    why: `files of these names hold passwords, tokens or a repository's history, and everybody could read them:${listed(paths)}`,
    next: "let the build leave them out; a file that visitors do need gets another name",
  })

/** @param pairs such as `A.html and a.html`. */
export const namesAlike = (pairs: string[]) =>
  new PipelineError("The site holds files of which visitors would get only one.", {
    why: `Netlify reads names without regard to case, and browsers show these alike:${listed(pairs)}`,
    next: "give each a name that differs in more than case or the form of its accents",
  })

export const rulesUnreadable = (path: string, said: string) =>
  new PipelineError(`${path} can't be read.`, {
    why: `Netlify's own reader says: ${oneLine(said, 400)}`,
    next: "correct it: Netlify would refuse it too",
  })

/** @param said by npm. */
export const readerMissing = (said: string) =>
  new PipelineError("Netlify's own reader of netlify.toml can't be installed.", {
    why: `npm says: ${oneLine(said, 400)}`,
    next: "let the engine reach the package registry, as it does for the site's own packages",
  })

/** @param base what the file says. */
export const rulesOfAnother = (path: string, base: string, source: string) =>
  new PipelineError(`${path} is about another site.`, {
    why: `its build.base is ${shown(base)}, and frontend.source of the settings is ${shown(source)}`,
    next: `put the rules of this site into ${source === "." ? "netlify.toml" : `${source}/netlify.toml`}, or correct one of the two`,
  })

/** @param parts each with the word by which it may be left out. */
export const rulesNotApplied = (path: string, parts: { word: string; text: string }[]) => {
  const words = [...new Set(parts.map(({ word }) => word))]
  return new PipelineError(`${path} asks for what an upload of files can't give.`, {
    why: `without it visitors would get another site:${parts.map(({ text }) => `\n    ${shortened(redacted(sanitized(text)), 200)}`).join("")}`,
    next: `take it out of ${path}; or, where the site does without, write "frontend": { "netlifyWithout": ${JSON.stringify(words)} } in the settings`,
  })
}

export const siteKeptNowhere = () =>
  new PipelineError("There is no place to keep the site.", {
    why: "the settings have no frontend.artifact, and no image beside which it would be kept",
    next: "add frontend.artifact to delivery.json, such as ghcr.io/acme/site",
  })
