// Usage: register.mjs DESCRIPTION-FILE OUTPUT-FILE
// Tells the engine of a module's types.
import { readFileSync } from "node:fs"
import { register } from "./library/core.js"

const [description, output] = process.argv.slice(2)
await register(JSON.parse(readFileSync(description, "utf8")), output)
