import type { Browser } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { chromium, opened } from "../../../.ci/browser/chromium.js"
import { pages } from "./fixed-pages.js"
import { bars, beyondTheScreen, faint, text, textCut, textOverlapping, unreachable, wordsBroken } from "./in-page.js"

const phone = { viewport: { width: 375, height: 800 } }
/** A sheet of A4 between its margins, at 96 points an inch. */
const sheet = { viewport: { width: 718, height: 1047 } }

let browser: Browser
beforeAll(async () => {
  browser = await chromium()
})
afterAll(() => browser?.close())

describe.each(Object.entries(pages))("%s", (_, html) => {
  it("gives the browser nothing to complain about, and asks for nothing", async () => {
    await using shown = await opened(browser, html)
    expect(shown.complaints).toEqual([])
  })

  it.each([
    ["a screen", {}],
    ["a phone of 375 pixels", phone],
  ])("shows all of its text on %s: none is cut, broken or lies on another", async (_, options) => {
    await using shown = await opened(browser, html, options)
    expect(await shown.page.evaluate(textCut, false)).toEqual([])
    expect(await shown.page.evaluate(wordsBroken)).toEqual([])
    expect(await shown.page.evaluate(textOverlapping)).toEqual([])
  })

  it("is as wide as a phone of 375 pixels; what is wider scrolls by itself, by keyboard too", async () => {
    await using shown = await opened(browser, html, phone)
    expect(await shown.page.evaluate(beyondTheScreen)).toBe(0)
    expect(await shown.page.evaluate(unreachable)).toEqual([])
  })

  it("has a label for each bar, and no bar is too thin to see", async () => {
    await using shown = await opened(browser, html, phone)
    const drawn = await shown.page.evaluate(bars)
    expect(drawn.filter(({ label }) => label === "")).toEqual([])
    expect(drawn.filter(({ wide, high }) => wide < 0.5 || high < 0.5)).toEqual([])
  })

  it("is the same without JavaScript", async () => {
    await using plain = await opened(browser, html, { javaScriptEnabled: false })
    await using scripted = await opened(browser, html)
    const [one, other] = [await plain.page.screenshot(), await scripted.page.screenshot()]
    expect(one.equals(other)).toBe(true)
    expect(await plain.page.evaluate(text)).not.toBe("")
  })

  it.each(["light", "dark"] as const)("has readable contrast in %s colours", async (colorScheme) => {
    await using shown = await opened(browser, html, { colorScheme })
    expect(await shown.page.evaluate(faint)).toEqual([])
  })

  it("is dark where the reader's system is", async () => {
    await using light = await opened(browser, html, { colorScheme: "light" })
    await using dark = await opened(browser, html, { colorScheme: "dark" })
    const ground = () => getComputedStyle(document.body).backgroundColor
    expect(await light.page.evaluate(ground)).toBe("rgb(251, 251, 250)")
    expect(await dark.page.evaluate(ground)).toBe("rgb(20, 23, 26)")
  })

  it("prints all of it on A4, dark on light whatever the screen shows", async () => {
    await using shown = await opened(browser, html, { ...sheet, colorScheme: "dark" })
    const onScreen = await shown.page.evaluate(text)
    await shown.page.emulateMedia({ media: "print", colorScheme: "dark" })
    expect(await shown.page.evaluate(text)).toBe(onScreen)
    expect(await shown.page.evaluate(textCut, true)).toEqual([])
    expect(await shown.page.evaluate(faint)).toEqual([])
    expect(await shown.page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe("rgb(251, 251, 250)")
    const paper = await shown.page.pdf({ format: "A4", margin: { left: "10mm", right: "10mm" } })
    expect(paper.subarray(0, 5).toString()).toBe("%PDF-")
  })
})
