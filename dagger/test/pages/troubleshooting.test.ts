import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { repositoryRoot } from "../support/workflows.js"

const read = (path: string) => readFileSync(join(repositoryRoot, path), "utf8")
const page = read("docs/deployment/troubleshooting.md")

/** What only a call knows becomes `…`. */
function withoutPlaceholders(text: string): string {
  const less = text.replace(/\$\{[^{}]*\}|\$\w+|\{[\w.]+\}/g, "…")
  return less === text ? text : withoutPlaceholders(less)
}

/** What the pipeline, its kit, its workflows and the product can say. */
const said = execFileSync("git", ["ls-files", "dagger/lib", "dagger/src", ".ci", ".github/workflows", "backend/app"], {
  cwd: repositoryRoot,
  encoding: "utf8",
})
  .trim()
  .split("\n")
  .filter((path) => /\.(?:ts|py|sh|yml)$|^\.ci\/[^.]+$/.test(path))
  .map((path) => withoutPlaceholders(read(path)))
  .join("\n")

const inPattern = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
/** Texts of the code with a gap, as patterns: of those with a word or two besides. */
const patterns = [...said.matchAll(/(["'`])((?:(?!\1|\n).)*…(?:(?!\1|\n).)*)\1/g)]
  .map(([, , text = ""]) => text)
  .filter((text) => text.replace(/…/g, "").trim().length > 8)
  .map((text) => new RegExp(`^${text.split(/…+/).map(inPattern).join(".+")}`))

/** Titles of the page of errors, which the code makes: capitals stand for what only a call knows. */
const titles = [...read("docs/deployment/reference/errors.md").matchAll(/^### (.+)$/gm)].map(
  ([, title = ""]) =>
    new RegExp(
      `^${inPattern(title.replaceAll("\\", ""))
        .replace(/\\\(((?:(?!\\\)).)*)\\\)/g, (_, either: string) => `(?:${either.replaceAll(" \\| ", "|")})`)
        .replace(/(?<!\w)[A-Z][A-Z_]+(?!\w)/g, ".+")}$`,
    ),
)

/** What Dagger, GitHub, npm, PostgreSQL and Slack say in their own words, and what the page says of how a report reads. */
const ofOthers = [
  "call constructor: exit code: 1",
  "EBUSY … rename …/node_modules/typescript",
  "failed to sync sdk moduleTypes container: exit code: 240",
  "failed to load local module source context: … not found",
  "Waiting for review",
  "Queued",
  'Branch "…" is not allowed to deploy to production',
  "Resource not accessible by integration",
  "No space left on device",
  "statement timeout",
  "403: invalid_token",
]

/** Symptoms that the page quotes, each with its line. */
const quoted = page.split("\n").flatMap((line, at) => {
  const symptom = /^\| (.*?) \| /.exec(line)?.[1] ?? ""
  return [...symptom.matchAll(/`([^`]+)`/g)].map(([, text = ""]) => ({ line: at + 1, text }))
})

const isText = (text: string) =>
  titles.some((title) => title.test(text)) ||
  patterns.some((pattern) => pattern.test(text)) ||
  text
    .split(/…|\d+(?:\.\d+)?/)
    .map((part) => part.trim())
    .filter((part) => part.length > 3)
    .every((part) => said.includes(part))

/** As an error, as one of the texts with a gap, or word by word, as a whole or in its parts; numbers are examples. */
const isSaid = (text: string) => isText(text) || text.split(/: |; /).every(isText)

it("each message that Troubleshooting quotes is one that is said", () => {
  const unsaid = quoted.filter(({ text }) => !ofOthers.includes(text) && !isSaid(text))
  expect(unsaid.map(({ line, text }) => `${line}: ${text}`)).toEqual([])
  expect(quoted.length).toBeGreaterThan(100)
  expect(ofOthers.filter((text) => !quoted.some((one) => one.text === text))).toEqual([])
})

it("Troubleshooting has a part for each place where a deployment can fail", () => {
  const parts = [...page.matchAll(/^## (.+)$/gm)].map(([, name]) => name)
  expect(parts).toEqual(
    expect.arrayContaining([
      "CI",
      "GitHub Actions",
      "Docker and registry",
      "Netlify",
      "Space",
      "Probe",
      "Migration",
      "Slack",
    ]),
  )
  for (const part of page
    .split(/^## /m)
    .slice(1)
    .filter((text) => /^\| /m.test(text)))
    expect(part.split("\n").filter((line) => line.startsWith("| ")).length, part.slice(0, 30)).toBeGreaterThan(4)
})

it("a message that is no longer said is found", () => {
  expect(isSaid("The database did not answer for its revision.")).toBe(false)
  expect(isSaid("The database does not answer.")).toBe(true)
})
