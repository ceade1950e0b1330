import { readingMinutes } from "../src/reading-time.js"

test("a short text takes a minute", () => {
  expect(readingMinutes("Look twice.")).toBe(1)
})

test("a thousand words take five", () => {
  expect(readingMinutes("word ".repeat(1000))).toBe(5)
})
