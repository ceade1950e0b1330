import { readingMinutes } from "./src/reading-time.js"

export default function (site) {
  site.addFilter("minutes", readingMinutes)
  return { dir: { input: "pages", output: "_site" } }
}
