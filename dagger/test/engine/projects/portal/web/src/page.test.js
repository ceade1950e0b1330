import { expect, it } from "vitest"
import { page } from "./page.js"

it("escapes its title", () => {
  expect(page("<Portal>")).toContain("<h1>&#60;Portal&#62;</h1>")
})
