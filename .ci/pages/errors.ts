import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { type DescribedError, type ErrorText, errorTexts } from "./error-texts.js"
import { code, generated, page } from "./markdown.js"

const source = join(import.meta.dirname, "../../dagger/lib")

/** The rooms that make errors, in the order of the page. */
const rooms: Record<string, string> = {
  settings: "Settings",
  containers: "Sources and secrets",
  checks: "Checks and installs",
  cache: "The cache of installed packages",
  image: "Images",
  site: "Files of the site",
  deployment: "Deployments and rollbacks",
  database: "Database and migrations",
  providers: "Registries, Netlify and Hugging Face",
  preview: "Previews",
  doctor: "Doctor and branch protection",
  notifications: "Notifications",
  metrics: "Metrics",
  init: "Init",
  rehearsal: "Rehearsal",
}

const verdicts: Record<string, string> = {
  Failed: "failed",
  Refused: "refused",
  Locked: "locked",
  Superseded: "superseded",
  RollbackFailed: "rollback-failed",
}

/** Every error of the sources. */
export const errors = (): DescribedError[] =>
  errorTexts(
    Object.fromEntries(
      readdirSync(source, { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".ts"))
        .toSorted()
        .map((name) => [name, readFileSync(join(source, name), "utf8")]),
    ),
  )

/** The page of all errors. */
export function errorsPage(all: DescribedError[] = errors()): string {
  const roomOf = ({ file }: DescribedError) => (file.includes("/") ? (file.split("/", 1)[0] ?? "") : "")
  const unnamed = [...new Set(all.map(roomOf))].filter((room) => !(room in rooms))
  if (unnamed.length > 0) throw new Error(`the page of errors has no heading for ${unnamed.join(", ")}`)
  return page([
    "# Errors",
    "[All pages by question](../../README.md)",
    generated("the errors in `dagger/lib`"),
    "Every error says what happened, why, and what to do next. Search this page for a few of its words. Capitals stand for what only a call knows, `[ ]` for what is there at times, `( | )` for one of several. A word such as `refused` is the [verdict](../runbook.md#verdicts) that it gives a deployment.",
    ...Object.entries(rooms).flatMap(([room, title]) => {
      const here = all.filter((one) => roomOf(one) === room)
      return here.length > 0 ? [`## ${title}`, ...here.flatMap(blocks)] : []
    }),
  ])
}

function blocks({ name, about, texts }: DescribedError): string[] {
  return [...new Set(texts.map(({ what }) => what))].flatMap((what) => {
    const these = texts.filter((one) => one.what === what)
    const ends = [...new Set(these.map(({ verdict }) => verdict))].filter(Boolean)
    return [
      // Put together of other errors: only the comment says what it is.
      `### ${escaped(/[a-z]/.test(what) ? what : about || name)}`,
      ends.map((verdict) => code(verdicts[verdict] ?? verdict)).join(", "),
      listed(these),
    ]
  })
}

/** Why and next: as pairs where one goes with the other, else each list alone. */
function listed(texts: ErrorText[]): string {
  const whys = [...new Set(texts.map(({ why }) => why))]
  const nexts = [...new Set(texts.map(({ next }) => next))]
  if (texts.length > 1 && texts.length === whys.length * nexts.length)
    return [...whys.map((why) => `- why: ${escaped(why)}`), ...nexts.map((next) => `- next: ${escaped(next)}`)].join(
      "\n",
    )
  return texts.map(({ why, next }) => `- why: ${escaped(why)}\\\n  next: ${escaped(next)}`).join("\n")
}

/** As it is printed, whatever Markdown would make of it; spans of code stay. */
const escaped = (text: string) =>
  text
    .split(/(`[^`]+`)/)
    .map((part) => (part.startsWith("`") ? part : part.replace(/[\\*<>[\]#|]|_(?=\W|$)|(?<=\W|^)_/g, "\\$&")))
    .join("")
