// Run by .ci/pictures. Takes the pictures of README and docs from what the last rehearsal left.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Page } from "playwright-core"
import { PipelineError } from "../../dagger/lib/errors.js"
import type { SlackMessage } from "../../dagger/lib/notifications/slack-message.js"
import { chromium, opened } from "./chromium.js"
import { slackPage } from "./slack-page.js"

const top = join(import.meta.dirname, "../..")
const reports = join(top, "reports/rehearsal")
const pictures = join(top, "docs/pictures")
/** Above it a page of docs loads slowly on a phone. */
const mostBytes = 150_000

interface Picture {
  name: string
  html: string
  /** In pixels of a page. */
  width: number
  /** What is shown of the page; a selector, all of it when left out. */
  part?: string
  /** Only so many of its parts from the top. */
  parts?: number
}

const read = (path: string) => {
  if (existsSync(join(reports, path))) return readFileSync(join(reports, path), "utf8")
  throw new PipelineError(`The rehearsal left no ${path}.`, {
    why: "the pictures are taken from what it leaves in reports/rehearsal",
    next: "run .ci/rehearse, then this again",
  })
}

function wanted(): Picture[] {
  read("messages.json")
  const broken = readdirSync(join(reports, "deployments")).find((name) => name.includes("broken-candidate")) ?? ""
  const message = (JSON.parse(read("messages.json")) as SlackMessage[]).find(({ text }) => text.includes("rolled back"))
  const deployment = read(`deployments/${broken}`)
  const slack = message ? slackPage(message) : read("messages.json of a version that was rolled back")
  const [wide, phone] = [1000, 375]
  return [
    { name: "rehearsal", html: read("timeline.html"), width: wide, part: "figure" },
    { name: "deployment", html: deployment, width: wide },
    { name: "deployment-phone", html: deployment, width: phone },
    { name: "slack", html: slack, width: 720, part: "article" },
    { name: "slack-phone", html: slack, width: phone, part: "article" },
    { name: "dashboard", html: read("metrics/index.html"), width: wide, parts: 4 },
  ]
}

/** WebP, finer than the page, so that letters stay sharp on a fine screen. */
async function taken(page: Page, { part = "body", parts = 0 }: Picture): Promise<Buffer> {
  if (parts > 0)
    await page.evaluate((parts) => {
      for (const one of [...(document.querySelector("main")?.children ?? [])].slice(parts)) one.remove()
    }, parts)
  const box = await page.locator(part).first().boundingBox()
  if (!box) throw new Error(`there is no ${part}`)
  const session = await page.context().newCDPSession(page)
  const clip = { x: box.x, y: box.y, width: Math.ceil(box.width), height: Math.ceil(box.height), scale: 1.5 }
  const { data } = await session.send("Page.captureScreenshot", {
    ...{ format: "webp", quality: 80, captureBeyondViewport: true, clip },
  })
  return Buffer.from(data, "base64")
}

mkdirSync(pictures, { recursive: true })
const browser = await chromium()
try {
  for (const picture of wanted())
    for (const colorScheme of ["light", "dark"] as const) {
      const viewport = { width: picture.width, height: 800 }
      await using shown = await opened(browser, picture.html, { colorScheme, viewport })
      const image = await taken(shown.page, picture)
      const file = `${picture.name}-${colorScheme}.webp`
      if (image.length > mostBytes) throw new Error(`${file} has ${image.length} bytes, more than ${mostBytes}`)
      writeFileSync(join(pictures, file), image)
      console.log(`docs/pictures/${file}  ${Math.ceil(image.length / 1000)} KB`)
    }
} finally {
  await browser.close()
}
