import { mkdirSync, writeFileSync } from "node:fs"
import { page } from "./src/page.js"

mkdirSync("public", { recursive: true })
writeFileSync("public/index.html", page("Portal"))
