import { expect, it } from "vitest"
import { readReadme, spaceReadme, writtenHere } from "../../lib/providers/hugging-face/space-readme.js"

const head = { title: "Book", port: 7860 }
const readme = (project: string, there = "", wins: "project" | "there" = "project") =>
  spaceReadme(head, { project, there, wins, body: writtenHere.served })

it("keeps the project's head, its comments, lists and quotes, and adds only what is missing", () => {
  const own = `---
# Shown at huggingface.co
title: 'My "Book"'
emoji: 📚
tags:
- docs
  - fastapi
short_description: >
  two
  lines
---
# The service
`
  expect(readme(own)).toBe(own.replace("  lines\n---\n", "  lines\nsdk: docker\napp_port: 7860\n---\n\n"))
})

it("keeps what the Space's owner wrote, puts the project's keys over it, and settles at once", () => {
  const there =
    "---\ntitle: Owner's\nemoji: 🚀\nsuggested_hardware: t4-small\nsdk: docker\napp_port: 8000\n---\n\nOwner's text.\n"
  const once = readme("---\nemoji: 📚\n---\n", there)

  expect(once).toBe(
    "---\ntitle: Owner's\nemoji: 📚\nsuggested_hardware: t4-small\nsdk: docker\napp_port: 7860\n---\n\nOwner's text.\n",
  )
  expect(readme("---\nemoji: 📚\n---\n", once)).toBe(once)
})

it("writes its own README anew, with the title of today", () => {
  const earlier = spaceReadme(
    { title: "Old", port: 80 },
    { project: "", there: "", wins: "project", body: writtenHere.served },
  )

  expect(readme("", earlier)).toBe(`---\ntitle: "Book"\nsdk: docker\napp_port: 7860\n---\n\n${writtenHere.served}`)
})

it("lets the owner's keys win over those of the Space that a promotion comes from", () => {
  const from = "---\ntitle: Staging\nemoji: 📚\nsdk: docker\napp_port: 7860\n---\n\n# The service\n"

  expect(readme(from, "---\ntitle: Production\nsdk: docker\n---\n", "there")).toBe(
    "---\ntitle: Production\nsdk: docker\nemoji: 📚\napp_port: 7860\n---\n\n# The service\n",
  )
})

it.each([
  ["app_port: 8000 # uvicorn", "app_port"],
  ['sdk: "gradio"', "sdk"],
])("refuses a project's head that contradicts the settings: %s", (line) => {
  expect(() => readme(`---\n${line}\n---\n`)).toThrowErrorMatchingSnapshot()
})

it.each([
  ["\uFEFF---\r\ntitle: Book\r\n---\r\n\r\ntext\r\n", ["title"], "text\n"],
  ["no head\n---\ntitle: x\n---\n", [], "no head\n---\ntitle: x\n---\n"],
  ["---\n---\ntext\n", [], "text\n"],
  ['---\n"app_port" : 7860\nurl: https://a.example:1/\n---\n', ["app_port", "url"], ""],
])("reads a head as Hugging Face does: %j", (text, keys, body) => {
  const found = readReadme(text)
  expect([[...found.head.keys()], found.body]).toEqual([keys, body])
})
