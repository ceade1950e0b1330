import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { remark } from "remark"
import remarkGfm from "remark-gfm"
import remarkValidateLinks from "remark-validate-links"
import type { Plugin } from "unified"
import { engine } from "unified-engine"
import { expect, it } from "vitest"
import { repositoryRoot } from "../support/workflows.js"

/** Every relative link and anchor of these pages that leads nowhere. GitHub's own rules make the anchors. */
const brokenLinks = (cwd: string, files: string[]): Promise<string[]> =>
  new Promise((resolve, reject) =>
    engine(
      {
        cwd,
        files,
        processor: remark().use(remarkGfm),
        // Its own types know only the set of files that the engine gives it besides.
        plugins: [[remarkValidateLinks as unknown as Plugin<unknown[]>, { repository: false, root: cwd }]],
        output: false,
        out: false,
        // It reports on standard error what is returned here.
        silent: true,
        quiet: true,
      },
      (failure, _, context) => {
        if (failure) reject(failure)
        else
          resolve(
            (context?.files ?? []).flatMap(({ path, messages }) =>
              messages.map(({ line, reason }) => `${path}:${line}: ${reason}`),
            ),
          )
      },
    ),
  )

it("every relative link and anchor of the pages leads somewhere", async () => {
  const pages = execFileSync("git", ["ls-files", "*.md"], { cwd: repositoryRoot, encoding: "utf8" })
    .trim()
    .split("\n")
    .filter((page) => !/^(?:frontend|backend)\//.test(page))

  expect(await brokenLinks(repositoryRoot, pages)).toEqual([])
  expect(pages).toEqual(expect.arrayContaining(["README.md", "CHANGELOG.md", "docs/deployment/reference/settings.md"]))
}, 60_000)

it("the index leads to every page, and every page leads back to it", () => {
  const tracked = execFileSync("git", ["ls-files", "docs/deployment/*.md"], { cwd: repositoryRoot, encoding: "utf8" })
  const pages = [...tracked.trim().split("\n"), ".github/CONTRIBUTING.md", ".github/SECURITY.md"]
  const linksOf = (page: string) =>
    [...readFileSync(join(repositoryRoot, page), "utf8").matchAll(/\]\(([^)#\s]+)/g)].map(([, to = ""]) =>
      join(dirname(page), to),
    )

  expect(pages.filter((page) => !linksOf("docs/README.md").includes(page))).toEqual([])
  expect(pages.filter((page) => !linksOf(page).includes("docs/README.md"))).toEqual([])
  expect(pages.length).toBeGreaterThan(15)
})

it("a link to a page or a heading that is not there is named with its line", async () => {
  const folder = mkdtempSync(join(tmpdir(), "pages-"))
  const pages = {
    "README.md":
      "# One\n\n[a](docs/two.md#there), [b](docs/two.md#gone), [c](docs/three.md)\n\n[d](#one) and [e](#two)\n",
    "docs/two.md": "# Two\n\n## There\n\n[back](../README.md#one)\n",
  }
  for (const [path, text] of Object.entries(pages)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }

  const broken = await brokenLinks(folder, Object.keys(pages))
  rmSync(folder, { recursive: true })

  expect(broken).toEqual([
    "README.md:3: Cannot find heading for `#gone` in `docs/two.md`",
    "README.md:3: Cannot find file `docs/three.md`",
    "README.md:5: Cannot find heading for `#two`",
  ])
}, 60_000)
