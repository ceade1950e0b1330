import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { chromium } from "../../../.ci/browser/chromium.js"
import { repositoryRoot } from "../support/workflows.js"

const library = createRequire(import.meta.url).resolve("@mermaid-js/tiny")
const pages = execFileSync("git", ["ls-files", "README.md", "docs/*.md", ".github/*.md", ".ci/*.md"], {
  cwd: repositoryRoot,
  encoding: "utf8",
})
  .trim()
  .split("\n")
  .map((path) => ({ path, text: readFileSync(join(repositoryRoot, path), "utf8") }))

interface Diagram {
  place: string
  code: string
}

const diagramsOf = ({ path, text }: { path: string; text: string }): Diagram[] =>
  [...text.matchAll(/^```mermaid\n([\s\S]*?)^```$/gm)].map(({ 1: code = "", index }) => ({
    place: `${path}:${text.slice(0, index).split("\n").length}`,
    code,
  }))

let browser: Browser
beforeAll(async () => {
  browser = await chromium()
})
afterAll(() => browser?.close())

/** Draws it as GitHub does. Returns its labels, or throws what is wrong with it. */
async function drawn(
  page: Page,
  code: string,
  theme: "default" | "dark",
): Promise<{ labels: string[]; cut: string[] }> {
  await page.addScriptTag({ path: library })
  return page.evaluate(
    async ([code, theme]) => {
      interface Mermaid {
        initialize(options: object): void
        render(id: string, code: string): Promise<{ svg: string }>
      }
      const { mermaid } = window as unknown as { mermaid: Mermaid }
      mermaid.initialize({ startOnLoad: false, theme, securityLevel: "strict" })
      const { svg } = await mermaid.render("diagram", code)
      document.body.innerHTML = svg
      const labels = [...document.querySelectorAll(".node")].map((node) => {
        const label = node.querySelector(".nodeLabel")
        const [box, text] = [node.getBoundingClientRect(), label?.getBoundingClientRect()]
        const isCut = !text || text.left < box.left - 1 || text.right > box.right + 1 || text.bottom > box.bottom + 1
        return { text: label?.textContent ?? "", isCut }
      })
      // A chart has no nodes: its texts stand free, in the picture's frame.
      const frame = document.querySelector("svg")?.getBoundingClientRect()
      for (const text of document.querySelectorAll("svg[aria-roledescription=xychart] text")) {
        const at = text.getBoundingClientRect()
        const isCut = !frame || at.left < frame.left || at.right > frame.right || at.bottom > frame.bottom
        labels.push({ text: text.textContent ?? "", isCut })
      }
      return {
        labels: labels.map(({ text }) => text),
        cut: labels.filter(({ isCut }) => isCut).map(({ text }) => text),
      }
    },
    [code, theme] as const,
  )
}

describe.each(pages.flatMap(diagramsOf))("the diagram of $place", ({ code }) => {
  it.each(["default", "dark"] as const)("is drawn as GitHub does, with all of each label (%s)", async (theme) => {
    const page = await browser.newPage()
    const { labels, cut } = await drawn(page, code, theme)
    await page.close()

    expect(cut).toEqual([])
    expect(labels.length).toBeGreaterThan(5)
    expect(labels).not.toContain("")
  })
})

it("a diagram that can't be drawn stops with its line that is wrong", async () => {
  const page = await browser.newPage()
  const failure = drawn(page, "flowchart LR\n  a[one --> b\n", "default")
  await expect(failure).rejects.toThrow(/Parse error on line 4:\n.*a\[one --> b/)
  await page.close()
})

it("no page has a diagram of letters: they break on a phone, and nobody reads them aloud", () => {
  expect(pages.filter(({ text }) => /[┌┐└┘├┤▼►]/.test(text)).map(({ path }) => path)).toEqual([])
  expect(pages.flatMap(diagramsOf).length).toBeGreaterThan(3)
})
