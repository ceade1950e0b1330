// Usage: describe.mjs MODULE-FOLDER NAME OUTPUT-FILE
// Writes down what the library reads from a module's TypeScript sources.
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe } from "./library-describe.mjs"
import { sourceFiles } from "./sources.mjs"

const [root, name, output] = process.argv.slice(2)
writeFileSync(output, await describe([...sourceFiles(join(root, "src")), join(root, "sdk/client.gen.ts")], name))
