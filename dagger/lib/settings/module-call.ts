/** What people type before the functions of a module that their project uses as it is. */
export const ownCall = "dagger call"

/** The name under which init writes this module into dagger.json. */
export const moduleName = "delivery"

/**
 * What people type before a function in a project: beside a module of their own this one is a toolchain, which Dagger calls by its name.
 * @param manifest text of the project's dagger.json; "" for none, or for one that is not JSON.
 */
export function callIn(manifest: string): string {
  const { name, sdk, blueprint, toolchains } = parsed(manifest)
  const isFirst = (name === moduleName && sdk) || (blueprint as Named)?.name === moduleName
  const isToolchain = Array.isArray(toolchains) && toolchains.some((one: Named) => one?.name === moduleName)
  return isToolchain && !isFirst ? `${ownCall} ${moduleName}` : ownCall
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
