// Run by .ci/reference. Writes the reference pages and the JSON schema of the settings from the code.
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { reference } from "./pages/reference.js"

const top = join(import.meta.dirname, "..")
for (const [path, text] of Object.entries(await reference())) writeFileSync(join(top, path), text)
