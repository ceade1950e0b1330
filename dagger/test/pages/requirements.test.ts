import { execFileSync } from "node:child_process"
import { readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { repositoryRoot } from "../support/workflows.js"

const read = (path: string) => readFileSync(join(repositoryRoot, path), "utf8")
const page = read("docs/deployment/requirements.md")
const rows = [...page.matchAll(/^\| ([A-Z]+-?\d+) \| (.*?) \| (.*?) \| (.*?) \|$/gm)].map(
  ([, number = "", asked = "", state = "", proof = ""]) => ({ number, asked, state, proof }),
)

const tracked = (...paths: string[]) =>
  execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", ...paths], {
    cwd: repositoryRoot,
    encoding: "utf8",
  })
    .trim()
    .split("\n")

/** Titles that tests have: each literal of a test file, also those of a table. */
const titles = new Set(
  tracked("dagger/test/*.test.ts", "dagger/test/**/*.test.ts", "frontend/test")
    .flatMap((file) => [...read(file).matchAll(/\b(?:it|test)(?:\.each\([\s\S]*?\))?\(\s*(["'`])([\s\S]*?)\1,/g)])
    .map(([, , title = ""]) => title.replaceAll("\\`", "`")),
)
const titlesIn = (proof: string) => [...proof.matchAll(/"([^"]+)"/g)].map(([, title = ""]) => title)
const commandsIn = (proof: string) => [...proof.replace(/"[^"]+"/g, "").matchAll(/`([^`]+)`/g)].map(([, it = ""]) => it)

it("each of the 79 tasks, 10 measures and 12 promises has one row, in order", () => {
  const numbers = [
    ...Array.from({ length: 79 }, (_, at) => `T${String(at + 1).padStart(3, "0")}`),
    ...Array.from({ length: 10 }, (_, at) => `SC-${String(at + 1).padStart(3, "0")}`),
    ...Array.from({ length: 12 }, (_, at) => `P${String(at + 1).padStart(2, "0")}`),
  ]

  expect(rows.map(({ number }) => number)).toEqual(numbers)
})

it("each row is done, or says in one line what only a person or an account can add", () => {
  expect(rows.filter(({ state }) => !/^(?:done(?:[:; ].{10,})?|.*partly: .{10,})$/.test(state))).toEqual([])
  expect(rows.filter(({ asked, state }) => asked.length > 200 || state.length > 200)).toEqual([])
})

it("each row has a proof: a test that exists, or a command", () => {
  const wrong = rows.flatMap(({ number, proof }) => {
    const [named, commands] = [titlesIn(proof), commandsIn(proof)]
    return [
      ...(named.length + commands.length === 0 ? [`${number}: no proof`] : []),
      ...named.filter((title) => !titles.has(title)).map((title) => `${number}: no test is called "${title}"`),
      ...commands.filter((command) => !isCommand(command)).map((command) => `${number}: ${command} is no command`),
    ]
  })

  expect(wrong).toEqual([])
  expect(titles.size).toBeGreaterThan(500)
})

/** A script of .ci that can be run; `dagger call` lines are checked through the engine. */
function isCommand(line: string): boolean {
  if (/^dagger (?:call \S|functions$)/.test(line)) return true
  return tracked(".ci").includes(line) && (statSync(join(repositoryRoot, line)).mode & 0o111) !== 0
}

it.each([
  ["dagger call ci", true],
  [".ci/rehearse", true],
  [".ci/environment", false],
  [".ci/nothing", false],
  ["make test", false],
])("what is a command: %s", (line, expected) => {
  expect(isCommand(line)).toBe(expected)
})

it("the README's badge leads to the runs of the workflow ci", () => {
  const [, image, runs] = /^\[!\[ci\]\((\S+?)\)\]\((\S+?)\)$/m.exec(read("README.md")) ?? []
  const { project } = JSON.parse(read("delivery.json")) as { project: { source: string } }

  expect(runs).toBe(`${project.source}/actions/workflows/ci.yml`)
  expect(image).toBe(`${runs}/badge.svg?branch=main`)
  expect(tracked(".github/workflows")).toContain(".github/workflows/ci.yml")
})

it("git ignores what the pages tell people to write", () => {
  const pages = tracked("README.md", "docs", ".github").filter((file) => file.endsWith(".md"))
  const written = pages.flatMap((file) =>
    [...read(file).matchAll(/(?:--output=|\s-o[= ]|-out )([\w./-]+)/g)].map(([, path = ""]) => path),
  )
  const ignored = (path: string) => {
    try {
      execFileSync("git", ["check-ignore", "--quiet", "--no-index", path], { cwd: repositoryRoot })
      return true
    } catch {
      return false
    }
  }

  expect([...new Set(written)].filter((path) => !ignored(path) && !ignored(`${path}/`))).toEqual([])
  expect(written).toEqual(expect.arrayContaining(["reports/rehearsal", "build", "signing-key.pem"]))
})
