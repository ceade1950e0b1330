import { readFileSync } from "node:fs"
import { render, screen } from "@testing-library/react"
import { expect, it } from "vitest"
import { chapters } from "../src/lib/chapters"
import Home from "../src/pages/index"

it("names the site and leads to the first chapter", () => {
  render(<Home />)
  expect(screen.getByRole("heading", { level: 1 }).textContent).toBe("Physical AI & Humanoid Robotics")
  expect(screen.getByRole("link", { name: "Start reading" }).getAttribute("href")).toBe(
    "/docs/foundations-of-physical-ai",
  )
})

it("links the five chapters by the title each one carries", () => {
  render(<Home />)
  expect(chapters).toHaveLength(5)
  for (const { slug, title } of chapters) {
    expect(readFileSync(`docs/${slug}.md`, "utf8")).toContain(`slug: /${slug}\n`)
    expect(readFileSync(`docs/${slug}.md`, "utf8")).toContain(`title: ${title}\n`)
    expect(screen.getByRole("link", { name: new RegExp(title) }).getAttribute("href")).toBe(`/docs/${slug}`)
  }
})
