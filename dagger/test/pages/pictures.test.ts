import { execFileSync } from "node:child_process"
import { existsSync, readFileSync, statSync } from "node:fs"
import { dirname, join, normalize } from "node:path"
import { expect, it } from "vitest"
import { repositoryRoot } from "../support/workflows.js"

const tracked = (...paths: string[]) =>
  execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", ...paths], {
    cwd: repositoryRoot,
    encoding: "utf8",
  })
    .trim()
    .split("\n")

/** The files of each `<picture>` of a page, from the repository's root, and what is said of it to those who do not see it. */
export const picturesOf = (page: string, text: string) =>
  [...text.matchAll(/<picture>([\s\S]*?)<\/picture>/g)].map(([, inside = ""]) => {
    const file = (pattern: RegExp) => {
      const path = pattern.exec(inside)?.[1]
      return path === undefined ? "" : normalize(join(dirname(page), path))
    }
    return {
      page,
      dark: file(/<source media="\(prefers-color-scheme: dark\)" srcset="([^"]+)">/),
      light: file(/<img [^>]*src="([^"]+)"/),
      said: /<img [^>]*alt="([^"]+)"/.exec(inside)?.[1] ?? "",
    }
  })

const pictures = tracked("README.md", "docs/*.md").flatMap((page) =>
  picturesOf(page, readFileSync(join(repositoryRoot, page), "utf8")),
)

it("each picture of a page is there in light and in dark colours, below 150 KB, and is told in words too", () => {
  const wrong = pictures.flatMap(({ page, light, dark, said }) => [
    ...[light, dark]
      .filter((file) => !existsSync(join(repositoryRoot, file)) || !file)
      .map((file) => `${page}: ${file || "no file"} is not there`),
    ...[light, dark]
      .filter((file) => file && existsSync(join(repositoryRoot, file)))
      .filter((file) => statSync(join(repositoryRoot, file)).size > 150_000)
      .map((file) => `${page}: ${file} is too large`),
    ...(dark === light.replace("-light.", "-dark.") && dark !== light ? [] : [`${page}: ${light} and ${dark} differ`]),
    ...(said.length > 20 ? [] : [`${page}: ${light} is not told in words`]),
  ])

  expect(wrong).toEqual([])
  const shown = new Set(pictures.map(({ page }) => page))
  expect([...shown]).toEqual(
    expect.arrayContaining([
      "README.md",
      "docs/README.md",
      "docs/deployment/metrics.md",
      "docs/deployment/rollback-guide.md",
    ]),
  )
})

it("no picture lies in the repository that no page shows", () => {
  const shown = pictures.flatMap(({ light, dark }) => [light, dark])
  expect(tracked("docs/pictures").filter((file) => !shown.includes(file))).toEqual([])
})

it("a picture is found by its place on the page, and what it lacks is empty", () => {
  expect(
    picturesOf(
      "docs/deployment/a.md",
      '<picture>\n<source media="(prefers-color-scheme: dark)" srcset="../pictures/b-dark.webp">\n<img alt="What b shows" src="../pictures/b-light.webp" width="700">\n</picture>\n<picture></picture>',
    ),
  ).toEqual([
    {
      page: "docs/deployment/a.md",
      dark: "docs/pictures/b-dark.webp",
      light: "docs/pictures/b-light.webp",
      said: "What b shows",
    },
    { page: "docs/deployment/a.md", dark: "", light: "", said: "" },
  ])
})
