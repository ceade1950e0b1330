import { errorsPage } from "./errors.js"
import { functionsPage } from "./functions.js"
import { type Module, moduleFromSource } from "./module.js"
import { settingsPage, settingsSchema } from "./settings.js"

const folder = "docs/deployment/reference"

/** Each file that is made from the code, by its path from the root of the repository. */
export async function reference(module?: Module): Promise<Record<string, string>> {
  return {
    [`${folder}/functions.md`]: functionsPage(module ?? (await moduleFromSource())),
    [`${folder}/settings.md`]: settingsPage(),
    [`${folder}/errors.md`]: errorsPage(),
    [`${folder}/delivery.schema.json`]: `${JSON.stringify(settingsSchema(), null, 2)}\n`,
  }
}
