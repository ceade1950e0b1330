import { dag } from "@dagger.io/dagger"
import { addressIn } from "../settings/module-call.js"

/** The name under which the caller's project uses this module; its own where it is called by its address. */
export const ownName = (): Promise<string> => dag.currentModule().name()

/** In one question: the library would ask for each of the engine's own types. */
const question = "{ currentModule { name } currentTypeDefs { asObject { sourceModuleName sourceMap { url } } } }"
interface Answer {
  currentModule: { name: string }
  currentTypeDefs: { asObject: { sourceModuleName: string; sourceMap: { url: string } | null } | null }[]
}

/** Where this module came from, with its commit, as `-m` takes it; "" for a folder of the caller's machine. */
export async function ownAddress(): Promise<string> {
  const { currentModule, currentTypeDefs } = await dag.getGQLClient().request<Answer>(question)
  const own = currentTypeDefs.flatMap(({ asObject }) =>
    asObject?.sourceModuleName === currentModule.name ? (asObject.sourceMap?.url ?? "") : [],
  )
  const address = addressIn(own.find(Boolean) ?? "")
  // The engine shows every server as https, also one that answers without TLS alone.
  const open = address.replace(/^https:/, "http:")
  return open === address || (await answers(address)) || !(await answers(open)) ? address : open
}

/** Whether Git gets an answer at an address with a version. */
const answers = (address: string): Promise<boolean> =>
  dag
    .git(address.replace(/@[^@]*$/, ""))
    .head()
    .commit()
    .then(
      () => true,
      () => false,
    )
