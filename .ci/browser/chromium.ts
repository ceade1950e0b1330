import { existsSync } from "node:fs"
import { delimiter, join } from "node:path"
import { type Browser, type BrowserContextOptions, type Page, chromium as playwright } from "playwright-core"
import { PipelineError } from "../../dagger/lib/errors.js"

/** The names that Chromium's packages give it; a headless one prints and paints the same. */
export const names = [
  "chromium",
  "chromium-headless-shell",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
]

/** The Chromium of this machine. @throws PipelineError when it has none. */
export function executable(): string {
  const folders = (process.env.PATH ?? "").split(delimiter)
  const found = names.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path))
  if (found) return found
  throw new PipelineError("There is no Chromium on this machine.", {
    why: `none of ${names.join(", ")} is on PATH, and no browser is downloaded`,
    next: "run .ci/test, which installs one with apt, or install one yourself",
  })
}

/** One browser for many pages; it ends with the process, or with `close`. */
export const chromium = (): Promise<Browser> => playwright.launch({ executablePath: executable() })

/** A page as it is opened from a folder, and all that the browser had to say about it. */
export async function opened(
  browser: Browser,
  html: string,
  options: BrowserContextOptions = {},
): Promise<{ page: Page; complaints: string[]; [Symbol.asyncDispose](): Promise<void> }> {
  const context = await browser.newContext({ viewport: { width: 1000, height: 800 }, ...options })
  const page = await context.newPage()
  const complaints: string[] = []
  const address = "http://report.localhost/"
  page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`))
  page.on("pageerror", (error) => complaints.push(error.message))
  await context.route("**/*", (route) => {
    if (route.request().url() === address) return route.fulfill({ body: html, contentType: "text/html" })
    // A browser asks for the icon of each site by itself.
    if (!route.request().url().endsWith("/favicon.ico")) complaints.push(`asks for ${route.request().url()}`)
    return route.abort()
  })
  await page.goto(address)
  return { page, complaints, [Symbol.asyncDispose]: () => context.close() }
}
