// Describes a module from its sources, with the TypeScript compiler.

import { toPlain } from "./description.js"
import { scan } from "./node_modules/@dagger.io/dagger/dist/src/module/introspector/index.js"

export async function describe(files: string[], name: string): Promise<string> {
  return JSON.stringify(toPlain(await scan(files, name, false)))
}
