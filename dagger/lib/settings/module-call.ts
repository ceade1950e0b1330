import { word } from "../text/wording.js"

/** What people type before the functions of a module that their project uses as it is. */
export const ownCall = "dagger call"

/** The name under which init writes this module into dagger.json. */
export const moduleName = "delivery"

/**
 * What people type before a function in a project: beside a module of their own this one is a toolchain, which Dagger calls by its name.
 * @param manifest text of the project's dagger.json; "" for none, or for one that is not JSON.
 * @param own name under which the project uses this module; the module's own where it is called by its address.
 * @returns `undefined` where the manifest does not name it: then it is called by its address.
 */
export function callIn(manifest: string, own: string): string | undefined {
  const { name, sdk, blueprint, toolchains } = parsed(manifest)
  if ((name === own && sdk) || (blueprint as Named)?.name === own) return ownCall
  const isToolchain = Array.isArray(toolchains) && toolchains.some((one: Named) => one?.name === own)
  return isToolchain ? `${ownCall} ${own}` : undefined
}

/** What people type where nothing names the module. @param address with a version; "" for one that nobody knows. */
export const callAt = (address: string) => `${ownCall} -m ${word(address || "ADDRESS")}`

/** The address of a module, as `-m` takes it, from where a file of it is shown to people; "" where that tells none. */
export function addressIn(url: string): string {
  const [, host = "", path = "", commit = ""] =
    /^https:\/\/([^/]+)\/(.+?)\/(?:-\/)?(?:blob|tree|src)\/([0-9a-f]{40})\//.exec(url) ?? []
  if (!commit) return ""
  return host === "github.com" ? `${host}/${path}@${commit}` : `https://${host}/${path}.git@${commit}`
}

type Named = { name?: unknown } | null | undefined

function parsed(text: string): Record<string, unknown> {
  try {
    return (JSON.parse(text.replace(/^\uFEFF/, "")) as Record<string, unknown> | null) ?? {}
  } catch {
    // Dagger itself says what is wrong with it.
    return {}
  }
}
